/**
 * A second opinion: npm `node-pdu` 2.1.1 on the same generated PDUs. What was put in is known from the generator (and
 * written by test/vectors/writer.ts), so that three are compared: the truth, this codec, and node-pdu.
 *
 * On plain messages all three agree, but for the plus of international numbers. Each further disagreement is listed
 * below with the clause that decides it: this codec still has the truth, node-pdu has not.
 */
import fc from 'fast-check';
import { parse, Submit } from 'node-pdu';
import { describe, expect, test } from 'vitest';
import { decodePdu, encodeSubmit } from '../../src/sms/tpdu.ts';
import {
  address,
  alphanumeric,
  type DeliverParts,
  deliver,
  hex,
  type Octets,
  report,
  smsc,
  submit,
  time,
  utf16,
} from '../vectors/writer.ts';

/** What a decoder says, as far as both say it. */
interface Said {
  from: string | null;
  text: string | null;
  epochMs: number | null;
  concat: { ref: number; total: number; seq: number } | null;
  pid: number;
  partial: boolean;
}

interface Message {
  parts: DeliverParts;
  truth: Said;
  /** Octets to cut off (negative) or to add at the end. */
  tail?: number;
}

function pduOf({ parts, tail = 0 }: Message): string {
  const octets = [...smsc(0x91, '12025550199'), ...deliver(parts), ...Array(Math.max(0, tail)).fill(0x41)];
  return hex(...octets.slice(0, tail < 0 ? tail : undefined));
}

function ours(pdu: string): Said {
  const { tpdu } = decodePdu(pdu);
  if (tpdu.type !== 'DELIVER') throw new Error(tpdu.type);
  const { concat } = tpdu;
  return {
    from: tpdu.oa.value,
    text: tpdu.text,
    epochMs: tpdu.scts?.epochMs ?? null,
    concat: concat === null ? null : { ref: concat.ref, total: concat.total, seq: concat.seq },
    pid: tpdu.pid,
    partial: tpdu.partial === true,
  };
}

function theirs(pdu: string): Said {
  const read = parse(pdu);
  if (!('data' in read) || !('serviceCenterTimeStamp' in read)) throw new Error('not an SMS-DELIVER');
  const header = read.data.parts[0]?.header ?? null;
  const ref = header?.getPointer();
  return {
    from: read.address.phone,
    text: read.data.getText(),
    epochMs: 1000 * read.serviceCenterTimeStamp.time,
    concat:
      header === null || ref === undefined
        ? null
        : { ref, total: header.getSegments() ?? 0, seq: header.getCurrent() ?? 0 },
    pid: read.protocolIdentifier.getValue(),
    // It has no such notion: what it answers it takes to be whole.
    partial: false,
  };
}

// Characters of the default alphabet in their order, without the escape and without 0x5F (see below).
const SEPTETS = [
  ...'@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u0000ÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ',
];
const TAIL = [...'¿abcdefghijklmnopqrstuvwxyzäöñüà'];
const septetOf = new Map<string, number[]>([
  ...SEPTETS.map((character, septet): [string, number[]] => [character, [septet]]),
  ...TAIL.map((character, index): [string, number[]] => [character, [0x60 + index]]),
  ...Object.entries({
    '^': 0x14,
    '{': 0x28,
    '}': 0x29,
    '\\': 0x2f,
    '[': 0x3c,
    '~': 0x3d,
    ']': 0x3e,
    '|': 0x40,
    '€': 0x65,
  }).map(([character, septet]): [string, number[]] => [character, [0x1b, septet]]),
]);
septetOf.delete('\u0000');

function septetsOf(text: string): Octets {
  return [...text].flatMap((character) => septetOf.get(character) ?? []);
}

const gsm7 = fc
  .string({ unit: fc.constantFrom(...septetOf.keys()), minLength: 1, maxLength: 100 })
  .filter((text) => septetsOf(text).length <= 150);
const ucs2 = fc.string({ unit: fc.constantFrom(...'Жук код 482916 你好 😀'), minLength: 1, maxLength: 40 });
const number = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 3, maxLength: 15 });

