/** Addresses, times and coding schemes. */
import { bare, delivered, deliverRecord, type Vector } from './vector.ts';
import { address, alphanumeric, ascii, deliver, hex, type Octets, smsc, time } from './writer.ts';

const HI = { septets: ascii('Hi') };

export function addressVectors(): Vector[] {
  const vectors: Vector[] = [
    {
      name: 'published: hellohello, with SMSC, subscriber number, 1999',
      clause: '23.040 9.2.2.1',
      pdu: '07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37',
      record: deliverRecord({
        smsc: '+27381000015',
        from: '27838890001',
        from_type: 'subscriber',
        text: 'hellohello',
        timestamp: '1999-03-29T15:16:59+02:00',
      }),
    },
  ];

  // 9.1.2.5: type of number in bits 6 to 4, numbering plan in bits 3 to 0. Only the international one gets a plus.
  const types = ['unknown', 'international', 'national', 'network', 'subscriber', null, 'abbreviated', 'reserved'];
  types.forEach((type, number) => {
    if (type === null) return;
    for (const plan of [0, 1, 8, 9]) {
      vectors.push(
        delivered(
          `TP-OA ${type}, numbering plan ${plan}`,
          '23.040 9.1.2.5',
          { oa: address(0x80 + number * 16 + plan, '48291'), ...HI },
          { from: type === 'international' ? '+48291' : '48291', from_type: type, text: 'Hi' },
        ),
      );
    }
  });
  for (let length = 0; length <= 20; length++) {
    const digits = '90123456781234567890'.slice(0, length);
    vectors.push(
      delivered(
        `TP-OA of ${length} digits`,
        '23.040 9.1.2.5, 9.1.2.3',
        { oa: address(0x81, digits), ...HI },
        { from: digits, from_type: 'unknown', text: 'Hi' },
      ),
    );
  }
  for (const digit of '*#abc') {
    vectors.push(
      delivered(
        `TP-OA with the digit ${digit}`,
        '23.040 9.1.2.3',
        { oa: address(0x81, `1${digit}2`), ...HI },
        { from: `1${digit}2`, from_type: 'unknown', text: 'Hi' },
      ),
    );
  }
  vectors.push(
    delivered(
      'TP-OA of all special digits',
      '23.040 9.1.2.3',
      { oa: address(0x81, '*100#abc'), ...HI },
      { from: '*100#abc', from_type: 'unknown', text: 'Hi' },
    ),
    delivered(
      'TP-OA international without a digit has no plus',
      '23.040 9.1.2.5',
      { oa: address(0x91, ''), ...HI },
      { from: '', from_type: 'international', text: 'Hi' },
    ),
    delivered(
      'TP-OA whose length counts the filler as well',
      '23.040 9.1.2.3',
      { oa: [4, 0x81, 0x21, 0xf3], ...HI },
      { from: '123', from_type: 'unknown', text: 'Hi' },
    ),
    delivered(
      'TP-OA with an odd digit and no filler behind it',
      '23.040 9.1.2.3',
      { oa: [3, 0x81, 0x21, 0x43], ...HI },
      { from: '123', from_type: 'unknown', text: 'Hi' },
    ),
    delivered(
      'TP-OA whose type of address has bit 7 clear',
      '23.040 9.1.2.5',
      { oa: [3, 0x11, 0x21, 0xf3], ...HI },
      { from: '+123', from_type: 'international', text: 'Hi' },
    ),
  );

  // 9.1.2.5: alphanumeric lengths count the semi-octets that the septets need: 2, 4, 6, 7, 9, 11, 13, 14, 16, 18, 20.
  const lengths = [0, 2, 4, 6, 7, 9, 11, 13, 14, 16, 18, 20];
  lengths.forEach((semi, count) => {
    const name = 'Facebook Me'.slice(0, count);
    vectors.push(
      delivered(
        `TP-OA alphanumeric of ${count} characters, ${semi} semi-octets`,
        '23.040 9.1.2.5',
        { oa: alphanumeric(ascii(name), semi), ...HI },
        { from: name, from_type: 'alphanumeric', text: 'Hi' },
      ),
    );
  });
  // Some centres round the length up to whole octets; no septet fits into what that adds, but for seven characters.
  for (const [name, semi] of [
    ['Bank', 8],
    ['Banks', 10],
    ['Google', 12],
    ['Booking', 13],
  ] as const) {
    vectors.push(
      delivered(
        `TP-OA alphanumeric, ${name} in ${semi} semi-octets`,
        '23.040 9.1.2.5',
        { oa: alphanumeric(ascii(name), semi), ...HI },
        { from: name, from_type: 'alphanumeric', text: 'Hi' },
      ),
    );
  }
  for (const semi of [1, 3, 5]) {
    vectors.push(
      delivered(
        `TP-OA alphanumeric, ${semi} semi-octets hold ${semi >> 1} characters`,
        '23.040 9.1.2.5',
        { oa: alphanumeric(ascii('ABC').slice(0, (semi + 1) >> 1), semi), ...HI },
        { from: 'ABC'.slice(0, semi >> 1), from_type: 'alphanumeric', text: 'Hi' },
      ),
    );
  }
  vectors.push(
    delivered(
      'TP-OA alphanumeric with an extension character',
      '23.038 6.2.1.1',
      { oa: alphanumeric([0x1b, 0x65, 0x31]), ...HI },
      { from: '€1', from_type: 'alphanumeric', text: 'Hi' },
    ),
    delivered(
      'TP-OA alphanumeric that ends in the commercial at',
      '23.038 6.2.1',
      { oa: alphanumeric([...ascii('7chars'), 0x00]), ...HI },
      { from: '7chars@', from_type: 'alphanumeric', text: 'Hi' },
    ),
    delivered(
      'TP-OA alphanumeric, 8 characters fill 14 semi-octets',
      '23.040 9.1.2.5',
      { oa: alphanumeric(ascii('EightChr')), ...HI },
      { from: 'EightChr', from_type: 'alphanumeric', text: 'Hi' },
    ),
    delivered(
      'TP-OA alphanumeric with letters beyond ASCII',
      '23.038 6.2.1',
      { oa: alphanumeric([0x5b, 0x5c, 0x5e, 0x7b, 0x7c, 0x7e]), ...HI },
      { from: 'ÄÖÜäöü', from_type: 'alphanumeric', text: 'Hi' },
    ),
  );

  const smscs: [name: string, octets: Octets, value: string | null][] = [
    ['none', [0], null],
    ['international, 11 digits', smsc(0x91, '12025550199'), '+12025550199'],
    ['international, 12 digits', smsc(0x91, '491710760000'), '+491710760000'],
    ['unknown', smsc(0x81, '0171076'), '0171076'],
    ['national', smsc(0xa1, '1710760000'), '1710760000'],
    ['of 20 digits', smsc(0x91, '12345678901234567890'), '+12345678901234567890'],
    ['without a digit', [1, 0x91], ''],
  ];
  for (const [name, octets, value] of smscs) {
    vectors.push({
      name: `SMSC ${name}`,
      clause: '27.005 3.1, 24.011 8.2.5.1',
      pdu: hex(...octets, ...deliver(HI)),
      record: deliverRecord({ smsc: value, text: 'Hi' }),
    });
  }
  vectors.push({
    name: 'hex in lower case',
    clause: '27.005 3.1',
    pdu: hex(0, ...deliver({ septets: ascii('Lower case') })).toLowerCase(),
    record: deliverRecord({ text: 'Lower case' }),
  });

  // 9.2.3.1 and 9.2.3.2 to 9.2.3.17: flags beside TP-MTI leave the message as it is.
  const flags: [number, string][] = [
    [0x00, 'more messages are waiting'],
    [0x0c, 'loop prevention'],
    [0x24, 'status report indication'],
    [0x84, 'reply path'],
    [0xac, 'all of them'],
    [0x07, 'reserved TP-MTI: processed as an SMS-DELIVER'],
    [0x14, 'an unused bit'],
  ];
  for (const [first, name] of flags) {
    vectors.push(delivered(`first octet: ${name}`, '23.040 9.2.2.1, 9.2.3.1', { first, ...HI }, { text: 'Hi' }));
  }
  for (const pid of [0x00, 0x20, 0x39, 0x41, 0x5f, 0x7f, 0xc8, 0xff]) {
    vectors.push(delivered(`TP-PID ${pid}`, '23.040 9.2.3.9', { pid, ...HI }, { pid, text: 'Hi' }));
  }
  return vectors;
}

