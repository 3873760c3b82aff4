import { describe, expect, test } from 'vitest';
import { assemble, concatKey, GAP, type Part } from '../../src/sms/concat.ts';
import { assembledRecordOf } from '../../src/sms/record.ts';
import { decodePdu } from '../../src/sms/tpdu.ts';
import { ascii, type DeliverParts, deliver, hex, utf16 } from '../vectors/writer.ts';

function part(total: number, seq: number, parts: DeliverParts, more: number[] = []): Part {
  const pdu = hex(...deliver({ udh: [0x00, 3, 0x2a, total, seq, ...more], ...parts }));
  const { tpdu } = decodePdu(pdu, { tpdu: true });
  if (tpdu.type !== 'DELIVER' || tpdu.concat === null) throw new Error('not a part');
  return { index: tpdu.concat.seq, tpdu };
}

const text = (total: number, seq: number, value: string): Part => part(total, seq, { septets: ascii(value) });
const wide = (total: number, seq: number, octets: number[]): Part => part(total, seq, { dcs: 0x08, octets });

describe('parts of a text', () => {
  test('are joined in their order, whatever order they came in', () => {
    const parts = [text(3, 3, 'three'), text(3, 1, 'one '), text(3, 2, 'two ')];
    expect(assemble(parts, 3)).toEqual({
      text: 'one two three',
      data: null,
      encoding: 'gsm7',
      total: 3,
      received: 3,
      complete: true,
      missing: [],
    });
  });

  test('count once, and the first of the same number counts', () => {
    const whole = assemble([text(2, 1, 'a'), text(2, 1, 'b'), text(2, 2, 'c'), text(2, 2, 'c')], 2);
    expect(whole).toMatchObject({ text: 'ac', received: 2, complete: true });
  });

  test('that are missing leave one mark for each gap', () => {
    expect(assemble([text(5, 2, 'b'), text(5, 5, 'e')], 5)).toMatchObject({
      text: `${GAP}b${GAP}e`,
      received: 2,
      complete: false,
      missing: [1, 3, 4],
    });
    expect(assemble([text(2, 1, 'a')], 2).text).toBe(`a${GAP}`);
    expect(assemble([], 2)).toMatchObject({ text: GAP, received: 0, complete: false });
  });

  test('of a number that the message does not have are left out', () => {
    expect(assemble([text(2, 1, 'a'), { ...text(2, 2, 'b'), index: 3 }], 2)).toMatchObject({ missing: [2] });
  });
});

describe('what a cut went through', () => {
  test('an escape takes its symbol from the next part', () => {
    const first = part(2, 1, { septets: [...ascii('5'), 0x1b] });
    const second = part(2, 2, { septets: [0x65, ...ascii('!')] });
    expect([first.tpdu.text, second.tpdu.text]).toEqual(['5 ', 'e!']);
    expect(assemble([second, first], 2).text).toBe('5€!');
  });

  test('an escape before a gap or at the very end is a space', () => {
    const first = part(2, 1, { septets: [...ascii('5'), 0x1b] });
    expect(assemble([first], 2).text).toBe(`5 ${GAP}`);
    expect(assemble([part(1, 1, { septets: [0x1b] })], 1).text).toBe(' ');
  });

  test('an escape where a part was cut short shifts nothing of the next', () => {
    const first = part(2, 1, { septets: [...ascii('123456'), 0x1b], udl: 20 });
    expect(assemble([first, text(2, 2, 'e')], 2)).toMatchObject({ text: '123456 e', partial: true });
  });

  test('an escape and the symbol after it are read with the table of the part where the symbol is', () => {
    const first = part(2, 1, { septets: [0x1b] }, [0x24, 1, 1]);
    const second = part(2, 2, { septets: [0x67] }, [0x24, 1, 1]);
    expect(assemble([first, second], 2).text).toBe('ğ');
  });

  test('the halves of a surrogate pair make one character', () => {
    const first = wide(2, 1, [0x00, 0x41, 0xd8, 0x3d]);
    const second = wide(2, 2, [0xde, 0x00, 0x00, 0x42]);
    expect([first.tpdu.text, second.tpdu.text]).toEqual(['A\ufffd', '\ufffdB']);
    expect(assemble([first, second], 2).text).toBe('A😀B');
    expect(assemble([first], 2).text).toBe(`A\ufffd${GAP}`);
  });

  test('a code unit cut in its middle is put together, and flagged, for the standard forbids it', () => {
    const octets = utf16('Жук!');
    const whole = assemble([wide(2, 1, octets.slice(0, 3)), wide(2, 2, octets.slice(3))], 2);
    expect(whole).toMatchObject({ text: 'Жук!', partial: true });
  });

  test('a surplus octet in one part does not garble the next', () => {
    const whole = assemble([wide(2, 1, [...utf16('Жу'), 0x00]), wide(2, 2, utf16('к!'))], 2);
    expect(whole).toMatchObject({ text: 'Жук!', partial: true });
  });
});

