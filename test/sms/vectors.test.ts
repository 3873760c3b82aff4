import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasCode, type SimbankError } from '../../src/errors.ts';
import { recordOf } from '../../src/sms/record.ts';
import { type DecodeOptions, decodePdu, encodePdu, encodeTpdu } from '../../src/sms/tpdu.ts';
import { allVectors } from '../vectors/make.ts';
import type { MalformedVector, Vector } from '../vectors/vector.ts';

function load<T>(name: string): T[] {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8')) as T[];
}

const valid = [...load<Vector>('tpdu.json'), ...load<Vector>('dcs.json')];
const malformed = load<MalformedVector>('malformed.json');

function optionsOf(vector: Vector | MalformedVector): DecodeOptions {
  return {
    ...(vector.tpdu === undefined ? {} : { tpdu: vector.tpdu }),
    ...(vector.len === undefined ? {} : { length: vector.len }),
    ...('direction' in vector && vector.direction !== undefined ? { direction: vector.direction } : {}),
  };
}

test('there are at least 300 valid vectors beside the sweep of coding schemes, and 100 malformed ones', () => {
  expect(load('tpdu.json').length).toBeGreaterThanOrEqual(300);
  expect(malformed.length).toBeGreaterThanOrEqual(100);
  expect(new Set(valid.map((vector) => vector.name)).size).toBe(valid.length);
  expect(new Set(malformed.map((vector) => vector.name)).size).toBe(malformed.length);
});

test('the files are what make.ts writes', () => {
  for (const [name, vectors] of Object.entries(allVectors())) {
    expect(load(name)).toEqual(JSON.parse(JSON.stringify(vectors)));
  }
});

describe('a valid PDU reads as its fields', () => {
  test.each(valid)('$name', (vector) => {
    expect(recordOf(decodePdu(vector.pdu, optionsOf(vector)))).toEqual(vector.record);
  });
});

/** Octets that no field holds: a bit that is reserved, fill that is not zero, an indicator that says nothing. */
const NOT_CANONICAL = new Set([
  'first octet: an unused bit',
  'first octet: reserved TP-MTI: processed as an SMS-DELIVER',
  'TP-OA whose length counts the filler as well',
  'TP-OA with an odd digit and no filler behind it',
  'TP-OA whose type of address has bit 7 clear',
  'optional fields: an empty indicator',
  'optional fields: a second indicator octet',
  'optional fields: reserved bits: what follows is discarded',
  'optional fields: reserved bits and a text: what follows is discarded',
]);

/** Lengths of names that say more semi-octets than the septets need. */
const ROUNDED = /^TP-OA alphanumeric, .* semi-octets/;

describe('a valid PDU survives decoding and encoding', () => {
  const whole = valid.filter(
    ({ name, len, record }) =>
      len === undefined && record.partial === undefined && !NOT_CANONICAL.has(name) && !ROUNDED.test(name),
  );
  test.each(whole)('$name', (vector) => {
    const { smsc, tpdu } = decodePdu(vector.pdu, optionsOf(vector));
    const hasTime = tpdu.type === 'SUBMIT' || tpdu.scts !== null;
    const written = vector.tpdu ? encodeTpdu(tpdu) : encodePdu(smsc, tpdu);
    // An impossible time is written as zeros, and the sign of a zone of zero is lost.
    if (hasTime && !/impossible|sign bit/.test(vector.name)) expect(written).toBe(vector.pdu.toUpperCase());
    expect(recordOf(decodePdu(written, optionsOf(vector)))).toEqual(vector.record);
  });
});

describe('a malformed PDU is refused with the field and the octet', () => {
  test.each(malformed)('$name', (vector) => {
    let error: unknown;
    try {
      decodePdu(vector.pdu, optionsOf(vector));
    } catch (thrown) {
      error = thrown;
    }
    expect(hasCode(error, 'sms.malformed')).toBe(true);
    const { message, detail } = error as SimbankError;
    expect(detail).toEqual({ field: vector.field, octet: vector.octet });
    expect(message).toMatch(
      new RegExp(`^(PDU|SMS-(DELIVER|SUBMIT|STATUS-REPORT)) ${vector.field} at octet ${vector.octet}: .`),
    );
  });
});