export function timeVectors(): Vector[] {
  const clause = '23.040 9.2.3.11';
  const times: [name: string, octets: Octets, timestamp: string | null][] = [
    ['UTC', time('261121063001', 0), '2026-11-21T06:30:01+00:00'],
    ['UTC with the sign bit set', [...time('261121063001', 0).slice(0, 6), 0x08], '2026-11-21T06:30:01+00:00'],
    ['+01:00', time('261121073001', 4), '2026-11-21T07:30:01+01:00'],
    ['+05:30', time('261121120001', 22), '2026-11-21T12:00:01+05:30'],
    ['+05:45', time('261121121501', 23), '2026-11-21T12:15:01+05:45'],
    ['+12:45', time('261121191501', 51), '2026-11-21T19:15:01+12:45'],
    ['+14:00', time('261121203001', 56), '2026-11-21T20:30:01+14:00'],
    ['-00:15', time('261121061501', -1), '2026-11-21T06:15:01-00:15'],
    ['-03:30', time('261121030001', -14), '2026-11-21T03:00:01-03:30'],
    ['-05:00', time('261121013001', -20), '2026-11-21T01:30:01-05:00'],
    ['-08:00', time('261120223001', -32), '2026-11-20T22:30:01-08:00'],
    ['-12:00', time('261120183001', -48), '2026-11-20T18:30:01-12:00'],
    ['the largest zone', time('261121000000', 79), '2026-11-21T00:00:00+19:45'],
    ['the smallest zone', time('261121000000', -79), '2026-11-21T00:00:00-19:45'],
    ['midnight', time('260101000000', 0), '2026-01-01T00:00:00+00:00'],
    ['the last second of a year', time('261231235959', 0), '2026-12-31T23:59:59+00:00'],
    ['a leap day', time('240229120000', 0), '2024-02-29T12:00:00+00:00'],
    ['the leap day of 2000', time('000229120000', 0), '2000-02-29T12:00:00+00:00'],
    ['the last year of this century that can be said', time('890101000000', 0), '2089-01-01T00:00:00+00:00'],
    ['a year of the last century', time('930101000000', 0), '1993-01-01T00:00:00+00:00'],
    ['a leap day that was none', time('260229120000', 0), null],
    ['30 February', time('240230120000', 0), null],
    ['31 April', time('260431120000', 0), null],
    ['31 June', time('260631120000', 0), null],
    ['31 September', time('260931120000', 0), null],
    ['31 November', time('261131120000', 0), null],
    ['day 0', time('261100120000', 0), null],
    ['day 32', time('261232120000', 0), null],
    ['month 0', time('260021120000', 0), null],
    ['month 13', time('261321120000', 0), null],
    ['hour 24', time('261121240000', 0), null],
    ['minute 60', time('261121126000', 0), null],
    ['second 60', time('261121120060', 0), null],
    ['all zeros', [0, 0, 0, 0, 0, 0, 0], null],
    ['all ones', [255, 255, 255, 255, 255, 255, 255], null],
  ];
  const names = ['year', 'month', 'day', 'hour', 'minute', 'second', 'zone'];
  const good = time('261121073001', 4);
  names.forEach((name, index) => {
    const tens = [...good];
    tens[index] = ((tens[index] as number) & 0xf0) | (index === 6 ? 0x00 : 0x0a);
    if (index !== 6) times.push([`${name} with a first semi-octet that is no digit`, tens, null]);
    const units = [...good];
    units[index] = ((units[index] as number) & 0x0f) | 0xb0;
    times.push([`${name} with a second semi-octet that is no digit`, units, null]);
  });
  return times.map(([name, scts, timestamp]) =>
    delivered(`TP-SCTS ${name}`, clause, { scts, ...HI }, { timestamp, text: 'Hi' }),
  );
}