describe('parts that differ', () => {
  test('GSM 7-bit and UCS-2 parts make one text', () => {
    const parts = [text(2, 1, 'code '), wide(2, 2, utf16('Ж'))];
    expect(assemble(parts, 2)).toMatchObject({ text: 'code Ж', encoding: 'ucs2', complete: true });
  });

  test('an escape before a UCS-2 part is a space', () => {
    const parts = [part(2, 1, { septets: [0x1b] }), wide(2, 2, utf16('e'))];
    expect(assemble(parts, 2).text).toBe(' e');
  });

  test('each part has the languages of its own header', () => {
    const parts = [part(2, 1, { septets: [0x0b] }, [0x25, 1, 1]), part(2, 2, { septets: [0x0b] })];
    expect(assemble(parts, 2).text).toBe('ĞØ');
  });

  test('8-bit parts make data', () => {
    const parts = [part(2, 2, { dcs: 0x04, octets: [3, 4] }), part(2, 1, { dcs: 0x04, octets: [1, 2] })];
    expect(assemble(parts, 2)).toMatchObject({
      text: null,
      data: Uint8Array.of(1, 2, 3, 4),
      encoding: '8bit',
    });
    expect(assemble(parts.slice(1), 2)).toMatchObject({
      data: Uint8Array.of(1, 2),
      complete: false,
      missing: [2],
    });
  });

  test('text and data together are flagged, and neither is lost', () => {
    const parts = [text(2, 1, 'Hi'), part(2, 2, { dcs: 0x04, octets: [1] })];
    expect(assemble(parts, 2)).toMatchObject({
      text: `Hi${GAP}`,
      data: Uint8Array.of(1),
      encoding: '8bit',
      partial: true,
    });
  });

  test('a part that was cut short makes the whole partial', () => {
    expect(assemble([part(1, 1, { septets: ascii('Hi'), udl: 30 })], 1)).toMatchObject({
      text: 'Hi',
      partial: true,
    });
  });
});

test('the key holds the sender with its type, the reference with its width, and the total', () => {
  const from = { value: '4829', type: 'unknown', plan: 1 } as const;
  const concat = { ref: 1, total: 2, seq: 1, bits: 8 } as const;
  const keys = [
    concatKey(from, concat),
    concatKey({ ...from, value: '4830' }, concat),
    concatKey({ ...from, type: 'national' }, concat),
    concatKey(from, { ...concat, ref: 2 }),
    concatKey(from, { ...concat, bits: 16 }),
    concatKey(from, { ...concat, total: 3 }),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(concatKey({ ...from, plan: 9 }, { ...concat, seq: 2 })).toBe(keys[0]);
});

test('an MMS notification in two parts is recognised when it is whole', () => {
  const octets = [0x01, 0x06, 0x01, 0xbe, 0x8c, 0x82, 0x83, ...Buffer.from('http://mmsc/1\u0000')];
  const ports = [0x05, 4, 0x0b, 0x84, 0x23, 0xf0];
  const pdus = [octets.slice(0, 9), octets.slice(9)].map((piece, index) =>
    decodePdu(hex(...deliver({ dcs: 0x04, udh: [0x00, 3, 9, 2, index + 1, ...ports], octets: piece })), {
      tpdu: true,
    }),
  );
  expect(assembledRecordOf(pdus).mms).toMatchObject({ content_location: 'http://mmsc/1' });
  expect(assembledRecordOf(pdus.slice(0, 1)).mms).toBeUndefined();
});
