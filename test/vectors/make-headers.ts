/** The user data header: concatenation, ports, national languages, waiting indications, elements unknown. */
import { delivered, deliverRecord, type Vector } from './vector.ts';
import { address, ascii, deliver, hex, type Octets, utf16 } from './writer.ts';

const HI = { septets: ascii('Hi') };

export function headerVectors(): Vector[] {
  const vectors: Vector[] = [];
  // 9.2.3.24: the text begins at a septet boundary. Headers of 3 to 16 octets leave every number of fill bits.
  for (let length = 0; length <= 14; length++) {
    const udh = [0x70, length, ...Array(length).fill(0xff)];
    vectors.push(
      delivered(
        `fill bits behind a header of ${length + 3} octets`,
        '23.040 9.2.3.24',
        { udh, septets: ascii('Fill bits 1234') },
        { text: 'Fill bits 1234', udh: hex(...udh) },
      ),
    );
  }

  const concats: [name: string, udh: Octets, concat: object | null][] = [
    ['8 bit, first of two', [0x00, 3, 0x2a, 2, 1], { ref: 42, total: 2, seq: 1, bits: 8 }],
    ['8 bit, last of 255', [0x00, 3, 0xff, 255, 255], { ref: 255, total: 255, seq: 255, bits: 8 }],
    ['8 bit, one of one', [0x00, 3, 0x00, 1, 1], { ref: 0, total: 1, seq: 1, bits: 8 }],
    ['16 bit', [0x08, 4, 0x12, 0x34, 3, 2], { ref: 0x1234, total: 3, seq: 2, bits: 16 }],
    ['16 bit with a small reference is not the 8 bit one', [0x08, 4, 0, 42, 3, 2], { ref: 42, total: 3, seq: 2, bits: 16 }],
    ['total 0 is ignored', [0x00, 3, 1, 0, 1], null],
    ['number 0 is ignored', [0x00, 3, 1, 2, 0], null],
    ['a number beyond the total is ignored', [0x00, 3, 1, 2, 3], null],
    ['16 bit, total 0 is ignored', [0x08, 4, 0, 1, 0, 1], null],
    ['16 bit, number 0 is ignored', [0x08, 4, 0, 1, 2, 0], null],
    ['16 bit, a number beyond the total is ignored', [0x08, 4, 0, 1, 2, 3], null],
    ['an element of the wrong length is ignored', [0x00, 2, 1, 2], null],
    ['a 16 bit element of the wrong length is ignored', [0x08, 3, 1, 2, 1], null],
    ['repeated: the last counts', [0x00, 3, 1, 2, 1, 0x00, 3, 9, 4, 3], { ref: 9, total: 4, seq: 3, bits: 8 }],
    ['8 and 16 bit: the last counts', [0x00, 3, 1, 2, 1, 0x08, 4, 1, 9, 4, 3], { ref: 265, total: 4, seq: 3, bits: 16 }],
    ['16 and 8 bit: the last counts', [0x08, 4, 1, 9, 4, 3, 0x00, 3, 1, 2, 1], { ref: 1, total: 2, seq: 1, bits: 8 }],
    ['an invalid one behind a valid one is ignored', [0x00, 3, 1, 2, 1, 0x00, 3, 1, 2, 3], { ref: 1, total: 2, seq: 1, bits: 8 }],
  ];
  for (const [name, udh, concat] of concats) {
    vectors.push(
      delivered(
        `concatenation ${name}`,
        '23.040 9.2.3.24, 9.2.3.24.1, 9.2.3.24.8',
        { udh, ...HI },
        { concat, udh: hex(...udh), text: 'Hi' },
      ),
    );
  }
  vectors.push(
    delivered(
      'concatenation, 153 septets beside the header',
      '23.040 9.2.3.24.1',
      { udh: [0x00, 3, 5, 2, 1], septets: ascii('x'.repeat(153)) },
      { concat: { ref: 5, total: 2, seq: 1, bits: 8 }, udh: '0003050201', text: 'x'.repeat(153) },
    ),
    delivered(
      'concatenation, 152 septets beside the 16 bit header',
      '23.040 9.2.3.24.8',
      { udh: [0x08, 4, 0, 5, 2, 1], septets: ascii('x'.repeat(152)) },
      { concat: { ref: 5, total: 2, seq: 1, bits: 16 }, udh: '080400050201', text: 'x'.repeat(152) },
    ),
    delivered(
      'concatenation, 67 characters of UCS-2',
      '23.040 9.2.3.24.1',
      { dcs: 0x08, udh: [0x00, 3, 5, 2, 1], octets: utf16('Ж'.repeat(67)) },
      {
        dcs: 8,
        encoding: 'ucs2',
        concat: { ref: 5, total: 2, seq: 1, bits: 8 },
        udh: '0003050201',
        text: 'Ж'.repeat(67),
      },
    ),
    delivered(
      'concatenation, 66 characters of UCS-2 behind an odd header',
      '23.040 9.2.3.24.8',
      { dcs: 0x08, udh: [0x08, 4, 0, 5, 2, 1], octets: utf16('Ж'.repeat(66)) },
      {
        dcs: 8,
        encoding: 'ucs2',
        concat: { ref: 5, total: 2, seq: 1, bits: 16 },
        udh: '080400050201',
        text: 'Ж'.repeat(66),
      },
    ),
    delivered(
      'a part that ends in an escape, by itself',
      '23.038 6.2.1',
      { udh: [0x00, 3, 5, 2, 1], septets: [...ascii('5'), 0x1b] },
      { concat: { ref: 5, total: 2, seq: 1, bits: 8 }, udh: '0003050201', text: '5 ' },
    ),
    delivered(
      'a part that ends in half a surrogate pair, by itself',
      '23.038 6.2.3',
      { dcs: 0x08, udh: [0x00, 3, 5, 2, 1], octets: [0, 0x41, 0xd8, 0x3d] },
      { dcs: 8, encoding: 'ucs2', concat: { ref: 5, total: 2, seq: 1, bits: 8 }, udh: '0003050201', text: 'A\ufffd' },
    ),
  );

  const ports: [name: string, udh: Octets, port: object | null][] = [
    ['8 bit', [0x04, 2, 0xf0, 0xf1], { dst: 240, src: 241, bits: 8 }],
    ['16 bit', [0x05, 4, 0x0b, 0x84, 0x23, 0xf0], { dst: 2948, src: 9200, bits: 16 }],
    ['16 bit, the largest', [0x05, 4, 0xff, 0xff, 0xff, 0xff], { dst: 65535, src: 65535, bits: 16 }],
    ['of the wrong length', [0x05, 3, 1, 2, 3], null],
    ['8 bit of the wrong length', [0x04, 1, 1], null],
    ['8 and 16 bit: the last counts', [0x04, 2, 1, 2, 0x05, 4, 0, 3, 0, 4], { dst: 3, src: 4, bits: 16 }],
  ];
  for (const [name, udh, port] of ports) {
    vectors.push(
      delivered(
        `ports ${name}`,
        '23.040 9.2.3.24.3, 9.2.3.24.4',
        { dcs: 0x04, udh, octets: [0xab] },
        { dcs: 4, encoding: '8bit', ports: port, udh: hex(...udh), data_hex: 'AB' },
      ),
    );
  }
  vectors.push(
    delivered(
      'concatenation and ports together',
      '23.040 9.2.3.24',
      { dcs: 0xf5, udh: [0x05, 4, 0x0b, 0x84, 0x23, 0xf0, 0x00, 3, 7, 2, 2], octets: [1, 2] },
      {
        dcs: 0xf5,
        class: 1,
        encoding: '8bit',
        ports: { dst: 2948, src: 9200, bits: 16 },
        concat: { ref: 7, total: 2, seq: 2, bits: 8 },
        udh: '05040B8423F00003070202',
        data_hex: '0102',
      },
    ),
  );

  const others: [name: string, udh: Octets][] = [
    ['an empty header', []],
    ['an unknown element', [0x6f, 2, 0xca, 0xfe]],
    ['an element without data', [0x42, 0]],
    ['text formatting (EMS)', [0x0a, 3, 0, 2, 0x10]],
    ['an SMSC control parameter', [0x06, 1, 0x80]],
    ['a source indicator', [0x07, 1, 0x01]],
    ['a reply address', [0x22, 8, 0x0b, 0x91, 0x21, 0x20, 0x55, 0x05, 0x41, 0xf3]],
    ['several unknown elements', [0x6f, 1, 1, 0x70, 1, 2, 0x71, 0]],
    ['(U)SIM toolkit security headers', [0x70, 0]],
  ];
  for (const [name, udh] of others) {
    vectors.push(delivered(`header with ${name}`, '23.040 9.2.3.24', { udh, ...HI }, { udh: hex(...udh), text: 'Hi' }));
  }
  return vectors;
}

