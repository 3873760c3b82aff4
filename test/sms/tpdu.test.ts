import { expect, test } from 'vitest';
import { decodePdu, partIdentity, tpduHexOf } from '../../src/sms/tpdu.ts';
import { ascii, deliver, hex, report, smsc, submit } from '../vectors/writer.ts';

const TPDU = hex(...deliver({ septets: ascii('Hello') }));
const PDU = hex(...smsc(0x91, '12025550199')) + TPDU;

test('the error says field, octet and fault, and no part of the message', () => {
  const cut = hex(0, ...deliver({ septets: ascii('Hello') }).slice(0, 15));
  expect(() => decodePdu(cut)).toThrow(
    'SMS-DELIVER TP-SCTS at octet 12: needs 7 octets, the data ends after 4',
  );
});

test.each([Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY])('a length of %d is no length', (length) => {
  expect(() => decodePdu(PDU, { length })).toThrow(expect.objectContaining({ code: 'sms.malformed' }));
});

test('the TPDU is given in upper case, without SMSC and padding', () => {
  expect(decodePdu(PDU.toLowerCase()).tpduHex).toBe(TPDU);
  expect(decodePdu(`${PDU}FFFF`).tpduHex).toBe(`${TPDU}FFFF`);
  expect(decodePdu(`${PDU}FFFF`, { length: TPDU.length / 2 }).tpduHex).toBe(TPDU);
});

test('what cannot be decoded has a TPDU and an identity all the same', () => {
  expect(tpduHexOf(PDU)).toBe(TPDU);
  expect(tpduHexOf(`${PDU}ff`, { length: TPDU.length / 2 })).toBe(TPDU);
  expect(tpduHexOf(TPDU.toLowerCase(), { tpdu: true })).toBe(TPDU);
  expect(tpduHexOf(PDU, { length: Number.NaN })).toBe(TPDU);
  expect(tpduHexOf('00')).toBe('00');
  expect(tpduHexOf('0c91')).toBe('0C91');
  expect(tpduHexOf('ff0102')).toBe('FF0102');
  expect(tpduHexOf('no hex')).toBe('NO HEX');
  expect(tpduHexOf('')).toBe('');
  expect(partIdentity('')).toBe('');
  expect(partIdentity('no hex')).toBe('NO HEX');
});

test('the identity leaves TP-MMS out, and nothing else', () => {
  const waiting = hex(...deliver({ first: 0x00, septets: ascii('Hello') }));
  expect(partIdentity(TPDU)).toBe(partIdentity(waiting));
  expect(partIdentity(hex(...report({ first: 0x02 })))).toBe(partIdentity(hex(...report({ first: 0x06 }))));
  // In an SMS-SUBMIT the same bit is TP-RD.
  const submits = [0x01, 0x05].map((first) =>
    partIdentity(hex(...submit({ first, septets: ascii('Hello') }))),
  );
  expect(submits[0]).not.toBe(submits[1]);
});

test('the direction decides what TP-MTI means', () => {
  const sent = hex(...submit({ septets: ascii('Hello') }));
  expect(decodePdu(sent, { tpdu: true }).tpdu.type).toBe('SUBMIT');
  expect(decodePdu(sent, { tpdu: true, direction: 'mo' }).tpdu.type).toBe('SUBMIT');
  expect(decodePdu(PDU, { direction: 'mt' }).tpdu.type).toBe('DELIVER');
  expect(decodePdu(hex(...report({})), { tpdu: true, direction: 'mt' }).tpdu.type).toBe('STATUS-REPORT');
});
