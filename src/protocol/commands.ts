/** Requests to a gateway, their answers, and the hub's receipt for events. */
import { z } from 'zod';
import { VERSION } from './events.ts';

const time = z.iso.datetime({ offset: true });

export const Command = z.object({
  v: z.literal(VERSION),
  id: z.ulid(),
  name: z.string().min(1),
  args: z.record(z.string(), z.unknown()).default({}),
  expiresAt: time,
});
export type Command = z.infer<typeof Command>;

/** Shapes of `args`, by command name: the commands this version carries out. */
export const commandArgs = {
  'events.replay': z.object({ epoch: z.ulid(), after: z.number().int().min(0) }),
  'inventory.refresh': z.object({}),
} as const;
export type CommandName = keyof typeof commandArgs;

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