/** 23.038 Annex A: some letters of each table, as it has them. */
export function nationalVectors(): Vector[] {
  const vectors: Vector[] = [];
  const single: [language: number, name: string, septets: Octets, text: string][] = [
    [1, 'Turkish', [0x1b, 0x47, 0x1b, 0x49, 0x1b, 0x53, 0x1b, 0x63, 0x1b, 0x67, 0x1b, 0x69, 0x1b, 0x73], 'ĞİŞçğış'],
    [2, 'Spanish', [0x1b, 0x09, 0x1b, 0x41, 0x1b, 0x49, 0x1b, 0x4f, 0x1b, 0x55, 0x1b, 0x61, 0x1b, 0x69, 0x1b, 0x6f, 0x1b, 0x75], 'çÁÍÓÚáíóú'],
    [3, 'Portuguese', [0x1b, 0x05, 0x1b, 0x0b, 0x1b, 0x0e, 0x1b, 0x12, 0x1b, 0x15, 0x1b, 0x1f, 0x1b, 0x5b, 0x1b, 0x61, 0x1b, 0x7f], 'êÔÁΦΩÊÃÂâ'],
    [4, 'Bengali', [0x1b, 0x19, 0x1b, 0x1a, 0x1b, 0x1c, 0x1b, 0x23, 0x1b, 0x24, 0x1b, 0x2a, 0x1b, 0x34], '\u09e6\u09e7\u09e8\u09ef\u09df\u09e3\u09fa'],
    [5, 'Gujarati', [0x1b, 0x19, 0x1b, 0x1c, 0x1b, 0x25], '\u0964\u0ae6\u0aef'],
    [6, 'Hindi', [0x1b, 0x1a, 0x1b, 0x1c, 0x1b, 0x26, 0x1b, 0x2c, 0x1b, 0x34, 0x1b, 0x3a], '\u0965\u0966\u0951\u0958\u095f\u0971'],
    [7, 'Kannada', [0x1b, 0x1c, 0x1b, 0x26, 0x1b, 0x27, 0x1b, 0x2a], '\u0ce6\u0cde\u0cf1\u0cf2'],
    [8, 'Malayalam', [0x1b, 0x1c, 0x1b, 0x26, 0x1b, 0x2d, 0x1b, 0x2e, 0x1b, 0x30, 0x1b, 0x34], '\u0d66\u0d70\u0d75\u0d7a\u0d7b\u0d7f'],
    [9, 'Oriya', [0x1b, 0x1c, 0x1b, 0x26, 0x1b, 0x2a, 0x1b, 0x2c], '\u0b66\u0b5c\u0b5f\u0b71'],
    [10, 'Punjabi', [0x1b, 0x1c, 0x1b, 0x26, 0x1b, 0x2c, 0x1b, 0x2d], '\u0a66\u0a59\u0a5e\u0a75'],
    [11, 'Tamil', [0x1b, 0x1c, 0x1b, 0x24, 0x1b, 0x25, 0x1b, 0x26, 0x1b, 0x2e], '\u0be6\u0bee\u0bef\u0bf3\u0bfa'],
    [12, 'Telugu', [0x1b, 0x1c, 0x1b, 0x26, 0x1b, 0x2a, 0x1b, 0x30, 0x1b, 0x32], '\u0c66\u0c58\u0c78\u0c7d\u0c7f'],
    [13, 'Urdu', [0x1b, 0x19, 0x1b, 0x1c, 0x1b, 0x26, 0x1b, 0x34, 0x1b, 0x3b, 0x1b, 0x3f], '\u0600\u06f0\u060c\u0640\u06cd\u06d4'],
  ];
  for (const [language, name, septets, text] of single) {
    vectors.push(
      delivered(
        `single shift: ${name}`,
        `23.038 A.2.${language}, 23.040 9.2.3.24.15`,
        { udh: [0x24, 1, language], septets: [...septets, 0x41] },
        { udh: hex(0x24, 1, language), text: `${text}A` },
      ),
    );
  }
  const locking: [language: number, name: string, septets: Octets, text: string][] = [
    [1, 'Turkish', [0x04, 0x07, 0x0b, 0x0c, 0x1c, 0x1d, 0x40, 0x60], '€ıĞğŞşİç'],
    [3, 'Portuguese', [0x04, 0x06, 0x07, 0x09, 0x12, 0x15, 0x1a, 0x24, 0x40, 0x5b, 0x60, 0x7d], 'êúíçª∞|ºÍÃ~`'],
    [4, 'Bengali', [0x00, 0x13, 0x22, 0x3d, 0x46, 0x5f, 0x60, 0x7b, 0x7f], '\u0981\u0993\u099f\u09aa\u09b2\u09cd\u09ce\u09d7\u09f1'],
    [5, 'Gujarati', [0x00, 0x11, 0x27, 0x47, 0x57, 0x60, 0x7f], '\u0a81\u0a91\u0aa4\u0ab3\u0ac5\u0ad0\u0af1'],
    [6, 'Hindi', [0x00, 0x0c, 0x12, 0x3c, 0x48, 0x58, 0x60, 0x7b, 0x7f], '\u0901\u090d\u0912\u0929\u0934\u0946\u0950\u0972\u097f'],
    [7, 'Kannada', [0x01, 0x24, 0x3d, 0x4e, 0x5e, 0x60, 0x7b], '\u0c82\u0ca1\u0caa\u0cbc\u0ccc\u0cd5\u0cd6'],
    [8, 'Malayalam', [0x01, 0x12, 0x48, 0x5c, 0x60, 0x7f], '\u0d02\u0d12\u0d34\u0d4a\u0d57\u0d79'],
    [9, 'Oriya', [0x00, 0x13, 0x49, 0x5a, 0x60, 0x7b], '\u0b01\u0b13\u0b35\u0b48\u0b56\u0b57'],
    [10, 'Punjabi', [0x00, 0x08, 0x47, 0x4e, 0x5d, 0x60, 0x7b], '\u0a01\u0a0a\u0a33\u0a3c\u0a4b\u0a51\u0a70'],
    [11, 'Tamil', [0x01, 0x15, 0x1d, 0x3c, 0x49, 0x5c, 0x60, 0x7f], '\u0b82\u0b95\u0b9c\u0ba9\u0bb5\u0bca\u0bd0\u0bf9'],
    [12, 'Telugu', [0x00, 0x12, 0x45, 0x5a, 0x60, 0x7b], '\u0c01\u0c12\u0c31\u0c48\u0c55\u0c56'],
    [13, 'Urdu', [0x00, 0x10, 0x22, 0x2a, 0x3c, 0x40, 0x50, 0x60, 0x7f], '\u0627\u062b\u068f\u0699\u069a\u0635\u06ba\u0654\u0670'],
  ];
  for (const [language, name, septets, text] of locking) {
    vectors.push(
      delivered(
        `locking shift: ${name}, with digits, letters and an extension character`,
        `23.038 A.3.${language}, 23.040 9.2.3.24.16`,
        { udh: [0x25, 1, language], septets: [...septets, 0x30, 0x61, 0x1b, 0x3c] },
        { udh: hex(0x25, 1, language), text: `${text}0a[` },
      ),
    );
  }
  const mixed: [name: string, udh: Octets, septets: Octets, text: string][] = [
    ['Turkish locking and single shift', [0x25, 1, 1, 0x24, 1, 1], [0x1c, 0x1b, 0x53, 0x1b, 0x65], 'ŞŞ€'],
    ['Turkish locking with the Portuguese single shift', [0x25, 1, 1, 0x24, 1, 3], [0x0b, 0x1b, 0x0b], 'ĞÔ'],
    ['the order of the two does not matter', [0x24, 1, 3, 0x25, 1, 1], [0x0b, 0x1b, 0x0b], 'ĞÔ'],
    ['Spanish has no locking shift table', [0x25, 1, 2], [0x41, 0x04], 'Aè'],
    ['a language that is not defined', [0x24, 1, 0x0e, 0x25, 1, 0x7f], [0x04, 0x1b, 0x65], 'è€'],
    ['language 0 is the default', [0x24, 1, 0, 0x25, 1, 0], [0x04, 0x1b, 0x65], 'è€'],
    ['an element of the wrong length', [0x25, 2, 1, 1], [0x04], 'è'],
    ['repeated: the last counts', [0x25, 1, 3, 0x25, 1, 1], [0x04], '€'],
    ['a code without a symbol shows the locking table', [0x25, 1, 1], [0x1b, 0x0b, 0x1b, 0x1c], 'ĞŞ'],
    ['a code without a symbol in the single shift table', [0x24, 1, 6], [0x1b, 0x61, 0x1b, 0x0d], 'a\r'],
    ['escape and escape are a space here as well', [0x24, 1, 1, 0x25, 1, 1], [0x1b, 0x1b, 0x04], ' €'],
    ['a place without a symbol in the locking table is a space', [0x25, 1, 4], [0x61, 0x11, 0x62], 'a b'],
    ['together with concatenation', [0x00, 3, 9, 1, 1, 0x25, 1, 1], [0x1c], 'Ş'],
  ];
  for (const [name, udh, septets, text] of mixed) {
    vectors.push(
      delivered(
        `national language: ${name}`,
        '23.038 6.2.1.2, 23.040 9.2.3.24.15, 9.2.3.24.16',
        { udh, septets },
        { udh: hex(...udh), text, concat: udh[0] === 0 ? { ref: 9, total: 1, seq: 1, bits: 8 } : null },
      ),
    );
  }
  vectors.push(
    delivered(
      'national language elements say nothing about UCS-2',
      '23.040 9.2.3.24.15',
      { dcs: 0x08, udh: [0x25, 1, 1], octets: [0x01, 0x5e] },
      { dcs: 8, encoding: 'ucs2', udh: '250101', text: 'Ş' },
    ),
  );
  return vectors;
}

