import { monotonicFactory } from 'ulid';

const next = monotonicFactory();

/**
 * A ULID for the moment `nowMs` (Unix milliseconds). Those made within one millisecond count up, so that the ids of
 * one process sort in the order they were made.
 */
export function ulid(nowMs: number): string {
  return next(nowMs);
}
