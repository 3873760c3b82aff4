/** Alphabets, bodies, and data that is cut short or over-long. */
import { delivered, deliverRecord, submitted, type Vector } from './vector.ts';
import { ascii, deliver, hex, utf16 } from './writer.ts';

const ESC = 0x1b;

export function textVectors(): Vector[] {
  // 23.038 clause 6.2.1, row by row as its table has them; 0x1B is the escape.
  const rows = [
    '@£$¥èéùìòÇ\nØø\rÅå',
    'Δ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ',
    ' !"#¤%&\'()*+,-./',
    '0123456789:;<=>?',
    '¡ABCDEFGHIJKLMNO',
    'PQRSTUVWXYZÄÖÑÜ§',
    '¿abcdefghijklmno',
    'pqrstuvwxyzäöñüà',
  ];
  const vectors = rows.map((row, number) => {
    const septets = Array.from({ length: 16 }, (_, index) => 16 * number + index).filter((septet) => septet !== ESC);
    return delivered(
      `default alphabet, septets ${number}x`,
      '23.038 6.2.1',
      { septets },
      { text: row.replace('\u001b', '') },
    );
  });

  const extension: [septet: number, character: string][] = [
    [0x0a, '\f'],
    [0x14, '^'],
    [0x28, '{'],
    [0x29, '}'],
    [0x2f, '\\'],
    [0x3c, '['],
    [0x3d, '~'],
    [0x3e, ']'],
    [0x40, '|'],
    [0x65, '€'],
  ];
  for (const [septet, character] of extension) {
    vectors.push(
      delivered(
        `extension 0x${septet.toString(16)}`,
        '23.038 6.2.1.1',
        { septets: [0x41, ESC, septet, 0x42] },
        { text: `A${character}B` },
      ),
    );
  }
  const odd: [name: string, septets: number[], text: string][] = [
    ['a code without a symbol shows the default character', [0x41, ESC, 0x42, 0x43], 'ABC'],
    ['a code without a symbol shows the default letter', [ESC, 0x00, ESC, 0x7f], '@à'],
    ['the carriage return is no symbol of the extension', [0x41, ESC, 0x0d, 0x42], 'A\rB'],
    ['escape and escape are one space', [0x41, ESC, ESC, 0x65], 'A e'],
    ['three escapes: a space, and a shifted character', [ESC, ESC, ESC, 0x65], ' €'],
    ['an escape at the end is a space', [0x41, ESC], 'A '],
    ['nothing but an escape', [ESC], ' '],
    ['extension characters in a row', [ESC, 0x3c, ESC, 0x14, ESC, 0x3e], '[^]'],
  ];
  for (const [name, septets, text] of odd) {
    vectors.push(delivered(`extension: ${name}`, '23.038 6.2.1, 6.2.1.1', { septets }, { text }));
  }

  // 23.038 clause 6.1.2.1: every residue of the packing, and the most that fits.
  const alphabet = 'The quick brown fox jumps over the lazy dog. 0123456789 '.repeat(3);
  for (const length of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 63, 64, 152, 153, 159, 160]) {
    const text = alphabet.slice(0, length);
    vectors.push(delivered(`${length} septets`, '23.038 6.1.2.1', { septets: ascii(text) }, { text }));
  }
  vectors.push(
    delivered('160 commercial ats: septets of zeros', '23.038 6.1.2.1', { septets: Array(160).fill(0) }, { text: '@'.repeat(160) }),
    delivered('160 septets of ones', '23.038 6.1.2.1', { septets: Array(160).fill(0x7f) }, { text: 'à'.repeat(160) }),
    delivered('a text that ends in commercial ats', '23.038 6.1.2.1', { septets: [...ascii('1234567'), 0] }, { text: '1234567@' }),
  );
  return vectors;
}

export function bodyVectors(): Vector[] {
  const vectors: Vector[] = [];
  const texts: [name: string, text: string][] = [
    ['empty', ''],
    ['Cyrillic', 'Ваш код 482916'],
    ['Arabic', 'رمز التحقق ١٢٣'],
    ['Chinese', '您的验证码是482916'],
    ['Thai, with marks', 'รหัสยืนยัน 482916'],
    ['Hindi', 'आपका कोड 482916 है'],
    ['Georgian', 'თქვენი კოდია'],
    ['Turkish capital and small i', 'İIıi'],
    ['an emoji of two code units', 'code 😀 1'],
    ['an emoji of a family, joined by zero width joiners', '👩‍👩‍👧‍👦'],
    ['a flag', '🇺🇸'],
    ['a letter with a combining mark stays as sent', 'e\u0301'],
    ['a byte order mark is a character like others', '\ufeffA'],
    ['a zero', 'A\u0000B'],
    ['seventy characters', 'Ж'.repeat(70)],
    ['thirty-five emojis', '😀'.repeat(35)],
    ['line ends', 'a\r\nb\nc'],
  ];
  for (const [name, text] of texts) {
    vectors.push(
      delivered(`UCS-2: ${name}`, '23.038 6.2.3', { dcs: 0x08, octets: utf16(text) }, { dcs: 8, encoding: 'ucs2', text }),
    );
  }
  vectors.push(
    delivered(
      'UCS-2: the first half of a pair alone',
      '23.038 6.2.3',
      { dcs: 0x08, octets: [0x00, 0x41, 0xd8, 0x3d] },
      { dcs: 8, encoding: 'ucs2', text: 'A\ufffd' },
    ),
    delivered(
      'UCS-2: the second half of a pair alone',
      '23.038 6.2.3',
      { dcs: 0x08, octets: [0xde, 0x00, 0x00, 0x41] },
      { dcs: 8, encoding: 'ucs2', text: '\ufffdA' },
    ),
    delivered(
      'UCS-2: an odd octet at the end',
      '23.038 6.2.3',
      { dcs: 0x08, octets: [0x00, 0x41, 0x00] },
      { dcs: 8, encoding: 'ucs2', text: 'A', partial: true },
    ),
    delivered(
      '8-bit data, empty',
      '23.038 4',
      { dcs: 0x04, octets: [] },
      { dcs: 4, encoding: '8bit', data_hex: '' },
    ),
    delivered(
      '8-bit data is never text',
      '23.038 4',
      { dcs: 0x04, octets: [0x48, 0x65, 0x6c, 0x6c, 0x6f] },
      { dcs: 4, encoding: '8bit', data_hex: '48656C6C6F' },
    ),
    delivered(
      '8-bit data, 140 octets',
      '23.040 9.2.3.16',
      { dcs: 0x04, octets: Array(140).fill(0xa5) },
      { dcs: 4, encoding: '8bit', data_hex: 'A5'.repeat(140) },
    ),
  );
  return vectors;
}