export function waitingVectors(): Vector[] {
  const vectors: Vector[] = [];
  const types = ['voicemail', 'fax', 'email', 'other'];
  types.forEach((type, number) => {
    for (const [store, count] of [
      [false, 3],
      [true, 0],
    ] as const) {
      const udh = [0x01, 2, (store ? 0x80 : 0) + number, count];
      vectors.push(
        delivered(
          `special message indication: ${type}, ${count} waiting`,
          '23.040 9.2.3.24.2',
          { udh, ...HI },
          { udh: hex(...udh), mwi: { type, active: count > 0, store, count }, text: 'Hi' },
        ),
      );
    }
  });
  const mailbox = address(0x91, '12025550100');
  const cases: [name: string, clause: string, dcs: number, udh: Octets, mwi: object | null][] = [
    ['video message, an extended type', '23.040 9.2.3.24.2', 0, [0x01, 2, 0x07, 2], { type: 'other', active: true, store: false, count: 2 }],
    ['of the second subscriber profile', '23.040 9.2.3.24.2', 0, [0x01, 2, 0x20, 1], { type: 'voicemail', active: true, store: false, count: 1 }],
    ['255 waiting', '23.040 9.2.3.24.2', 0, [0x01, 2, 0x00, 255], { type: 'voicemail', active: true, store: false, count: 255 }],
    ['two types: the active one', '23.040 9.2.3.24.2', 0, [0x01, 2, 0x00, 0, 0x01, 2, 0x02, 4], { type: 'email', active: true, store: false, count: 4 }],
    ['one type twice: the last', '23.040 9.2.3.24', 0, [0x01, 2, 0x00, 5, 0x01, 2, 0x00, 0], { type: 'voicemail', active: false, store: false, count: 0 }],
    ['of the wrong length', '23.040 9.2.3.24', 0, [0x01, 1, 0x00], null],
    ['and a coding group that discards: the header counts, the message is kept', '23.040 9.2.3.24.2', 0xc8, [0x01, 2, 0x80, 3], { type: 'voicemail', active: true, store: true, count: 3 }],
    ['and a coding group that stores: kept', '23.040 9.2.3.24.2', 0xd8, [0x01, 2, 0x00, 3], { type: 'voicemail', active: true, store: true, count: 3 }],
    ['enhanced voice mail notification', '23.040 9.2.3.24.13.1', 0, [0x23, mailbox.length + 3, 0x10, ...mailbox, 5, 0], { type: 'voicemail', active: true, store: true, count: 5 }],
    ['enhanced voice mail, the mailbox is empty', '23.040 9.2.3.24.13.1', 0, [0x23, mailbox.length + 3, 0x00, ...mailbox, 0, 0], { type: 'voicemail', active: false, store: false, count: 0 }],
    ['enhanced voice mail delete confirmation', '23.040 9.2.3.24.13.2', 0, [0x23, mailbox.length + 3, 0x01, ...mailbox, 2, 0], { type: 'voicemail', active: true, store: false, count: 2 }],
    ['enhanced voice mail cut short', '23.040 9.2.3.24.13.1', 0, [0x23, 2, 0x00, 0x0b], null],
  ];
  for (const [name, clause, dcs, udh, mwi] of cases) {
    vectors.push(
      delivered(`waiting indication ${name}`, clause, { dcs, udh, ...HI }, { dcs, udh: hex(...udh), mwi, text: 'Hi' }),
    );
  }
  vectors.push(
    delivered(
      'waiting indication in UCS-2, stored',
      '23.038 4',
      { dcs: 0xe8, octets: utf16('Голос') },
      { dcs: 0xe8, encoding: 'ucs2', mwi: { type: 'voicemail', active: true, store: true, count: null }, text: 'Голос' },
    ),
    ...mmsVectors(),
  );
  return vectors;
}

