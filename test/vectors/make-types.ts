/** SMS-STATUS-REPORT and SMS-SUBMIT. */
import { reported, submitted, type Vector } from './vector.ts';
import { address, alphanumeric, ascii, hex, type Octets, time, userData, utf16 } from './writer.ts';

const HI = { septets: ascii('Hi') };

export function reportVectors(): Vector[] {
  const vectors: Vector[] = [];
  // 9.2.3.15: completed, still trying, failed for good, failed and given up, reserved.
  for (const st of [0x00, 0x01, 0x02, 0x10, 0x20, 0x25, 0x30, 0x40, 0x46, 0x49, 0x50, 0x60, 0x65, 0x70, 0x7f, 0x80, 0xff]) {
    vectors.push(reported(`TP-ST 0x${hex(st)}`, '23.040 9.2.3.15', { st }, { status: st }));
  }
  vectors.push(
    reported(
      'its own times: accepted, and delivered in another zone',
      '23.040 9.2.2.3, 9.2.3.13',
      { mr: 0x2a, scts: time('261121073001', 4), dt: time('261121013105', -20) },
      { ref: 42, timestamp: '2026-11-21T07:30:01+01:00', discharge: '2026-11-21T01:31:05-05:00' },
    ),
    reported(
      'an impossible discharge time',
      '23.040 9.2.3.13',
      { mr: 255, dt: [0, 0, 0, 0, 0, 0, 0] },
      { ref: 255, discharge: null },
    ),
    reported('impossible times', '23.040 9.2.3.11', { scts: Array(7).fill(0xff), dt: Array(7).fill(0xff) }, { timestamp: null, discharge: null }),
    reported('national recipient', '23.040 9.2.2.3', { ra: address(0xa1, '2025550143') }, { from: '2025550143', from_type: 'national' }),
    reported('a short code as the recipient', '23.040 9.2.2.3', { ra: address(0x81, '4829') }, { from: '4829', from_type: 'unknown' }),
    reported('of an SMS-COMMAND, more messages waiting', '23.040 9.2.3.26', { first: 0x22 }, {}),
    reported('loop prevention', '23.040 9.2.3.28', { first: 0x0e }, {}),
  );
  const optional: [name: string, first: number, octets: Octets, fields: object][] = [
    ['an empty indicator', 0x06, [0x00], {}],
    ['TP-PID', 0x06, [0x01, 0x41], { pid: 0x41 }],
    ['TP-DCS', 0x06, [0x02, 0x08], { dcs: 8, encoding: 'ucs2' }],
    ['TP-PID and TP-DCS', 0x06, [0x03, 0x00, 0x00], { pid: 0, dcs: 0, encoding: 'gsm7' }],
    ['a text without TP-DCS is in the default alphabet', 0x06, [0x04, ...userData({ septets: ascii('Seen') })], { text: 'Seen' }],
    ['all of them', 0x06, [0x07, 0x00, 0x08, ...userData({ octets: utf16('Да') })], { pid: 0, dcs: 8, encoding: 'ucs2', text: 'Да' }],
    ['8-bit data', 0x06, [0x07, 0x00, 0x04, ...userData({ octets: [1, 2] })], { pid: 0, dcs: 4, encoding: '8bit', text: undefined, data_hex: '0102' }],
    ['a header', 0x46, [0x07, 0x00, 0x00, ...userData({ udh: [0x6f, 1, 9], septets: ascii('Hi') })], { pid: 0, dcs: 0, encoding: 'gsm7', text: 'Hi', udh: '6F0109' }],
    ['a second indicator octet', 0x06, [0x81, 0x00, 0x41], { pid: 0x41 }],
    ['reserved bits: what follows is discarded', 0x06, [0x09, 0x41, 0xca, 0xfe], { pid: 0x41 }],
    ['reserved bits and a text: what follows is discarded', 0x06, [0x0c, ...userData({ septets: ascii('Hi') }), 0xca, 0xfe], { text: 'Hi' }],
    ['TP-PID that is not there', 0x06, [0x01], { partial: true }],
    ['a text that is cut short', 0x06, [0x04, 5, 0xc8, 0x34], { text: 'Hi', partial: true }],
    ['surplus octets', 0x06, [0x00, 0xca], { partial: true }],
    ['padding of ones', 0x06, [0xff, 0xff, 0xff, 0xff], { partial: true }],
  ];
  for (const [name, first, octets, fields] of optional) {
    vectors.push(reported(`optional fields: ${name}`, '23.040 9.2.3.27', { first, optional: octets }, { ...fields }));
  }
  return vectors;
}

