/** How activations ended, counted by quarter of an hour: the success rate of a rolling window comes from it (G-29). */
import type { Db } from './schema.ts';

const QUARTER_MS = 900_000;

export interface Outcome {
  readonly gateway: string;
  readonly service: string | null;
  readonly country: string | null;
  readonly result: 'received' | 'missed' | 'refused';
  /** Of `received`: from opening to the message. */
  readonly arrivalMs?: number;
  readonly now: string;
}

export async function countOutcome(db: Db, outcome: Outcome): Promise<void> {
  const { gateway, service, country, result, arrivalMs = 0, now } = outcome;
  const counts = {
    received: 0,
    missed: 0,
    refused: 0,
    [result]: 1,
    arrival_ms: Math.max(0, Math.round(arrivalMs)),
  };
  await db
    .insertInto('outcome')
    .values({ bucket: quarterOf(now), gateway, service: service ?? '', country: country ?? '', ...counts })
    .onConflict((conflict) =>
      conflict.columns(['bucket', 'service', 'country', 'gateway']).doUpdateSet({
        received: (eb) => eb('outcome.received', '+', eb.ref('excluded.received')),
        missed: (eb) => eb('outcome.missed', '+', eb.ref('excluded.missed')),
        refused: (eb) => eb('outcome.refused', '+', eb.ref('excluded.refused')),
        arrival_ms: (eb) => eb('outcome.arrival_ms', '+', eb.ref('excluded.arrival_ms')),
      }),
    )
    .execute();
}

/** The beginning of the quarter of an hour that a moment is in. */
export function quarterOf(time: string): string {
  return new Date(Math.floor(Date.parse(time) / QUARTER_MS) * QUARTER_MS).toISOString();
}
