/** Requests to a gateway, their answers, and the hub's receipt for events. */
import { z } from 'zod';
import { ActivationMode, Iccid, Msisdn, ServiceCode, VERSION } from './events.ts';
import { SLOT_NAME } from './topics.ts';

const time = z.iso.datetime({ offset: true });

export const Command = z.object({
  v: z.literal(VERSION),
  id: z.ulid(),
  name: z.string().min(1),
  args: z.record(z.string(), z.unknown()).default({}),
  expiresAt: time,
});
export type Command = z.infer<typeof Command>;

const DAY_SECONDS = 86_400;
const slot = z.string().regex(SLOT_NAME, 'no slot is called that');
const ttlSeconds = z
  .number()
  .int()
  .min(1)
  .max(366 * DAY_SECONDS);

/** Which SIM may serve: every member narrows the choice. */
export const SimSelection = z.object({
  iccid: Iccid.optional(),
  msisdn: Msisdn.optional(),
  countryIso: z
    .string()
    .regex(/^[A-Z]{2}$/, 'a country is two capitals, as US')
    .optional(),
  /** Names, whatever their case, or digits: the country and network code the IMSI begins with. */
  operators: z.array(z.string().min(1)).min(1).max(100).optional(),
  /** What the number begins with behind its country code. */
  areaCodes: z
    .array(z.string().regex(/^\d{1,8}$/))
    .min(1)
    .max(1_000)
    .optional(),
  excludeIccids: z.array(Iccid).max(100_000).optional(),
  /** Nothing else is open on it, and it never served anything. */
  fresh: z.boolean().optional(),
});
export type SimSelection = z.infer<typeof SimSelection>;

/**
 * What makes a message this activation's besides the catalogue's patterns. `*` stands for any characters, case does not
 * count. A sender is compared as a whole, a text pattern may fit anywhere in the text.
 */
export const MatchPatterns = z.object({
  senders: z.array(z.string().min(1).max(64)).max(50).optional(),
  textPattern: z.string().min(1).max(500).optional(),
});
export type MatchPatterns = z.infer<typeof MatchPatterns>;

const distinct = (values: readonly unknown[]): boolean => new Set(values).size === values.length;

export const OpenActivations = z
  .object({
    /** All on one SIM, or none. */
    activations: z
      .array(
        z.object({
          activationId: z.ulid(),
          /** Null: any service. */
          service: ServiceCode.nullable(),
          match: MatchPatterns.optional(),
        }),
      )
      .min(1)
      .max(5)
      .refine((all) => distinct(all.map(({ activationId }) => activationId)), 'one activationId twice')
      .refine((all) => distinct(all.map(({ service }) => service)), 'one service twice'),
    mode: ActivationMode,
    ttlSeconds,
    select: SimSelection.default({}),
  })
  .refine(({ mode, activations }) => mode === 'single' || activations.length === 1, {
    path: ['activations'],
    message: 'a continuous activation is alone on its SIM',
  });
export type OpenActivations = z.infer<typeof OpenActivations>;

const SendSms = z
  .object({
    iccid: Iccid.optional(),
    activationId: z.ulid().optional(),
    to: z.string().regex(/^\+?\d{1,20}$/, 'a recipient is digits, with + in front where international'),
    text: z.string().min(1).max(10_000),
    report: z.boolean().default(false),
  })
  .refine(({ iccid, activationId }) => (iccid === undefined) !== (activationId === undefined), {
    message: 'one of iccid and activationId says from which SIM',
  });

/** States an operator gives a SIM: `quarantined` and `retired` ones are never assigned. */
export const GivenState = z.enum(['ready', 'quarantined', 'retired']);
export type GivenState = z.infer<typeof GivenState>;

/** Shapes of `args`, by command name. */
export const commandArgs = {
  'activation.open': OpenActivations,
  'activation.close': z.object({ activationId: z.ulid(), reason: z.enum(['completed', 'cancelled']) }),
  'activation.rearm': z.object({ activationId: z.ulid(), ttlSeconds }),
  'sms.send': SendSms,
  'ussd.run': z.object({ iccid: Iccid, code: z.string().regex(/^[*#0-9A-Za-z+]{1,160}$/) }),
  'at.run': z.object({ slot, command: z.string().regex(/^AT[\x20-\x7e]{0,500}$/i) }),
  'sim.set-number': z.object({ iccid: Iccid, msisdn: Msisdn }),
  'sim.set-state': z.object({ iccid: Iccid, state: GivenState }),
  'slot.restart': z.object({ slot }),
  'slot.disable': z.object({ slot }),
  'slot.enable': z.object({ slot }),
  'events.replay': z.object({ epoch: z.ulid(), after: z.number().int().min(0) }),
  'inventory.refresh': z.object({}),
} as const;
export type CommandName = keyof typeof commandArgs;
export type CommandArgs<N extends CommandName> = z.infer<(typeof commandArgs)[N]>;

export const Reply = z.discriminatedUnion('ok', [
  z.object({
    v: z.literal(VERSION),
    id: z.string(),
    ok: z.literal(true),
    result: z.record(z.string(), z.unknown()),
  }),
  z.object({
    v: z.literal(VERSION),
    id: z.string().nullable(),
    ok: z.literal(false),
    error: z.object({ code: z.string(), message: z.string() }),
  }),
]);
export type Reply = z.infer<typeof Reply>;

export const ReplayResult = z.object({
  from: z.number().int(),
  to: z.number().int(),
  truncated: z.boolean(),
});
export type ReplayResult = z.infer<typeof ReplayResult>;

export const OpenResult = z.object({
  iccid: Iccid,
  msisdn: Msisdn,
  operator: z.string().nullable(),
  countryIso: z.string().nullable(),
  openedAt: time,
  expiresAt: time,
});
export type OpenResult = z.infer<typeof OpenResult>;

export const RearmResult = z.object({ expiresAt: time });
export const SendResult = z.object({ accepted: z.literal(true) });
export const UssdResult = z.object({ text: z.string().nullable(), status: z.string() });
export const AtResult = z.object({ lines: z.array(z.string()) });

/** Every event of `epoch` with `seq <= upTo` is committed at the hub; `id` is that of event `upTo`. */
export const Ack = z.object({
  v: z.literal(VERSION),
  epoch: z.ulid(),
  upTo: z.number().int().min(1),
  id: z.ulid(),
});
export type Ack = z.infer<typeof Ack>;

/** All faults of a payload, each with its path, in one line. */
export function faultsOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || '(payload)'}: ${issue.message}`).join('; ');
}

/** Reads a payload: the value, or the faults in one line. Never throws. */
export function parsePayload<T extends z.ZodType>(
  schema: T,
  payload: Uint8Array | string,
): { ok: true; value: z.infer<T> } | { ok: false; faults: string; id: string | null } {
  let json: unknown;
  try {
    json = JSON.parse(typeof payload === 'string' ? payload : new TextDecoder().decode(payload));
  } catch {
    return { ok: false, faults: '(payload): not JSON', id: null };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { ok: true, value: parsed.data };
  const id = typeof json === 'object' && json !== null ? (json as { id?: unknown }).id : undefined;
  return { ok: false, faults: faultsOf(parsed.error), id: typeof id === 'string' ? id : null };
}
