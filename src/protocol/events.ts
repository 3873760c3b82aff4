/**
 * Durable events: what a gateway says happened, numbered without gaps, kept until the hub has it.
 *
 * Readers must tolerate members they do not know: members are added, never renamed or removed.
 */
import { z } from 'zod';

export const VERSION = 1;

/** RFC 3339, any offset. */
const time = z.iso.datetime({ offset: true });
export const Iccid = z.string().regex(/^[0-9A-F]{18,20}$/);
const hex = z.string().regex(/^([0-9A-F]{2})*$/);

export const TypeOfNumber = z.enum([
  'unknown',
  'international',
  'national',
  'network',
  'subscriber',
  'alphanumeric',
  'abbreviated',
  'reserved',
]);

/** `sms.received` and `sms.updated`: one message as its subscriber reads it, complete or as far as it arrived. */
export const SmsReceived = z.object({
  messageId: z.ulid(),
  iccid: Iccid.nullable(),
  attribution: z.enum(['certain', 'doubtful']),
  msisdn: z.string().nullable(),
  imei: z.string().nullable(),
  slot: z.string(),
  /** International numbers carry `+`; a short code is its digits; empty where a PDU could not be read. */
  from: z.string(),
  fromType: TypeOfNumber,
  text: z.string().nullable(),
  encoding: z.enum(['gsm7', 'ucs2', '8bit']),
  dataHex: hex.nullable(),
  class: z.number().int().min(0).max(3).nullable(),
  parts: z.object({ total: z.number().int().min(1), received: z.number().int().min(1) }),
  complete: z.boolean(),
  /** Service centre time stamp, in the offset the service centre wrote. */
  sentAt: time.nullable(),
  receivedAt: time,
  code: z.object({ value: z.string(), raw: z.string(), confidence: z.number() }).nullable(),
  activations: z.array(z.ulid()),
  ports: z.object({ dst: z.number().int(), src: z.number().int() }).nullable(),
  error: z.string().nullable(),
  /** The TPDUs as they were read, without the SMSC prefix, in the order of their parts. */
  pdus: z.array(hex),
});
export type SmsReceived = z.infer<typeof SmsReceived>;

export const SimMoved = z.object({
  slot: z.string(),
  iccid: Iccid,
  previousIccid: Iccid.nullable(),
  insertedAt: time,
});
export type SimMoved = z.infer<typeof SimMoved>;

export const Alarm = z.object({
  alarm: z.string(),
  slot: z.string().optional(),
  iccid: Iccid.optional(),
  detail: z.string(),
});
export type Alarm = z.infer<typeof Alarm>;

/** Every event type this version writes, with the shape of its `data`. */
export const eventData = {
  'sms.received': SmsReceived,
  'sms.updated': SmsReceived,
  'sim.inserted': SimMoved,
  'sim.changed': SimMoved,
  'sim.removed': SimMoved,
  'alarm.raised': Alarm,
  'alarm.cleared': Alarm,
} as const;
export type EventType = keyof typeof eventData;
export type EventData<T extends EventType> = z.infer<(typeof eventData)[T]>;

/** The envelope of every event. A type this version does not know is still a valid event: it counts and is kept. */
export const Event = z.object({
  v: z.literal(VERSION),
  id: z.ulid(),
  epoch: z.ulid(),
  seq: z.number().int().min(1),
  type: z.string().min(1),
  gateway: z.string(),
  time,
  data: z.record(z.string(), z.unknown()),
});
export type Event = z.infer<typeof Event>;
