/** What the listing routes take in their query: how many, where to go on, and since when. */
import { z } from 'zod';

/** `limit`, from 1 to `most`. */
export function Limit(most: number, usual: number) {
  const wrong = `must be a whole number from 1 to ${most}`;
  return z
    .string()
    .regex(/^\d{1,6}$/, wrong)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= most, wrong)
    .default(usual);
}

/** A place in a list as an opaque text. `kind` keeps the places of one list out of another. */
export function encodeCursor(kind: string, place: string): string {
  return Buffer.from(`${kind}:${place}`).toString('base64url');
}

/** `after`: what encodeCursor made of a place that `shape` fits. */
export function Cursor(kind: string, shape: RegExp) {
  return z
    .string()
    .transform((cursor, context) => {
      const [found, place = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split(':');
      if (found === kind && shape.test(place)) return place;
      context.addIssue({ code: 'custom', message: 'is not a cursor that this list gave out' });
      return z.NEVER;
    })
    .optional();
}

const WHEN =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?([Zz]|[+\- ]\d{2}(?::?\d{2})?)?)?$/;

/**
 * `since`: an ISO 8601 date, or date and time, UTC where it names no offset. The value is the beginning of its second as
 * RFC 3339 UTC with milliseconds, because `received_at` is shown in whole seconds (M-20, A-33).
 */
export const Since = z
  .string()
  .transform((text, context) => {
    const at = parseWhen(text);
    if (at !== null) return at;
    context.addIssue({
      code: 'custom',
      message:
        'must be an ISO 8601 date and time such as 2026-11-21T06:29:00Z (in a URL a "+" is written %2B)',
    });
    return z.NEVER;
  })
  .optional();

function parseWhen(text: string): string | null {
  const match = WHEN.exec(text);
  if (match === null) return null;
  const [year, month, day, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const local = new Date(Date.UTC(year!, month! - 1, day!, hour, minute, second));
  // Date.UTC carries over: 30 February would be 2 March.
  const fits =
    local.getUTCFullYear() === year &&
    local.getUTCMonth() + 1 === month &&
    local.getUTCDate() === day &&
    local.getUTCHours() === hour &&
    local.getUTCMinutes() === minute &&
    local.getUTCSeconds() === second;
  if (!fits) return null;
  // A "+" that was not escaped in the URL arrives as a space.
  const zone = /^([+\- ])(\d{2}):?(\d{2})?$/.exec(match[7] ?? '');
  const offset =
    zone === null ? 0 : (Number(zone[2]) * 60 + Number(zone[3] ?? 0)) * (zone[1] === '-' ? -1 : 1);
  if (Math.abs(offset) >= 24 * 60) return null;
  return new Date(local.getTime() - offset * 60_000).toISOString();
}

/** M-20: UTC, whole seconds, `Z`. */
export function wholeSeconds(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** Below what proxies and clients commonly take for a connection that hangs. */
const MOST_WAIT_S = 60;

/** `wait`: seconds that an answer may be held back until there is something to say. */
export const Wait = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,3})?$/, 'must be seconds from 0 to 60')
  .transform(Number)
  .refine((seconds) => seconds <= MOST_WAIT_S, 'must be seconds from 0 to 60')
  .default(0);
