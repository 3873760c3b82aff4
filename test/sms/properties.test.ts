import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasCode } from '../../src/errors.ts';
import { assemble, type Part } from '../../src/sms/concat.ts';
import { readDcs } from '../../src/sms/dcs.ts';
import { toHex } from '../../src/sms/octets.ts';
import { recordOf } from '../../src/sms/record.ts';
import {
  type DecodedPdu,
  type DecodeOptions,
  type Deliver,
  decodePdu,
  encodePdu,
  encodeSubmit,
  encodeTpdu,
  partIdentity,
  tpduHexOf,
} from '../../src/sms/tpdu.ts';
import { concatElement, headerOf } from '../../src/sms/udh.ts';
import { mmsNotification } from '../../src/sms/wap.ts';
import * as arbitrary from './arbitrary.ts';

/** The decoder's answer, or null when it refuses with its own error; anything else that is thrown is a failure. */
function tryDecode(hex: string, options?: DecodeOptions): DecodedPdu | null {
  try {
    return decodePdu(hex, options);
  } catch (error) {
    if (hasCode(error, 'sms.malformed')) {
      expect(error.detail).toEqual({ field: expect.any(String), octet: expect.any(Number) });
      return null;
    }
    throw error;
  }
}

function textOf({ tpdu }: DecodedPdu): string {
  const userData = tpdu.type === 'STATUS-REPORT' ? tpdu.userData : tpdu;
  return userData?.text ?? toHex(userData?.data ?? Uint8Array.of());
}

describe('every message', () => {
  test('survives encoding and decoding', () => {
    fc.assert(
      fc.property(arbitrary.smsc, arbitrary.tpdu, (smsc, fields) => {
        const read = decodePdu(encodePdu(smsc, fields));
        expect(read.smsc).toEqual(smsc);
        expect(read.tpdu).toMatchObject(fields);
        expect(read.tpdu.partial).toBeUndefined();
        expect(read.tpduHex).toBe(encodeTpdu(fields));
        expect(tpduHexOf(encodePdu(smsc, fields))).toBe(read.tpduHex);
        expect(tpduHexOf(read.tpduHex, { tpdu: true })).toBe(read.tpduHex);
        expect(encodeTpdu(read.tpdu)).toBe(read.tpduHex);
      }),
      { numRuns: 3000 },
    );
  });

  test('never gains text unflagged when it is cut short anywhere', () => {
    fc.assert(
      fc.property(arbitrary.tpdu, fc.nat(), (fields, where) => {
        const hex = encodeTpdu(fields);
        const whole = textOf(decodePdu(hex, { tpdu: true }));
        const cut = tryDecode(hex.slice(0, where % hex.length), { tpdu: true });
        if (cut === null) return;
        // What is left of a text, with a space for an escape or a mark for half a character that stands alone now.
        const left = textOf(cut);
        const flagged = cut.tpdu.partial === true;
        if (!flagged) expect(left === '' || left === whole).toBe(true);
        expect(whole.startsWith(left) || whole.startsWith(left.replace(/[ \ufffd]$/, ''))).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  test('is flagged when octets stand behind it', () => {
    fc.assert(
      fc.property(arbitrary.deliver, fc.uint8Array({ minLength: 1, maxLength: 12 }), (fields, surplus) => {
        const hex = encodeTpdu(fields);
        const read = decodePdu(hex + toHex(surplus), { tpdu: true });
        expect(read.tpdu.partial).toBe(true);
        expect(textOf(read)).toBe(textOf(decodePdu(hex, { tpdu: true })));
        const trimmed = decodePdu(hex + toHex(surplus), { tpdu: true, length: hex.length / 2 });
        expect(trimmed.tpdu.partial).toBeUndefined();
        expect(trimmed.tpduHex).toBe(hex);
      }),
    );
  });

  test('has one identity, whether or not more messages were waiting', () => {
    fc.assert(
      fc.property(arbitrary.deliver, (fields) => {
        const waiting = encodeTpdu({ ...fields, moreMessages: true });
        const last = encodeTpdu({ ...fields, moreMessages: false });
        expect(partIdentity(waiting)).toBe(partIdentity(last));
        expect(partIdentity(last.toLowerCase())).toBe(partIdentity(last));
        expect(partIdentity(encodeTpdu({ ...fields, pid: fields.pid ^ 1 }))).not.toBe(partIdentity(last));
      }),
    );
  });
});

describe('anything at all', () => {
  test('any octets are read or refused with the place', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (octets, tpdu) => {
        const read = tryDecode(toHex(octets), { tpdu });
        if (read !== null) JSON.stringify(recordOf(read));
      }),
      { numRuns: 10_000 },
    );
  });

  test('any text is read or refused with the place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        tryDecode(text);
        partIdentity(tpduHexOf(text));
      }),
      { numRuns: 3000 },
    );
  });

  test('any data is an MMS notification or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 140 }), fc.boolean(), (data, likely) => {
        if (likely) data.set([0x01, 0x06, 0x01, 0xbe, 0x8c, 0x82].slice(0, data.length));
        mmsNotification(data, { dst: 2948, src: 9200, bits: 16 });
      }),
      { numRuns: 5000 },
    );
  });
});

const anyText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'abc XYZ 0123 @£€{}[]~^|\\èÇ\n'), maxLength: 1000 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
);