/** A plain message, as most are. */
const plain: fc.Arbitrary<Message> = fc
  .record({
    international: fc.boolean(),
    number,
    name: fc.option(fc.constantFrom('Facebook', 'Google', 'WhatsApp', 'MyBank', 'A', 'Elevenchars')),
    text: fc.oneof(
      gsm7.map((text) => ({ text, dcs: 0x00 })),
      ucs2.map((text) => ({ text, dcs: 0x08 })),
    ),
    ms: fc.integer({ min: Date.UTC(2001, 0, 1), max: Date.UTC(2037, 11, 31) }),
    quarters: fc.integer({ min: -11, max: 13 }).map((hours) => 4 * hours),
    concat: fc.option(
      fc.record({
        bits: fc.constantFrom(8, 16),
        ref: fc.nat(255),
        total: fc.integer({ min: 2, max: 255 }),
        seq: fc.integer({ min: 1, max: 255 }),
      }),
    ),
  })
  .map(({ international, number, name, text, ms, quarters, concat }) => {
    const seq = concat === null ? 0 : 1 + (concat.seq % concat.total);
    const udh =
      concat === null
        ? undefined
        : concat.bits === 8
          ? [0x00, 3, concat.ref, concat.total, seq]
          : [0x08, 4, concat.ref, 7, concat.total, seq];
    const local = new Date(ms).toISOString().replace(/[-T:]/g, '').slice(2, 14);
    const body = text.dcs === 0 ? { septets: septetsOf(text.text) } : { octets: utf16(text.text) };
    return {
      parts: {
        oa: name === null ? address(international ? 0x91 : 0x81, number) : alphanumeric(septetsOf(name)),
        dcs: text.dcs,
        scts: time(local, quarters),
        ...(udh === undefined ? {} : { udh }),
        ...body,
      },
      truth: {
        from: name ?? (international ? `+${number}` : number),
        text: text.text,
        epochMs: Math.floor(ms / 1000) * 1000 - quarters * 900_000,
        concat:
          concat === null
            ? null
            : { ref: concat.bits === 8 ? concat.ref : concat.ref * 256 + 7, total: concat.total, seq },
        pid: 0,
        partial: false,
      },
    };
  });

test('plain messages: both read what was written; node-pdu leaves out the plus (23.040 9.1.2.5)', () => {
  fc.assert(
    fc.property(plain, (message) => {
      const pdu = pduOf(message);
      expect(ours(pdu)).toEqual(message.truth);
      const from = message.truth.from?.replace(/^\+/, '') ?? null;
      expect(theirs(pdu)).toEqual({ ...message.truth, from });
    }),
    { numRuns: 2000 },
  );
});

interface Disagreement {
  name: string;
  /** What decides it. */
  clause: string;
  /** Where node-pdu has something else; empty when it refuses a PDU that can be read. */
  fields: (keyof Said)[];
  change: (message: Message) => Message;
}

const CONCAT = { ref: 5, total: 3, seq: 2 };

/** A message of this text, whatever it said before. */
function saying(message: Message, parts: DeliverParts, truth: Partial<Said>): Message {
  const { udh: _udh, septets: _septets, octets: _octets, ...rest } = message.parts;
  return {
    parts: { ...rest, dcs: 0, ...parts },
    truth: { ...message.truth, concat: null, ...truth },
  };
}

/** Numbers without a plus, so that nothing but the disagreement itself differs. */
function sentBy(message: Message, oa: Octets, from: string): Message {
  return { parts: { ...message.parts, oa }, truth: { ...message.truth, from } };
}

