/** How a gateway is asked to open activations, and what it says to that. */
import { OpenResult } from '../../protocol/commands.ts';
import type { Answer } from '../commander.ts';
import type { ActivationRow } from '../store/activations.ts';
import type { Reads } from '../store/reads.ts';
import { selectionOf, type Wish } from './wish.ts';

/** The arguments of `activation.open`: SIMs that the hub knows to be used up for a service are left out. */
export async function openArgs(
  reads: Reads,
  rows: readonly ActivationRow[],
  attempts: readonly { id: string; activation: string }[],
  gateway: string,
) {
  const { account, mode, ttl, country, service } = rows[0]!;
  const wish = JSON.parse(rows[0]!.wish) as Wish;
  const named = wish.msisdn !== undefined || wish.iccid !== undefined;
  const services = rows.flatMap((row) => (row.service === null ? [] : [row.service]));
  const used = named
    ? []
    : await Promise.all(services.map((one) => reads.usedSims({ gateway, account, service: one })));
  return {
    activations: attempts.map(({ id, activation }) => ({
      activationId: id,
      service: rows.find((row) => row.id === activation)?.service ?? service,
    })),
    mode,
    ttlSeconds: ttl,
    select: selectionOf(wish, wish.iccid === undefined ? country : null, [...new Set(used.flat())]),
  };
}

/** What the gateway opened; null for a refusal, no answer, or one that cannot be read. */
export function readOpened(answer: Answer) {
  if (answer?.ok !== true) return null;
  const read = OpenResult.safeParse(answer.result);
  if (!read.success) return null;
  const { openedAt, expiresAt, ...rest } = read.data;
  return {
    ...rest,
    openedAt: new Date(openedAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  };
}
