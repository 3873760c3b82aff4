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
/** A number in the international form. */
export const Msisdn = z.string().regex(/^\+\d{6,15}$/, 'a number is + and 6 to 15 digits');
/** A service's code in the catalogue. */
export const ServiceCode = z.string().min(1).max(64);
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

/** What became of a message that a command sent: `sms.sent`, `sms.report`, `sms.failed`. */
export const SmsOutcome = z.object({
  commandId: z.ulid(),
  iccid: Iccid,
  to: z.string(),
  parts: z.number().int().min(1),
  /** 23.040 §9.2.3.6: the message reference of each part that went out. */
  references: z.array(z.number().int().min(0).max(255)),
  /** The network's or the recipient's word; of a failure, why. */
  status: z.string(),
  at: time,
});
export type SmsOutcome = z.infer<typeof SmsOutcome>;

/** `single`: one message is waited for. `continuous`: the number is one customer's for as long as it is open. */
export const ActivationMode = z.enum(['single', 'continuous']);
export type ActivationMode = z.infer<typeof ActivationMode>;

export const ActivationOpened = z.object({
  activationId: z.ulid(),
  iccid: Iccid,
  msisdn: Msisdn,
  /** Null: any service. */
  service: ServiceCode.nullable(),
  mode: ActivationMode,
  openedAt: time,
  expiresAt: time,
});
export type ActivationOpened = z.infer<typeof ActivationOpened>;

/** The first message since the activation was opened, or armed again. Later ones name it in `sms.received` only. */
export const ActivationMatched = z.object({
  activationId: z.ulid(),
  messageId: z.ulid(),
  code: z.string().nullable(),
});
export type ActivationMatched = z.infer<typeof ActivationMatched>;

export const EndReason = z.enum(['completed', 'cancelled', 'expired', 'sim-lost']);
export type EndReason = z.infer<typeof EndReason>;

export const ActivationClosed = z.object({ activationId: z.ulid(), iccid: Iccid, reason: EndReason });
export type ActivationClosed = z.infer<typeof ActivationClosed>;

/** A call that nobody answers: its number can be the code. */
export const CallReceived = z.object({
  iccid: Iccid,
  msisdn: z.string().nullable(),
  from: z.string().nullable(),
  at: time,
  activations: z.array(z.ulid()),
});
export type CallReceived = z.infer<typeof CallReceived>;

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
  'sms.sent': SmsOutcome,
  'sms.report': SmsOutcome,
  'sms.failed': SmsOutcome,
  'activation.opened': ActivationOpened,
  'activation.matched': ActivationMatched,
  'activation.closed': ActivationClosed,
  'call.received': CallReceived,
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