export function submitVectors(): Vector[] {
  const vectors: Vector[] = [
    {
      name: 'published: hellohello, relative validity of four days',
      clause: '23.040 9.2.2.2',
      pdu: '0011000B916407281553F80000AA0AE8329BFD4697D9EC37',
      record: {
        ...(submitted('', '', {}, {}).record as object),
        from: '+46708251358',
        text: 'hellohello',
        validity: { format: 'relative', seconds: 4 * 24 * 3600 },
      },
    },
  ];
  // 9.2.3.12.1: (n+1) x 5 min, 12 h + (n-143) x 30 min, (n-166) days, (n-192) weeks.
  const relative: [value: number, minutes: number][] = [
    [0, 5],
    [1, 10],
    [143, 12 * 60],
    [144, 12 * 60 + 30],
    [167, 24 * 60],
    [168, 2 * 24 * 60],
    [196, 30 * 24 * 60],
    [197, 5 * 7 * 24 * 60],
    [255, 63 * 7 * 24 * 60],
  ];
  for (const [value, minutes] of relative) {
    vectors.push(
      submitted(
        `validity relative ${value}`,
        '23.040 9.2.3.12.1',
        { first: 0x11, vp: [value], ...HI },
        { validity: { format: 'relative', seconds: 60 * minutes }, text: 'Hi' },
      ),
    );
  }
  vectors.push(
    submitted(
      'validity absolute',
      '23.040 9.2.3.12.2',
      { first: 0x19, vp: time('261122073001', -32), ...HI },
      { validity: { format: 'absolute', until: '2026-11-22T07:30:01-08:00' }, text: 'Hi' },
    ),
    submitted(
      'validity absolute, impossible',
      '23.040 9.2.3.12.2',
      { first: 0x19, vp: Array(7).fill(0), ...HI },
      { validity: { format: 'absolute', until: null }, text: 'Hi' },
    ),
  );
  const enhanced: [name: string, vp: Octets, seconds: number | null, singleShot: boolean][] = [
    ['no period', [0x00, 0, 0, 0, 0, 0, 0], null, false],
    ['no period, single shot', [0x40, 0, 0, 0, 0, 0, 0], null, true],
    ['relative', [0x01, 143, 0, 0, 0, 0, 0], 12 * 3600, false],
    ['seconds', [0x02, 90, 0, 0, 0, 0, 0], 90, false],
    ['zero seconds are reserved', [0x02, 0, 0, 0, 0, 0, 0], null, false],
    ['hours, minutes, seconds', [0x43, 0x21, 0x43, 0x65, 0, 0, 0], 12 * 3600 + 34 * 60 + 56, true],
    ['hours that are no digits', [0x03, 0xaa, 0, 0, 0, 0, 0], null, false],
    ['a reserved format', [0x07, 1, 2, 3, 0, 0, 0], null, false],
  ];
  for (const [name, vp, seconds, singleShot] of enhanced) {
    vectors.push(
      submitted(
        `validity enhanced: ${name}`,
        '23.040 9.2.3.12.3',
        { first: 0x09, vp, ...HI },
        { validity: { format: 'enhanced', seconds, single_shot: singleShot }, text: 'Hi' },
      ),
    );
  }
  vectors.push(
    submitted('no validity period', '23.040 9.2.2.2', HI, { text: 'Hi' }),
    submitted('message reference', '23.040 9.2.3.6', { mr: 0xff, ...HI }, { ref: 255, text: 'Hi' }),
    submitted('status report requested', '23.040 9.2.3.5', { first: 0x21, ...HI }, { text: 'Hi' }),
    submitted('reject duplicates and reply path', '23.040 9.2.3.25', { first: 0x85, ...HI }, { text: 'Hi' }),
    submitted('to a service number', '23.040 9.1.2.5', { da: address(0x81, '*100#'), ...HI }, { from: '*100#', from_type: 'unknown', text: 'Hi' }),
    submitted('to a name', '23.040 9.1.2.5', { da: alphanumeric(ascii('INFO')), ...HI }, { from: 'INFO', from_type: 'alphanumeric', text: 'Hi' }),
    submitted('UCS-2', '23.038 6.2.3', { dcs: 0x08, octets: utf16('Да 😀') }, { dcs: 8, encoding: 'ucs2', text: 'Да 😀' }),
    submitted(
      'concatenated',
      '23.040 9.2.3.24.1',
      { udh: [0x00, 3, 1, 2, 2], ...HI },
      { concat: { ref: 1, total: 2, seq: 2, bits: 8 }, udh: '0003010202', text: 'Hi' },
    ),
    submitted(
      '8-bit data to a port',
      '23.040 9.2.3.24.4',
      { dcs: 0xf5, udh: [0x05, 4, 0x15, 0x8a, 0, 0], octets: [0xff, 0x00] },
      { dcs: 0xf5, class: 1, encoding: '8bit', ports: { dst: 5514, src: 0, bits: 16 }, udh: '0504158A0000', data_hex: 'FF00' },
    ),
    submitted('Turkish', '23.038 A.3.1', { udh: [0x25, 1, 1], septets: [0x0b] }, { udh: '250101', text: 'Ğ' }),
  );
  return vectors;
}