/** Truncation, surplus and the length that +CMGR gives. */
export function cutVectors(): Vector[] {
  const vectors: Vector[] = [];
  const text = 'Your code is 482916';
  const whole = deliver({ septets: ascii(text) });
  // 17 octets of user data hold 19 septets; n octets hold floor(8n/7).
  for (let missing = 1; missing <= 17; missing++) {
    vectors.push({
      name: `GSM 7-bit text, ${missing} octets cut off`,
      clause: '23.040 9.2.3.16',
      pdu: hex(...whole.slice(0, -missing)),
      tpdu: true,
      record: deliverRecord({ text: text.slice(0, Math.floor(((17 - missing) * 8) / 7)), partial: true }),
    });
  }
  const wide = deliver({ dcs: 0x08, octets: utf16('Жук') });
  for (let missing = 1; missing <= 6; missing++) {
    vectors.push({
      name: `UCS-2 text, ${missing} octets cut off`,
      clause: '23.040 9.2.3.16',
      pdu: hex(...wide.slice(0, -missing)),
      tpdu: true,
      record: deliverRecord({ dcs: 8, encoding: 'ucs2', text: 'Жук'.slice(0, (6 - missing) >> 1), partial: true }),
    });
  }
  const data = deliver({ dcs: 0x04, octets: [1, 2, 3] });
  const surplus: [name: string, octets: number[]][] = [
    ['one octet', [0x00]],
    ['padding of ones', [0xff, 0xff, 0xff]],
    ['what looks like more text', ascii('more')],
  ];
  for (const [name, octets] of surplus) {
    vectors.push({
      name: `surplus behind the user data: ${name}`,
      clause: '23.040 9.2.3.16',
      pdu: hex(...whole, ...octets),
      tpdu: true,
      record: deliverRecord({ text, partial: true }),
    });
  }
  vectors.push(
    {
      name: '8-bit data cut short',
      clause: '23.040 9.2.3.16',
      pdu: hex(...data.slice(0, -2)),
      tpdu: true,
      record: deliverRecord({ dcs: 4, encoding: '8bit', data_hex: '01', partial: true }),
    },
    {
      name: 'the length of +CMGR cuts padding off',
      clause: '27.005 4.2',
      pdu: hex(0, ...whole, 0xff, 0xff),
      len: whole.length,
      record: deliverRecord({ text }),
    },
    {
      name: 'the length of +CMGR without an SMSC',
      clause: '27.005 4.2',
      pdu: hex(...whole, 0xff),
      tpdu: true,
      len: whole.length,
      record: deliverRecord({ text }),
    },
    {
      name: 'the length of +CMGR says that there was more',
      clause: '27.005 4.2',
      pdu: hex(0, ...whole),
      len: whole.length + 5,
      record: deliverRecord({ text, partial: true }),
    },
    {
      name: 'the length of +CMGR is shorter than the user data',
      clause: '27.005 4.2',
      pdu: hex(0, ...whole),
      len: whole.length - 7,
      record: deliverRecord({ text: text.slice(0, 11), partial: true }),
    },
    delivered(
      'the text is cut behind a header',
      '23.040 9.2.3.24',
      { udh: [0x00, 3, 7, 2, 1], septets: ascii('Hello'), udl: 20 },
      { text: 'Hello', concat: { ref: 7, total: 2, seq: 1, bits: 8 }, udh: '0003070201', partial: true },
    ),
    delivered(
      'TP-UDL counts the header but not its fill',
      '23.040 9.2.3.24',
      { udh: [0x00, 3, 7, 2, 1], octets: [], udl: 6 },
      { text: '', concat: { ref: 7, total: 2, seq: 1, bits: 8 }, udh: '0003070201', partial: true },
    ),
    submitted(
      'SMS-SUBMIT cut short',
      '23.040 9.2.3.16',
      { septets: ascii('Hello'), udl: 30 },
      { text: 'Hello', partial: true },
    ),
  );
  return vectors;
}
