/** The store of a gateway with some SIMs in it, in this thread, at a time the test sets; it speaks as the bank does. */
import { join } from 'node:path';
import type { Policy } from '../../../src/bank/activations/activation.ts';
import { ALLOW_ALL } from '../../../src/bank/activations/activation.ts';
import type { OnAir } from '../../../src/bank/activations/eligibility.ts';
import type { SimSituation } from '../../../src/bank/store/activations.ts';
import { type AuditRow, readAudit } from '../../../src/bank/store/audit.ts';
import type { Answered } from '../../../src/bank/store/commands.ts';
import type { StoredEvent } from '../../../src/bank/store/events.ts';
import type { Rules } from '../../../src/bank/store/matching.ts';
import { migrations } from '../../../src/bank/store/schema.ts';
import { type BankVerbs, bankVerbs } from '../../../src/bank/store/verbs.ts';
import { draftDeliver, finishDraft } from '../../../src/emulator/tpdu.ts';
import { OpenActivations, type Reply } from '../../../src/protocol/commands.ts';
import type { SmsReceived } from '../../../src/protocol/events.ts';
import { ulid } from '../../../src/protocol/ulid.ts';
import { type Database, openForWriting } from '../../../src/sqlite.ts';

/** `tg` and `wa` are known by their senders, `go` and `yt` share one, `acme` by its text. */
const SENDERS: Record<string, string> = { tg: 'Telegram', wa: 'WhatsApp', go: 'Google', yt: 'Google' };
const fits = (service: string, from: string, text: string | null): boolean =>
  SENDERS[service] === from || (service === 'acme' && text?.startsWith('Acme:') === true);
export const servicesOf = (from: string, text: string | null): string[] =>
  [...Object.keys(SENDERS), 'acme'].filter((service) => fits(service, from, text));

/** Six digits are a code, unless it is an advert that says so. */
export function findCode(text: string): SmsReceived['code'] {
  const digits = /\b\d{6}\b/.exec(text)?.[0];
  return digits === undefined || /offer/i.test(text) ? null : { value: digits, raw: digits, confidence: 1 };
}

export const START = Date.parse('2026-11-21T08:00:00.000Z');
export const iccidOf = (n: number): string => `89990000000000000${n}${n}`;
export const numberOf = (n: number): string => `+1202555010${n}`;

export interface OpenSpec {
  readonly services?: readonly (string | null)[];
  readonly mode?: 'single' | 'continuous';
  readonly ttlSeconds?: number;
  readonly select?: Record<string, unknown>;
  readonly match?: { senders?: string[]; textPattern?: string };
  readonly ids?: readonly string[];
  /** The command's id. */
  readonly command?: string;
}

export class Desk {
  readonly dir: string;
  readonly rules: Rules;
  db: Database;
  verbs: BankVerbs;
  /** Unix milliseconds. */
  now = START;
  readonly air = new Map<string, OnAir>();
  readonly events: StoredEvent[] = [];
  readonly sims: number;
  #references = 0;

  constructor(dir: string, sims: number, policy: Policy = ALLOW_ALL) {
    this.dir = dir;
    this.sims = sims;
    this.rules = { servicesOf, policy, findCode };
    ({ db: this.db, verbs: this.verbs } = this.#open());
    const numbers = Array.from({ length: sims }, (_, n) => {
      return { iccid: iccidOf(n), msisdn: numberOf(n), country: 'US', operator: 'Acme', label: null };
    });
    this.verbs.importNumbers({ numbers, now: this.time });
    for (let n = 0; n < sims; n++) this.insert(n, `A0${n}`);
    this.events.length = 0;
  }

  #open() {
    const db = openForWriting(join(this.dir, 'gateway.db'), migrations);
    // The disk is not what is tried here.
    db.pragma('synchronous = OFF');
    const all = bankVerbs(db, this.rules);
    // Each in a transaction of its own, as the worker runs it.
    const verbs = new Proxy(all, {
      get: (target, name) => db.transaction(target[name as keyof BankVerbs] as (arg: never) => unknown),
    });
    verbs.begin({ now: this.time });
    return { db, verbs };
  }

