import fc from 'fast-check';
import { parse } from 'node-pdu';
import { expect, test } from 'vitest';
import {
  draftDeliver,
  finishDraft,
  readTpdu,
  SMSC_FIELD,
  type TextMessage,
} from '../../src/emulator/tpdu.ts';

const AT = Date.UTC(2026, 10, 21, 6, 30, 1) / 1000;

function write(message: TextMessage, reference = 1): string[] {
  return finishDraft(draftDeliver(message, reference), AT);
}

/** What the independent decoder makes of a TPDU. */
function decode(tpdu: string) {
  const pdu = parse(SMSC_FIELD + tpdu) as unknown as {
    data: { getText(): string };
    address: { phone: string | null };
    serviceCenterTimeStamp: { time: number };
  };
  return { text: pdu.data.getText(), from: pdu.address.phone, at: pdu.serviceCenterTimeStamp.time };
}

test('writes a DELIVER as the standard has it', () => {
  // MTI 0 and no more messages; 11 digits, international; PID 0, DCS 0; 2026-11-21 06:30:01 UTC; five septets.
  expect(write({ from: '+12025550143', text: 'hello' })).toEqual([
    '040B912120550541F300006211126003100005E8329BFD06',
  ]);
  expect(SMSC_FIELD).toBe('07919919000000F1');
});

test('writes zones west and east of UTC in local time', () => {
  expect(write({ from: '1', text: '', zoneQuarters: -20 })[0]).toContain('621112100310A'.slice(0, 12));
  expect(readTpdu(write({ from: '1', text: '', zoneQuarters: -20 })[0] ?? '')?.scts).toBe(
    '26/11/21,01:30:01-20',
  );
  expect(readTpdu(write({ from: '1', text: '', zoneQuarters: 23 })[0] ?? '')?.scts).toBe(
    '26/11/21,12:15:01+23',
  );
});

test.each([
  ['+12025550143', '12025550143'],
  ['22000', '22000'],
  // The decoder shows the digits A and B of 23.040 §9.1.2.3 as such.
  ['*100#', 'A100B'],
  ['Google', 'Google'],
  ['abc', 'abc'],
  ['Ünïcøde!', null],
])('originator %s', (from, phone) => {
  if (from.includes('ï')) {
    expect(() => write({ from, text: 'x' })).toThrow('GSM alphabet');
    return;
  }
  const tpdu = write({ from, text: 'x' })[0] ?? '';
  expect(decode(tpdu).from).toBe(phone);
  expect(readTpdu(tpdu)?.address).toBe(from);
});

test('cuts at 160 and 70 characters, never through an escape or a surrogate pair', () => {
  const parts = (text: string, refBits?: 8 | 16) =>
    write({ from: '1', text, ...(refBits && { refBits }) }).map((tpdu) => readTpdu(tpdu)?.text?.length);
  expect(parts('a'.repeat(160))).toEqual([160]);
  expect(parts('a'.repeat(161))).toEqual([153, 8]);
  expect(parts('a'.repeat(161), 16)).toEqual([152, 9]);
  expect(parts(`${'a'.repeat(152)}€${'b'.repeat(20)}`)).toEqual([152, 21]);
  expect(parts('ж'.repeat(70))).toEqual([70]);
  expect(parts('ж'.repeat(71))).toEqual([67, 4]);
  expect(parts('😀'.repeat(36))).toEqual([66, 6]);
  expect(parts('😀'.repeat(36), 16)).toEqual([66, 6]);
});

test('an independent decoder reads every text back, whole', () => {
  const gsm = fc.string({ unit: fc.constantFrom(...'aZ0 @£$¥èΔ_ΦÆß!?Äüà{}[]~\\|^€\n'), maxLength: 500 });
  const unicode = fc.string({ unit: fc.constantFrom(...'aж中😀é👍'), maxLength: 300 });
  fc.assert(
    fc.property(fc.oneof(gsm, unicode), fc.constantFrom(8 as const, 16 as const), (text, refBits) => {
      const tpdus = write({ from: '+4915112345678', text, refBits }, 0x1234);
      for (const tpdu of tpdus) {
        expect(tpdu.length / 2).toBeLessThanOrEqual(14 + 2 + 140);
        expect(decode(tpdu).at).toBe(AT);
      }
      expect(tpdus.map((tpdu) => decode(tpdu).text).join('')).toBe(text);
      expect(tpdus.map((tpdu) => readTpdu(tpdu)?.text).join('')).toBe(text);
    }),
    { numRuns: 200 },
  );
});