export function schemeVectors(): Vector[] {
  const clause = '23.038 4';
  const data = { octets: [0xde, 0xad, 0xbe, 0xef] };
  const classes = [0, 1, 2, 3].flatMap((number) => [
    delivered(`class ${number}, GSM 7-bit`, clause, { dcs: 0x10 + number, ...HI }, { dcs: 0x10 + number, class: number, text: 'Hi' }),
    delivered(
      `class ${number}, 8-bit data, in the class group`,
      clause,
      { dcs: 0xf4 + number, ...data },
      { dcs: 0xf4 + number, class: number, encoding: '8bit', data_hex: 'DEADBEEF' },
    ),
    delivered(
      `class ${number}, UCS-2`,
      clause,
      { dcs: 0x18 + number, octets: [0x04, 0x16] },
      { dcs: 0x18 + number, class: number, encoding: 'ucs2', text: 'Ж' },
    ),
  ]);
  return [
    ...classes,
    delivered(
      'compressed GSM 7-bit: octets, never text',
      '23.038 4, 23.040 9.2.3.16',
      { dcs: 0x20, ...data },
      { dcs: 0x20, compressed: true, data_hex: 'DEADBEEF' },
    ),
    delivered(
      'compressed UCS-2',
      clause,
      { dcs: 0x28, ...data },
      { dcs: 0x28, compressed: true, encoding: 'ucs2', data_hex: 'DEADBEEF' },
    ),
    delivered(
      'compressed with a header and a class',
      '23.038 4, 23.040 9.2.3.24',
      { dcs: 0x31, udh: [0x00, 3, 9, 2, 1], ...data },
      {
        dcs: 0x31,
        class: 1,
        compressed: true,
        concat: { ref: 9, total: 2, seq: 1, bits: 8 },
        udh: '0003090201',
        data_hex: 'DEADBEEF',
      },
    ),
    delivered('automatic deletion, GSM 7-bit', clause, { dcs: 0x40, ...HI }, { dcs: 0x40, text: 'Hi' }),
    delivered(
      'automatic deletion, class 2, UCS-2',
      clause,
      { dcs: 0x5a, octets: [0x20, 0xac] },
      { dcs: 0x5a, class: 2, encoding: 'ucs2', text: '€' },
    ),
    delivered('a reserved alphabet is GSM 7-bit', clause, { dcs: 0x0c, ...HI }, { dcs: 0x0c, text: 'Hi' }),
    ...[0x80, 0x94, 0xa8, 0xbf].map((dcs) =>
      delivered(`reserved group 0x${dcs.toString(16)} is GSM 7-bit`, clause, { dcs, ...HI }, { dcs, text: 'Hi' }),
    ),
    bare(
      'class group with the reserved bit 3 set',
      clause,
      deliver({ dcs: 0xf9, ...HI }),
      deliverRecord({ dcs: 0xf9, class: 1, text: 'Hi' }),
    ),
  ];
}
