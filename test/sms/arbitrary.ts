/**
 * Arbitrary messages for property tests: fields that a TPDU can hold, as tpdu.ts reads them.
 */
import fc from 'fast-check';
import type { Address, TypeOfNumber } from '../../src/sms/address.ts';
import { readDcs } from '../../src/sms/dcs.ts';
import type {
  DeliverFields,
  StatusReportFields,
  SubmitFields,
  TpduFields,
  UserDataFields,
} from '../../src/sms/encode.ts';
import { readTimestamp, type Scts } from '../../src/sms/timestamp.ts';
import { headerOf, type InformationElement } from '../../src/sms/udh.ts';
import { relativeMinutes, type Validity } from '../../src/sms/validity.ts';
import { time } from '../vectors/writer.ts';

const octet = fc.integer({ min: 0, max: 255 });

const digits = (min: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789*#abc'), minLength: min, maxLength: 20 });

/** Words whose characters all are in the default alphabet, of at most eleven septets. */
const words = fc
  .string({ unit: fc.constantFrom(...'@£$èÉΔΣ AZaz09Ññ§'), maxLength: 11 })
  .filter((word) => word.length <= 11);

export const address: fc.Arbitrary<Address> = fc.oneof(
  fc.record({
    value: digits(0),
    type: fc.constantFrom<TypeOfNumber>(
      'unknown',
      'national',
      'network',
      'subscriber',
      'abbreviated',
      'reserved',
    ),
    plan: fc.integer({ min: 0, max: 15 }),
  }),
  fc.record({
    value: digits(1).map((value) => `+${value}`),
    type: fc.constant<TypeOfNumber>('international'),
    plan: fc.integer({ min: 0, max: 15 }),
  }),
  fc.record({
    value: words,
    type: fc.constant<TypeOfNumber>('alphanumeric'),
    plan: fc.integer({ min: 0, max: 15 }),
  }),
);

/** An SMSC's length counts octets, so that it is a number; letters are left to senders. */
export const smsc = fc.option(address.filter((value) => value.type !== 'alphanumeric'));

export const timestamp: fc.Arbitrary<Scts | null> = fc.option(
  fc
    .record({
      ms: fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2089, 11, 31) }),
      quarters: fc.integer({ min: -79, max: 79 }),
    })
    .map(({ ms, quarters }) => {
      const local = new Date(ms).toISOString().replace(/[-T:]/g, '').slice(2, 14);
      return readTimestamp(Uint8Array.from(time(local, quarters)));
    }),
);

const element: fc.Arbitrary<InformationElement> = fc
  .record({
    id: fc.constantFrom(0x00, 0x01, 0x04, 0x05, 0x08, 0x23, 0x24, 0x25, 0x0a, 0x22, 0x6f, 0xff),
    length: fc.integer({ min: 0, max: 9 }),
    octets: fc.uint8Array({ minLength: 9, maxLength: 9 }),
  })
  .map(({ id, length, octets }) => ({ id, data: octets.slice(0, length) }));

export const header = fc.option(fc.array(element, { maxLength: 4 }).map(headerOf));

export const userData: fc.Arbitrary<UserDataFields> = fc
  .record({ dcs: octet.map(readDcs), udh: header, fill: fc.uint8Array({ minLength: 160, maxLength: 160 }) })
  .chain(({ dcs, udh, fill }) => {
    const taken = udh === null ? 0 : 1 + udh.octets.length;
    const inSeptets = dcs.encoding === 'gsm7' && !dcs.compressed;
    const space = inSeptets ? 160 - Math.ceil((8 * taken) / 7) : 140 - taken;
    return fc.integer({ min: 0, max: space }).map((length) => {
      // An odd octet of UCS-2 is read as cut short.
      const even = dcs.encoding === 'ucs2' && !dcs.compressed ? length & ~1 : length;
      const body = inSeptets ? fill.slice(0, even).map((value) => value & 0x7f) : fill.slice(0, even);
      return { dcs, udh, body };
    });
  });

export const deliver: fc.Arbitrary<DeliverFields> = fc
  .record({
    fields: fc.record({
      type: fc.constant('DELIVER' as const),
      oa: address,
      pid: octet,
      scts: timestamp,
      moreMessages: fc.boolean(),
      loopPrevention: fc.boolean(),
      statusReportIndication: fc.boolean(),
      replyPath: fc.boolean(),
    }),
    userData,
  })
  .map(({ fields, userData }) => ({ ...fields, ...userData }));

const validity: fc.Arbitrary<Validity | null> = fc.oneof(
  fc.constant(null),
  octet.map((value) => ({ format: 'relative' as const, value, minutes: relativeMinutes(value) })),
  timestamp.map((until) => ({ format: 'absolute' as const, until })),
);

export const submit: fc.Arbitrary<SubmitFields> = fc
  .record({
    fields: fc.record({
      type: fc.constant('SUBMIT' as const),
      mr: octet,
      da: address,
      pid: octet,
      validity,
      rejectDuplicates: fc.boolean(),
      statusReportRequest: fc.boolean(),
      replyPath: fc.boolean(),
    }),
    userData,
  })
  .map(({ fields, userData }) => ({ ...fields, ...userData }));

export const statusReport: fc.Arbitrary<StatusReportFields> = fc
  .record({
    fields: fc.record({
      type: fc.constant('STATUS-REPORT' as const),
      mr: octet,
      ra: address,
      scts: timestamp,
      discharge: timestamp,
      status: octet,
      moreMessages: fc.boolean(),
      loopPrevention: fc.boolean(),
      ofCommand: fc.boolean(),
      pid: fc.option(octet),
    }),
    userData: fc.option(userData),
  })
  .map(({ fields, userData }) => ({ ...fields, dcs: userData?.dcs ?? null, userData }));

export const tpdu: fc.Arbitrary<TpduFields> = fc.oneof(
  { arbitrary: deliver, weight: 3 },
  { arbitrary: submit, weight: 1 },
  { arbitrary: statusReport, weight: 1 },
);