/** WAP-230-WSP 8.2.4 and 8.4, OMA-MMS-ENC 6.2: pushes to port 2948. */
function mmsVectors(): Vector[] {
  const text = (value: string): Octets => [...Buffer.from(value, 'utf8'), 0];
  const udh = [0x05, 4, 0x0b, 0x84, 0x23, 0xf0];
  const none = {
    content_location: null,
    from: null,
    subject: null,
    size: null,
    expires_at: null,
    expires_in_seconds: null,
    transaction_id: null,
  };
  const push = (type: Octets, body: Octets, id = 0x06): Octets => [0x01, id, type.length, ...type, ...body];
  const well = [0xbe];
  const start = [0x8c, 0x82, 0x98, ...text('T1')];
  const cases: [name: string, octets: Octets, mms: object | null][] = [
    [
      'relative expiry, a number as the sender',
      push(well, [
        ...start,
        ...[0x8d, 0x92],
        ...[0x89, 24, 0x80, ...text('+12025550143/TYPE=PLMN')],
        ...[0x8a, 0x80, 0x8e, 2, 0x75, 0x30],
        ...[0x88, 5, 0x81, 3, 0x03, 0xf4, 0x80],
        ...[0x83, ...text('http://mmsc/1')],
      ]),
      { ...none, transaction_id: 'T1', from: '+12025550143', size: 30000, expires_in_seconds: 259200, content_location: 'http://mmsc/1' },
    ],
    [
      'absolute expiry, a name of the type, no sender',
      push(text('application/vnd.wap.mms-message'), [
        ...start,
        ...[0x89, 1, 0x81],
        ...[0x88, 6, 0x80, 4, 0x69, 0x20, 0x0b, 0x00],
        ...[0x83, ...text('http://m/2')],
      ]),
      { ...none, transaction_id: 'T1', expires_at: new Date(0x69200b00 * 1000).toISOString(), content_location: 'http://m/2' },
    ],
    [
      'a type with parameters, a subject in UTF-8, an application header',
      push([3, 0xbe, 0x81, 0xea], [
        ...start,
        ...[0x96, 14, 0xea, ...text('Привет')],
        ...text('X-Own'),
        ...text('1'),
        ...[0x83, ...text('http://m/3')],
      ]),
      { ...none, transaction_id: 'T1', subject: 'Привет', content_location: 'http://m/3' },
    ],
    [
      'a subject whose first letter is quoted',
      push(well, [...start, 0x96, 15, 0xea, 0x7f, ...text('Привет'), 0x83, ...text('http://m/7')]),
      { ...none, transaction_id: 'T1', subject: 'Привет', content_location: 'http://m/7' },
    ],
    [
      'a plain subject, a size of four octets, a sender in UTF-8',
      push(well, [
        ...start,
        ...[0x96, ...text('Hi')],
        ...[0x8e, 4, 0x00, 0x01, 0x00, 0x00],
        ...[0x89, 11, 0x80, 9, 0xea, ...text('a@b.com')],
        ...[0x83, ...text('http://m/8')],
      ]),
      { ...none, transaction_id: 'T1', subject: 'Hi', size: 65536, from: 'a@b.com', content_location: 'http://m/8' },
    ],
    ['cut short in the location', push(well, [...start, 0x83, ...text('http://m/4').slice(0, -3)]), { ...none, transaction_id: 'T1', content_location: 'http://m' }],
    ['a delivery report is no notification', push(well, [0x8c, 0x86, 0x83, ...text('http://m/5')]), null],
    ['another type of content', push([0xae], [...start]), null],
    ['no push', push(well, [...start], 0x04), null],
    ['too short to be anything', [0x01], null],
  ];
  const vectors = cases.map(([name, octets, mms]) =>
    delivered(
      `MMS notification: ${name}`,
      'WAP-230-WSP 8.2.4, OMA-MMS-ENC 6.2',
      { dcs: 0x04, udh, octets },
      {
        dcs: 4,
        encoding: '8bit',
        udh: hex(...udh),
        ports: { dst: 2948, src: 9200, bits: 16 },
        data_hex: hex(...octets),
        ...(mms === null ? {} : { mms }),
      },
    ),
  );
  const elsewhere = push(well, [...start, 0x83, ...text('http://m/6')]);
  vectors.push({
    name: 'MMS notification: to another port it is data',
    clause: 'WAP-259-WDP B',
    pdu: hex(...deliver({ dcs: 0x04, udh: [0x05, 4, 0x0b, 0x85, 0x23, 0xf0], octets: elsewhere })),
    tpdu: true,
    record: deliverRecord({
      dcs: 4,
      encoding: '8bit',
      udh: '05040B8523F0',
      ports: { dst: 2949, src: 9200, bits: 16 },
      data_hex: hex(...elsewhere),
    }),
  });
  return vectors;
}
