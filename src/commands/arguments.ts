/** What arguments and options must look like, and what is said where they do not. */
import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { messageOf } from '../errors.ts';
import { parseAmount } from '../hub/money.ts';

export function scopes(text: string): string[] {
  const list = text.split(',').map((scope) => scope.trim());
  if (list.every((scope) => ['read', 'buy', 'admin'].includes(scope))) return list;
  throw new InvalidArgumentError('It must be some of read, buy and admin, with commas between.');
}

/** An address is a block of one. */
export function cidrs(text: string, before: string[]): string[] {
  const [address = '', length, ...more] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const fits = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= most);
  if (most < 0 || !fits || more.length > 0) {
    throw new InvalidArgumentError('It must be an address or a block of them, as 203.0.113.0/24.');
  }
  return [...before, `${address}/${length ?? most}`];
}

export function currency(text: string): string {
  if (!/^[A-Z]{3}$/.test(text)) throw new InvalidArgumentError('It must be three capitals, as USD.');
  return text;
}

/** RFC 3339 UTC with milliseconds, as everything is written that has a time. */
export function time(text: string): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('It must be a time such as 2026-11-21T06:30:00Z.');
  return new Date(ms).toISOString();
}

/** As `time`, and not over yet. */
export function future(text: string): string {
  const at = time(text);
  if (Date.parse(at) <= Date.now()) throw new InvalidArgumentError('It must be still to come.');
  return at;
}

export function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}

/** Up to a year. */
export function hours(text: string): number {
  const n = count(text);
  if (n > 8_784) throw new InvalidArgumentError('It must be a whole number from 1 to 8784, which is a year.');
  return n;
}

export function milliseconds(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('It must be a number of milliseconds, as 20.');
  return Number(text);
}

/** Micro-units. */
export function payment(text: string): number {
  let amount: number;
  try {
    amount = parseAmount(text);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
  if (amount <= 0) throw new InvalidArgumentError('It must be more than zero.');
  return amount;
}

/** What people call something. */
export function name(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}