describe('a text to be sent', () => {
  test('arrives as it was, in as many parts as it takes', () => {
    fc.assert(
      fc.property(
        anyText,
        fc.constantFrom<8 | 16>(8, 16),
        fc.nat(65_535),
        (text, referenceBits, reference) => {
          const sent = encodeSubmit({ to: '+12025550143', text, reference, referenceBits });
          const parts = sent.parts.map(({ pdu, length }): Part => {
            const { smsc, tpdu, tpduHex } = decodePdu(pdu, { direction: 'mo' });
            expect(smsc).toBeNull();
            expect(tpduHex.length / 2).toBe(length);
            expect(tpdu.partial).toBeUndefined();
            if (tpdu.type !== 'SUBMIT') throw new Error(tpdu.type);
            return { index: tpdu.concat?.seq ?? 1, tpdu: { ...tpdu, type: 'DELIVER' } as unknown as Deliver };
          });
          // Each part reads by itself: nothing was split.
          expect(parts.map(({ tpdu }) => tpdu.text).join('')).toBe(text);
          expect(assemble(parts, parts.length)).toMatchObject({
            text,
            complete: true,
            encoding: sent.encoding,
          });
        },
      ),
      { numRuns: 1000 },
    );
  });
});

/** A body cut anywhere, even in an escape sequence, a surrogate pair or a code unit. */
const split = fc
  .record({
    encoding: fc.constantFrom<'gsm7' | 'ucs2'>('gsm7', 'ucs2'),
    text: fc.string({ unit: fc.constantFrom('a', 'é', '€', '[', '1'), minLength: 1, maxLength: 200 }),
    emoji: fc.array(fc.nat(199), { maxLength: 20 }),
    cuts: fc.array(fc.nat(400), { maxLength: 6 }),
  })
  .map(({ encoding, text, emoji, cuts }) => {
    if (encoding === 'gsm7') return { encoding, text, cuts };
    const characters = [...text];
    for (const place of emoji) if (place < characters.length) characters[place] = '😀';
    return { encoding, text: characters.join(''), cuts };
  });

function bodyOf(text: string, encoding: 'gsm7' | 'ucs2'): Uint8Array {
  if (encoding === 'ucs2') return Uint8Array.from([...Buffer.from(text, 'utf16le').swap16()]);
  const septets: Record<string, number[]> = { é: [0x05], '€': [0x1b, 0x65], '[': [0x1b, 0x3c] };
  return Uint8Array.from([...text].flatMap((character) => septets[character] ?? [character.charCodeAt(0)]));
}

describe('the parts of a message', () => {
  /** In pieces that fit, at cuts of whole units of the encoding. */
  function partsOf(body: Uint8Array, encoding: 'gsm7' | 'ucs2', cuts: number[], unit: number): Part[] {
    const places = new Set([0, body.length]);
    for (const cut of cuts) places.add(Math.min(body.length, cut * unit));
    for (let at = 130; at < body.length; at += 130) places.add(at);
    const sorted = [...places].sort((a, b) => a - b);
    const total = Math.max(1, sorted.length - 1);
    return Array.from({ length: total }, (_, index): Part => {
      const piece = body.slice(sorted[index], sorted[index + 1]);
      const hex = encodeTpdu({
        type: 'DELIVER',
        oa: { value: '+12025550143', type: 'international', plan: 1 },
        pid: 0,
        scts: null,
        moreMessages: false,
        loopPrevention: false,
        statusReportIndication: false,
        replyPath: false,
        dcs: readDcs(encoding === 'gsm7' ? 0x00 : 0x08),
        udh: headerOf([concatElement({ ref: 7, total, seq: index + 1, bits: 8 })]),
        body: piece,
      });
      return { index: index + 1, tpdu: decodePdu(hex, { tpdu: true }).tpdu as Deliver };
    });
  }

  test('say the same in any order and with repeats, wherever they were cut', () => {
    fc.assert(
      fc.property(split, fc.infiniteStream(fc.nat()), ({ encoding, text, cuts }, random) => {
        const parts = partsOf(bodyOf(text, encoding), encoding, cuts, encoding === 'ucs2' ? 2 : 1);
        const shuffled = [...parts, ...parts.slice(0, 2)]
          .map((part) => ({ part, key: random.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ part }) => part);
        const whole = assemble(shuffled, parts.length);
        expect(whole).toMatchObject({ text, encoding, complete: true, received: parts.length, missing: [] });
        expect(whole.partial).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  test('show a gap where one is missing, and nothing that was not sent', () => {
    fc.assert(
      fc.property(split, fc.nat(), ({ encoding, text, cuts }, which) => {
        const parts = partsOf(bodyOf(text, encoding), encoding, cuts, encoding === 'ucs2' ? 2 : 1);
        const lost = which % parts.length;
        const whole = assemble(
          parts.filter((_, index) => index !== lost),
          parts.length,
        );
        expect(whole).toMatchObject({ complete: false, missing: [lost + 1], received: parts.length - 1 });
        const [before, after, ...more] = (whole.text ?? '').split('[…]');
        expect(more).toEqual([]);
        // Beside the gap an escape shows as a space, its symbol as the letter it stands on, half a pair as a mark.
        expect(text.startsWith((before ?? '').replace(/[ \ufffd]$/, ''))).toBe(true);
        expect(text.endsWith((after ?? '').replace(/^[e<\ufffd]/, ''))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
