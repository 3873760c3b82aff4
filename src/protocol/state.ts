/** Retained state: stock and display, published on change and again after every connection. */
import { z } from 'zod';
import { Iccid, VERSION } from './events.ts';

const time = z.iso.datetime({ offset: true });

export const Problem = z.object({ code: z.string(), message: z.string(), since: time });
export type Problem = z.infer<typeof Problem>;

/** `<root>/<gw>/status`; the last will of each connection is the same with `state: offline`. */
export const GatewayStatus = z.object({
  v: z.literal(VERSION),
  gateway: z.string(),
  state: z.enum(['online', 'offline']),
  version: z.string(),
  /** Made with the data directory. */
  instance: z.ulid(),
  /** New at every CONNECT: tells a will of an older connection from a later one. */
  session: z.ulid(),
  epoch: z.ulid(),
  lastSeq: z.number().int().min(0),
  time,
  startedAt: time,
  /** What keeps the gateway as a whole from its work: a disk that takes nothing. */
  problem: Problem.nullable().optional(),
});
export type GatewayStatus = z.infer<typeof GatewayStatus>;

export const PHASES = [
  'opening',
  'probing',
  'no-sim',
  'locked',
  'registering',
  'ready',
  'recovering',
  'lost',
  'ignored',
] as const;
export type Phase = (typeof PHASES)[number];

export const StorageUse = z.object({ name: z.string(), used: z.number().int(), total: z.number().int() });
export type StorageUse = z.infer<typeof StorageUse>;

/** `<root>/<gw>/slots/<slot>` */
export const SlotState = z.object({
  v: z.literal(VERSION),
  epoch: z.ulid(),
  rev: z.number().int().min(1),
  slot: z.string(),
  port: z.string(),
  phase: z.enum(PHASES),
  driver: z.string().nullable(),
  manufacturer: z.string().nullable(),
  model: z.string().nullable(),
  firmware: z.string().nullable(),
  imei: z.string().nullable(),
  iccid: Iccid.nullable(),
  operator: z.string().nullable(),
  rat: z.string().nullable(),
  registration: z.string(),
  signalDbm: z.number().nullable(),
  storage: z.array(StorageUse),
  lastReceivedAt: time.nullable(),
  restarts: z.number().int().min(0),
  /** How often each rung of the recovery ladder was taken since the gateway's start. */
  recoveries: z.record(z.string(), z.number().int()).optional(),
  /** What passed on the line since then: commands, time-outs, lines that were nobody's, and so on. */
  line: z.record(z.string(), z.number().int()).optional(),
  /** Notices that its driver does not know, by name: how often they came. */
  unknownUrcs: z.record(z.string(), z.number().int()).optional(),
  problem: Problem.nullable(),
  updatedAt: time,
});
export type SlotState = z.infer<typeof SlotState>;

/** `<root>/<gw>/sims/<iccid>` */
export const SimState = z.object({
  v: z.literal(VERSION),
  epoch: z.ulid(),
  rev: z.number().int().min(1),
  iccid: Iccid,
  imsi: z.string().nullable(),
  msisdn: z.string().nullable(),
  msisdnSource: z.enum(['operator', 'sim', 'ussd', 'sms']).nullable(),
  countryIso: z.string().nullable(),
  mccmnc: z.string().nullable(),
  operator: z.string().nullable(),
  eid: z.string().nullable(),
  slot: z.string().nullable(),
  insertedAt: time,
  state: z.enum(['ready', 'registering', 'locked', 'absent', 'disabled', 'quarantined', 'retired']),
  activations: z.array(
    z.object({ activationId: z.ulid(), service: z.string().nullable(), mode: z.string(), expiresAt: time }),
  ),
  usedServices: z.array(z.string()),
  updatedAt: time,
});
export type SimState = z.infer<typeof SimState>;

/** One line of «last messages» on the local page: the text is masked before it gets here. */
export interface MessageGlance {
  readonly receivedAt: string;
  readonly slot: string;
  readonly iccid: string | null;
  readonly from: string;
  readonly text: string;
  readonly parts: { readonly total: number; readonly received: number };
}

/** What the local page may see of a gateway: read-only, no way back into it. */
export interface GatewayView {
  readonly gateway: string;
  readonly version: string;
  readonly startedAt: string;
  /** What keeps the gateway as a whole from its work. */
  problem(): Problem | null;
  slots(): readonly SlotState[];
  sims(): readonly SimState[];
  messages(limit: number): readonly MessageGlance[];
  uplink(): UplinkView;
  /** Of each kind, how many the kernel has given out; a modem that comes when there are none left has no port. */
  ttys(): readonly TtyUse[];
}

export interface TtyUse {
  /** `ttyUSB`, `ttyACM`. */
  readonly kind: string;
  readonly used: number;
  readonly limit: number;
}

export interface UplinkView {
  readonly connected: boolean;
  readonly broker: string;
  readonly protocol: string | null;
  readonly problem: Problem | null;
  readonly lastSeq: number;
  readonly ackedSeq: number;
  /** Events on disk that no receipt covers yet. */
  readonly waiting: number;
}
