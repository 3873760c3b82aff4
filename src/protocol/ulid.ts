import { monotonicFactory } from 'ulid';

/** Random octets, many at a time: asking for each by itself costs more than the rest of an id. */
const pool = new Uint8Array(1_024);
let used = pool.length;

const next = monotonicFactory(() => {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  return pool[used++]! / 256;
});

/**
 * A ULID for the moment `nowMs` (Unix milliseconds). Those made within one millisecond count up, so that the ids of
 * one process sort in the order they were made.
 */
export function ulid(nowMs: number): string {
  return next(nowMs);
}