const DISAGREEMENTS: Disagreement[] = [
  {
    name: 'the plus of international numbers is left out',
    clause: '23.040 9.1.2.5: type of number 001 is an international number',
    fields: ['from'],
    change: (message) => sentBy(message, address(0x91, '12025550143'), '+12025550143'),
  },
  {
    name: 'the digits * and # are shown as A and B, a to c as C to E',
    clause: '23.040 9.1.2.3, 24.008 table 10.5.118',
    fields: ['from'],
    change: (message) => sentBy(message, address(0x81, '*100#abc'), '*100#abc'),
  },
  {
    name: 'septet 0x5F is shown as a grave accent',
    clause: '23.038 6.2.1: 0x5F is the section sign',
    fields: ['text'],
    change: (message) => saying(message, { septets: [0x41, 0x5f] }, { text: 'A§' }),
  },
  {
    name: 'the page break is shown as something else',
    clause: '23.038 6.2.1.1: 0x1B 0x0A',
    fields: ['text'],
    change: (message) => saying(message, { septets: [0x41, 0x1b, 0x0a] }, { text: 'A\f' }),
  },
  {
    name: 'an escape before a code without a symbol is shown',
    clause: '23.038 6.2.1.1: the character of the default alphabet is shown',
    fields: ['text'],
    change: (message) => saying(message, { septets: [0x1b, 0x41] }, { text: 'A' }),
  },
  {
    name: 'two escapes are shown as control characters',
    clause: '23.038 6.2.1.1, note: a space until another extension table is defined',
    fields: ['text'],
    change: (message) => saying(message, { septets: [0x41, 0x1b, 0x1b, 0x42] }, { text: 'A B' }),
  },
  {
    name: 'the single shift tables are not known (and a header without concatenation is part 1 of 1)',
    clause: '23.038 6.2.1.2.2, A.2; 23.040 9.2.3.24.15',
    fields: ['text', 'concat'],
    change: (message) => saying(message, { udh: [0x24, 1, 1], septets: [0x1b, 0x53] }, { text: 'Ş' }),
  },
  {
    name: 'the locking shift tables are not known',
    clause: '23.038 6.2.1.2.3, A.3; 23.040 9.2.3.24.16',
    fields: ['text', 'concat'],
    change: (message) => saying(message, { udh: [0x25, 1, 1], septets: [0x0b, 0x61] }, { text: 'Ğa' }),
  },
  {
    name: 'an empty part has a commercial at, made of the fill bits',
    clause: '23.040 9.2.3.24: fill bits are no text',
    fields: ['text'],
    change: (message) =>
      saying(message, { udh: [0x00, 3, 5, 3, 2], septets: [] }, { text: '', concat: CONCAT }),
  },
  {
    name: 'a waiting indication in UCS-2 that is not active is read as GSM 7-bit',
    clause: '23.038 4: group 1110',
    fields: ['text'],
    change: (message) => saying(message, { dcs: 0xe0, octets: utf16('Голос') }, { text: 'Голос' }),
  },
  {
    name: 'a header with a port is part 1 of 1',
    clause: '23.040 9.2.3.24.4: says nothing of parts',
    fields: ['concat'],
    change: (message) => saying(message, { udh: [0x04, 2, 1, 2], septets: [0x41] }, { text: 'A' }),
  },
  {
    name: '8-bit data is given as text',
    clause: "23.038 4: 8-bit data is the user's own",
    fields: ['text'],
    change: (message) => saying(message, { dcs: 0x04, octets: [0xde, 0xad] }, { text: null }),
  },
  {
    name: 'class 1 data (group 1111) is given as text',
    clause: '23.038 4: bit 2 of group 1111',
    fields: ['text'],
    change: (message) => saying(message, { dcs: 0xf5, octets: [0xde, 0xad] }, { text: null }),
  },
  {
    name: 'compressed text is read as if it were not',
    clause: '23.038 4: bit 5; 23.042',
    fields: ['text'],
    change: (message) => saying(message, { dcs: 0x20, octets: [0xde, 0xad, 0xbe] }, { text: null }),
  },
  {
    name: 'half a surrogate pair is left in the text',
    clause: '23.038 6.2.3; no UTF-8 can carry it',
    fields: ['text'],
    change: (message) => saying(message, { dcs: 0x08, octets: [0, 0x41, 0xd8, 0x3d] }, { text: 'A\ufffd' }),
  },
  {
    name: 'an invalid concatenation (number beyond the total) counts',
    clause: '23.040 9.2.3.24.1: the element shall be ignored',
    fields: ['concat'],
    change: (message) =>
      saying(message, { udh: [0x00, 3, 5, 3, 9], septets: [0x41] }, { text: 'A', concat: null }),
  },
  {
    name: 'an invalid concatenation (total 0) counts',
    clause: '23.040 9.2.3.24.1: the element shall be ignored',
    fields: ['concat'],
    change: (message) =>
      saying(message, { udh: [0x00, 3, 5, 0, 1], septets: [0x41] }, { text: 'A', concat: null }),
  },
  {
    name: 'month 13 is the first of the next year',
    clause: '23.040 9.2.3.11: no such time',
    fields: ['epochMs'],
    change: ({ parts, truth }) => ({
      parts: { ...parts, scts: time('261321073001', 0) },
      truth: { ...truth, epochMs: null },
    }),
  },
  {
    name: '30 February is in March',
    clause: '23.040 9.2.3.11: no such time',
    fields: ['epochMs'],
    change: ({ parts, truth }) => ({
      parts: { ...parts, scts: time('260230073001', 0) },
      truth: { ...truth, epochMs: null },
    }),
  },
  {
    name: 'the years from 71 on are of the last century',
    clause: '23.040 9.2.3.11 gives two digits; the service began in 1992',
    fields: ['epochMs'],
    change: ({ parts, truth }) => ({
      parts: { ...parts, scts: time('720101000000', 0) },
      truth: { ...truth, epochMs: Date.UTC(2072, 0, 1) },
    }),
  },
  {
    name: 'a text that is cut short is given as if it were whole',
    clause: '23.040 9.2.3.16: TP-UDL says how much there is',
    fields: ['partial'],
    change: (message) => ({
      ...saying(
        message,
        { septets: septetsOf('Your code is 48291') },
        { text: 'Your code is 482', partial: true },
      ),
      tail: -2,
    }),
  },
];