  /** The process ends and begins anew: all that is only in memory is gone. */
  restart(): void {
    this.db.close();
    ({ db: this.db, verbs: this.verbs } = this.#open());
  }

  get time(): string {
    return new Date(this.now).toISOString();
  }

  pass(seconds: number): void {
    this.now += seconds * 1_000;
  }

  /** A SIM is read in a slot, swept and ready. */
  insert(n: number, slot: string): void {
    const iccid = iccidOf(n);
    this.#tell(this.verbs.simPresent({ slot, iccid, imsi: `31026000000000${n}`, now: this.time }).events);
    this.sweep(n);
    this.air.set(iccid, { ready: true, swept: true, signalDbm: -70, operator: null });
  }

  sweep(n: number): void {
    this.verbs.simSwept({ iccid: iccidOf(n), from: this.time });
  }

  order(id = ulid(this.now), more: Record<string, unknown> = {}) {
    const expiresAt = new Date(this.now + 10_000).toISOString();
    return { id, name: 'test', expiresAt, now: this.time, ...more };
  }

  open(spec: OpenSpec = {}): { reply: Reply; ids: readonly string[]; answered: Answered } {
    const { services = ['tg'], mode = 'single', ttlSeconds = 600, select = {}, match } = spec;
    const ids = spec.ids ?? services.map(() => ulid(this.now));
    const activations = services.map((service, i) => ({ activationId: ids[i], service, match }));
    const args = OpenActivations.parse({ activations, mode, ttlSeconds, select });
    this.verbs.onAir({ sims: this.air });
    const answered = this.verbs.openActivations({ order: this.order(spec.command), args });
    this.#tell(answered.events);
    return { ids, answered, reply: JSON.parse(answered.reply) };
  }

  close(activationId: string, reason: 'completed' | 'cancelled' = 'cancelled'): Reply {
    const answered = this.verbs.closeActivation({ order: this.order(), args: { activationId, reason } });
    this.#tell(answered.events);
    return JSON.parse(answered.reply);
  }

  rearm(activationId: string, ttlSeconds = 600): Reply {
    return JSON.parse(
      this.verbs.rearmActivation({ order: this.order(), args: { activationId, ttlSeconds } }).reply,
    );
  }

  /** A message is read from a card; what it was told of as, once all its parts are here. */
  message(
    n: number,
    message: {
      from?: string;
      text?: string;
      sentMs?: number;
      live?: boolean;
      attribution?: 'certain' | 'doubtful';
      /** Which parts arrive now, from 0; all by default. */
      parts?: readonly number[];
      /** So that parts that arrive apart are one message. */
      reference?: number;
    } = {},
  ): SmsReceived | null {
    const { from = 'Telegram', text = 'Your code is 123456', sentMs = this.now, live = true } = message;
    const { attribution = 'certain', reference = ++this.#references } = message;
    const tpdus = finishDraft(draftDeliver({ from, text }, reference), Math.floor(sentMs / 1_000));
    let told: SmsReceived | null = null;
    for (const [i, tpdu] of tpdus.entries()) {
      if (message.parts !== undefined && !message.parts.includes(i)) continue;
      const { events } = this.verbs.receivePart({
        slot: 'A00',
        iccid: iccidOf(n),
        imei: null,
        store: 'SM',
        attribution,
        // Unlike any other of the same second.
        pdu: `00${tpdu}`,
        length: 0,
        receivedAt: this.time,
        live,
        now: this.time,
      });
      this.#tell(events);
      const sms = events.find(({ type }) => type.startsWith('sms.'));
      if (sms !== undefined) told = JSON.parse(sms.data);
    }
    return told;
  }

  /** Looks whether something has come to its end; every SIM that is on the air was swept just now unless said otherwise. */
  end(more: Partial<SimSituation> = {}): void {
    const sims = Array.from({ length: this.sims }, (_, n): SimSituation => {
      const iccid = iccidOf(n);
      const isThere = this.air.has(iccid);
      const sweptFromMs = isThere ? this.now : null;
      return { iccid, nowMs: this.now, watchingSinceMs: START, absentSinceMs: null, sweptFromMs, ...more };
    });
    this.#tell(this.verbs.endDue({ sims, now: this.time }).events);
  }

  overdue(): void {
    this.#tell(this.verbs.publishOverdue({ before: this.time, now: this.time }).events);
  }

  #tell(events: readonly StoredEvent[]): void {
    this.events.push(...events);
  }

  /** What was told of activations, in short. */
  told(): string[] {
    return this.events
      .filter(({ type }) => type.startsWith('activation.'))
      .map(({ type, data }) => {
        const { activationId, reason } = JSON.parse(data);
        return [type.slice('activation.'.length), activationId, reason].filter(Boolean).join(' ');
      });
  }

  audit(): AuditRow[] {
    return [...readAudit(this.db, null)];
  }
}
