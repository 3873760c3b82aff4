/**
 * Who may ask: keys, what they allow, where they may be used from, and that nobody tries out keys in bulk. Of the routes it knows
 * only which scope each needs.
 */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { hashKey } from '../secrets.ts';
import type { KeyOwner } from '../store/account-reads.ts';
import type { Scope } from '../store/accounts.ts';
import type { HubStore } from '../store/store.ts';
import { ProblemError } from './problem.ts';

/** What a route needs of whoever calls; `none`: no key, though one that is sent must be right. */
export type Need = Scope | 'none';

/** A use of a key is written down this often. */
const NOTE_EVERY_MS = 60_000;
/** Wrong keys from one address: so many at once, then one for each pause. */
const FREE_FAILURES = 10;
const PAUSE_MS = 6_000;
/** Addresses and keys that are remembered; the longest unused go first. */
const MOST = 10_000;

export class Access {
  readonly #store: HubStore;
  readonly #log: Logger;
  /** By address: when its account of failures is even again. */
  readonly #failures = new Map<string, number>();
  readonly #noted = new Map<string, number>();

  constructor(store: HubStore, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  /**
   * Whoever bears the request's key; null without one on a route that needs none. Every key is looked up, by one search in an
   * index, and only a wrong one is slowed down: many customers may be behind one address.
   *
   * @throws ProblemError 401, 403 for an address that is not on the key's list, or 429
   */
  async admit(request: FastifyRequest, need: Need): Promise<KeyOwner | null> {
    const key = keyOf(request);
    if (key === null) {
      if (need === 'none') return null;
      throw new ProblemError(
        'UNAUTHENTICATED',
        'an API key is needed: send it as "Authorization: Bearer KEY" or as "X-API-Key: KEY"',
      );
    }
    const hash = hashKey(key);
    const now = Date.now();
    const owner = await this.#store.reads.keyOwner({ hash, now: new Date(now).toISOString() });
    if (owner === null || !timingSafeEqual(Buffer.from(owner.hash), Buffer.from(hash))) {
      throw this.#slowed(request, new ProblemError('UNAUTHENTICATED', 'this API key is not valid'));
    }
    if (!mayCallFrom(request.ip, owner)) {
      const text = `this key may not be used from the address ${request.ip}`;
      throw this.#slowed(request, new ProblemError('ADDRESS_NOT_ALLOWED', text));
    }
    this.#note(owner, now);
    return owner;
  }

  /** Whether whoever was let in would be let in now, for an answer that goes on for longer than the key may. */
  async stillAdmits({ owner, ip }: FastifyRequest, need: Need): Promise<boolean> {
    if (owner === null) return need === 'none';
    const { hash } = owner;
    const present = await this.#store.reads.keyOwner({ hash, now: new Date().toISOString() });
    return present !== null && mayCallFrom(ip, present) && hasScope(present, need);
  }

  /** What is said of a key that is wrong here: `problem`, or to come later where too many were wrong. */
  #slowed(request: FastifyRequest, problem: ProblemError): ProblemError {
    const address = networkOf(request.ip);
    const now = Date.now();
    const evenAt = Math.max(now, this.#failures.get(address) ?? 0);
    const ahead = evenAt - now - FREE_FAILURES * PAUSE_MS;
    if (ahead < 0) {
      keep(this.#failures, address, evenAt + PAUSE_MS);
      return problem;
    }
    return new ProblemError(
      'TOO_MANY_ATTEMPTS',
      'too many API keys that are not valid here came from this address: try again later',
      { retryAfter: Math.floor(ahead / 1_000) + 1 },
    );
  }

  #note(owner: KeyOwner, now: number): void {
    const last = Math.max(Date.parse(owner.lastUsedAt ?? '') || 0, this.#noted.get(owner.id) ?? 0);
    if (now - last < NOTE_EVERY_MS) return;
    keep(this.#noted, owner.id, now);
    // Nobody waits for that.
    this.#store.verbs
      .noteKeyUse({ id: owner.id, now: new Date(now).toISOString() })
      .catch((error) => this.#log.warn({ error: messageOf(error) }, 'the use of a key was not noted'));
  }
}

function mayCallFrom(ip: string, { allow }: KeyOwner): boolean {
  return allow.length === 0 || isAllowed(ip, allow);
}

function hasScope(owner: KeyOwner | null, need: Need): boolean {
  return need === 'none' || owner?.scopes.includes(need) === true;
}

/** @throws ProblemError 403 */
export function requireScope(owner: KeyOwner | null, need: Need): void {
  if (!hasScope(owner, need)) throw new ProblemError('FORBIDDEN', `this key lacks the scope "${need}"`);
}

/** Sets an entry as the newest, and lets the oldest go. */
function keep<V>(map: Map<string, V>, name: string, value: V): void {
  map.delete(name);
  map.set(name, value);
  if (map.size > MOST) map.delete(map.keys().next().value!);
}

export function keyOf(request: FastifyRequest): string | null {
  const bearer = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '');
  if (bearer !== null) return bearer[1]!;
  const header = request.headers['x-api-key'];
  if (typeof header === 'string' && header !== '') return header;
  // Only where clients know no other way: an address is written down in many places.
  const { key } = request.query as { key?: unknown };
  return request.url.startsWith('/sketch/') && typeof key === 'string' && key !== '' ? key : null;
}

/** Whoever has one IPv6 address has the 2^64 beside it. */
export function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return (address as ipaddr.IPv6).parts.slice(0, 4).join(':');
}

/** Whether an address is in one of the networks; a network that cannot be read holds none. */
export function isAllowed(ip: string, networks: readonly string[]): boolean {
  if (!ipaddr.isValid(ip)) return false;
  const address = ipaddr.process(ip);
  return networks.some((network) => {
    const range = networkRange(network);
    return range !== null && range[0].kind() === address.kind() && address.match(range as never);
  });
}

/**
 * `192.0.2.0/24`, or one address; null for what is neither. A network of IPv4 addresses in IPv6's clothes (`::ffff:192.0.2.0/120`,
 * RFC 4291 §2.5.5.2) is the IPv4 network; any other of IPv6, `::/0` among them, has only IPv6 addresses.
 */
export function networkRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | null {
  if (ipaddr.isValidCIDR(text)) {
    const [address, length] = ipaddr.parseCIDR(text);
    const isMapped = address.kind() === 'ipv6' && (address as ipaddr.IPv6).isIPv4MappedAddress();
    if (!isMapped || length < MAPPED_BITS) return [address, length];
    return [(address as ipaddr.IPv6).toIPv4Address(), length - MAPPED_BITS];
  }
  if (!ipaddr.isValid(text) || !/[.:]/.test(text)) return null;
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** What stands before the IPv4 address in `::ffff:192.0.2.7`. */
const MAPPED_BITS = 96;

/** RFC 6750 §3: a request without credentials is told no error code. */
export function challenge(request: FastifyRequest): string {
  return keyOf(request) === null
    ? 'Bearer realm="simbankd"'
    : 'Bearer realm="simbankd", error="invalid_token"';
}