describe('where node-pdu says something else', () => {
  test.each(DISAGREEMENTS)('$name ($clause)', ({ fields, change }) => {
    fc.assert(
      fc.property(plain, (generated) => {
        const message = change(generated);
        const pdu = pduOf(message);
        expect(ours(pdu)).toEqual(message.truth);
        const said = theirs(pdu);
        for (const field of Object.keys(said) as (keyof Said)[]) {
          const expected =
            field === 'from' && !fields.includes('from')
              ? message.truth.from?.replace(/^\+/, '')
              : message.truth[field];
          if (fields.includes(field)) expect(said[field]).not.toEqual(expected);
          else expect(said[field]).toEqual(expected);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('what node-pdu refuses and the standard gives a meaning', () => {
  const HI = { septets: [0x48, 0x69] };
  test.each([
    ['a reserved alphabet (23.038 4: GSM 7-bit is assumed)', deliver({ dcs: 0x0c, ...HI })],
    ['the reserved TP-MTI (23.040 9.2.3.1: processed as an SMS-DELIVER)', deliver({ first: 0x07, ...HI })],
    [
      'a validity period in the enhanced format (23.040 9.2.3.12.3)',
      submit({ first: 0x09, vp: [2, 9, 0, 0, 0, 0, 0], ...HI }),
    ],
  ])('%s', (_, octets) => {
    const pdu = hex(0, ...octets);
    expect(decodePdu(pdu).tpdu).toMatchObject({ text: 'Hi' });
    expect(() => parse(pdu)).toThrow();
  });
});

describe('what node-pdu accepts and cannot be right', () => {
  const HI = { septets: [0x48, 0x69] };
  test.each([
    ['what is no hexadecimal (27.005 3.1)', `${hex(0, ...deliver(HI)).slice(0, -2)}ZZ`],
    ['200 septets (23.040 9.2.3.16)', hex(0, ...deliver({ ...HI, udl: 200 }))],
    [
      'an address of 21 digits (23.040 9.1.2.5)',
      hex(0, ...deliver({ oa: [21, 0x91, ...Array(11).fill(0x11)], ...HI })),
    ],
    [
      'an information element beyond its header (23.040 9.2.3.24)',
      hex(0, ...deliver({ udh: [0x6f, 9, 1], septets: [...Array(20).fill(0x41)] })),
    ],
  ])('%s', (_, pdu) => {
    expect(() => decodePdu(pdu)).toThrow(expect.objectContaining({ code: 'sms.malformed' }));
    expect(() => parse(pdu)).not.toThrow();
  });
});

test('relative validity: 144 is 12.5 hours, 168 two days, 197 five weeks (23.040 9.2.3.12.1), not so for node-pdu', () => {
  for (const [vp, minutes] of [
    [144, 750],
    [168, 2880],
    [197, 50_400],
  ] as const) {
    const pdu = hex(0, ...submit({ first: 0x11, vp: [vp], septets: [0x41] }));
    expect(decodePdu(pdu).tpdu).toMatchObject({ validity: { minutes } });
    const read = parse(pdu);
    if (!('validityPeriod' in read)) throw new Error('not an SMS-SUBMIT');
    expect(read.validityPeriod.interval).not.toBe(60 * minutes);
  }
});

test('status reports: both read reference, times and status; node-pdu does not read the optional fields', () => {
  fc.assert(
    fc.property(fc.nat(255), fc.nat(255), plain, (mr, st, { parts, truth }) => {
      const scts = parts.scts ?? [];
      const pdu = hex(0, ...report({ mr, st, scts, dt: scts, optional: [0x04, 2, 0xc8, 0x34] }));
      const { tpdu } = decodePdu(pdu);
      expect(tpdu).toMatchObject({
        mr,
        status: st,
        scts: { epochMs: truth.epochMs },
        userData: { text: 'Hi' },
      });
      const read = parse(pdu);
      if (!('discharge' in read)) throw new Error('not an SMS-STATUS-REPORT');
      expect([read.reference, read.status]).toEqual([mr, st]);
      expect([read.dateTime.time, read.discharge.time].map((time) => 1000 * time)).toEqual([
        truth.epochMs,
        truth.epochMs,
      ]);
      expect('data' in read).toBe(false);
    }),
  );
});

test('a text is cut between characters (23.040 9.2.3.24.1); node-pdu cuts a surrogate pair', () => {
  // Its parts have 63 characters of UCS-2, though 67 fit.
  const texts = [62, 66].map((before) => `${'Ж'.repeat(before)}😀${'Ж'.repeat(20)}`);
  const cutWell = (parts: readonly { text: string }[]): boolean =>
    parts.every(({ text }) => text.isWellFormed());
  expect(texts.map((text) => cutWell(encodeSubmit({ to: '+12025550143', text }).parts))).toEqual([
    true,
    true,
  ]);
  expect(texts.map((text) => cutWell(new Submit('+12025550143', text).data.parts))).toEqual([false, true]);
});
