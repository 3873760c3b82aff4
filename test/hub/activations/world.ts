/**
 * Customers, a store, and gateways in memory that keep contracts/mqtt.md: what is sent between them may be lost, come late,
 * come twice, or come in another order, as the test decides. Nothing here uses the code under test but the store's verbs.
 */
import { parseAmount } from '../../../src/hub/money.ts';
import type { ActivationRow } from '../../../src/hub/store/activations.ts';
import type { Event } from '../../../src/protocol/events.ts';
import { ulid } from '../../../src/protocol/ulid.ts';
import type { TestStore } from '../databases.ts';
import { event, ICCID, raw, START, sms, status } from '../events.ts';

export const ACCOUNTS = ['account-1', 'account-2'] as const;
export const COST = parseAmount('0.30');
export const FUNDS = parseAmount('2.00');
const TTL = 1_200;

interface Opened {
  readonly iccid: string;
  readonly msisdn: string;
  open: boolean;
  matched: boolean;
}

/** A gateway's side, with SIMs for as many activations as are asked for. */
class Gateway {
  readonly events: Event[] = [];
  readonly attempts = new Map<string, Opened>();
  /** Answers by command id: the same command twice gives the same answer. */
  readonly answers = new Map<string, { ok: boolean }>();
  delivered = 0;
  readonly id: string;
  readonly epoch: string;

  constructor(id: string) {
    this.id = id;
    this.epoch = ulid(START);
  }

  say(type: string, data: object, now: number): void {
    const seq = this.events.length + 1;
    const time = new Date(now).toISOString();
    this.events.push(event(this.epoch, seq, data, { id: ulid(now), type, gateway: this.id, time }));
  }
}

export interface Sent {
  readonly gateway: Gateway;
  readonly command: string;
  readonly activations: readonly string[];
  readonly attempts: readonly string[];
  /** What came back; null while nothing has. */
  reply: { ok: boolean } | null;
}

export class World {
  now = START;
  readonly gateways = [new Gateway('host-a'), new Gateway('host-b')];
  readonly bought: string[] = [];
  /** Requests that a hub has under way. A crash forgets them. */
  sent: Sent[] = [];
  /** Requests of hubs that are gone: they may still reach the gateway. */
  stray: Sent[] = [];
  readonly store: TestStore;
  #sims = 0;

  constructor(store: TestStore) {
    this.store = store;
  }

  get time(): string {
    return new Date(this.now).toISOString();
  }

  async begin(): Promise<void> {
    const { verbs } = this.store;
    for (const id of ACCOUNTS) {
      const secret = { id: ulid(this.now), value: 'whsec_' };
      await verbs.createAccount({ id, name: id, secret, now: this.time });
      await verbs.topUp({ account: id, amount: FUNDS, reference: 'first', now: this.time });
    }
    const price = { product: 'activation', account: '', service: '', country: '', operator: '' } as const;
    await verbs.setPrice({ ...price, amount: COST, now: this.time });
    for (const gateway of this.gateways) await this.online(gateway, true);
  }

  async online(gateway: Gateway, online: boolean): Promise<void> {
    const said = status(gateway.epoch, gateway.events.length, {
      gateway: gateway.id,
      state: online ? 'online' : 'offline',
      session: ulid(this.now),
    });
    await this.store.verbs.noteStatus({ status: said, live: true });
  }

  async buy(account: number, gateway: number, services: number, key: number | null): Promise<void> {
    const now = this.now;
    const at = this.gateways[gateway % this.gateways.length]!;
    const command = ulid(now);
    const items = Array.from({ length: services }, (_, i) => ({
      id: `act_${ulid(now)}`,
      attempt: ulid(now),
      service: `s${i}`,
    }));
    const reserved = await this.store.verbs.reserve({
      account: ACCOUNTS[account % ACCOUNTS.length]!,
      apiKey: null,
      facade: 'rest',
      batch: ulid(now),
      items,
      mode: 'single',
      country: 'US',
      wish: {},
      ttl: TTL,
      maxCost: null,
      orderId: null,
      idempotency: key === null ? null : { key: `k${key}`, route: 'buy', hash: 'same' },
      number: null,
      markup: 0,
      ask: { gateway: at.id, command, answerBy: new Date(now + 5_000).toISOString() },
      queueUntil: null,
      now: this.time,
    });
    if (reserved.outcome !== 'reserved') return;
    this.bought.push(...items.map(({ id }) => id));
    this.sent.push({
      gateway: at,
      command,
      activations: items.map(({ id }) => id),
      attempts: items.map(({ attempt }) => attempt),
      reply: null,
    });
  }

  /** The first account keeps a number, `num_k` by `act_k`, of the first gateway, for this price each 30 days. */
  async keep(price: number): Promise<string> {
    const { verbs } = this.store;
    const book = { product: 'number', account: '', service: '', country: '', operator: '' } as const;
    await verbs.setPrice({ ...book, amount: price, now: this.time });
    const attempt = ulid(this.now);
    const reserved = await verbs.reserve({
      account: ACCOUNTS[0]!,
      apiKey: null,
      facade: 'meisim',
      batch: ulid(this.now),
      items: [{ id: 'act_k', attempt, service: null }],
      mode: 'continuous',
      country: 'US',
      wish: {},
      ttl: 60 * 86_400,
      maxCost: null,
      orderId: null,
      idempotency: null,
      number: { id: 'num_k', endpoint: null },
      markup: 0,
      ask: { gateway: this.gateways[0]!.id, command: ulid(this.now), answerBy: this.time },
      queueUntil: null,
      now: this.time,
    });
    await this.keepOpened(attempt);
    return reserved.outcome;
  }

  /** Its gateway has opened it for 60 days. */
  async keepOpened(attempt: string): Promise<void> {
    const expiresAt = new Date(this.now + 60 * 86_400_000).toISOString();
    const sim = { iccid: ICCID, msisdn: '+12025550143', operator: null, countryIso: 'US' };
    const result = { ...sim, openedAt: this.time, expiresAt };
    const gateway = this.gateways[0]!.id;
    await this.store.verbs.opened({ attempts: [attempt], gateway, result, now: this.time });
  }

  /** A request reaches its gateway. */
  arrive(sent: Sent, hasSim: boolean): void {
    const { gateway, command, attempts } = sent;
    const known = gateway.answers.get(command);
    if (known !== undefined) {
      sent.reply = known;
      return;
    }
    const answer = { ok: hasSim };
    gateway.answers.set(command, answer);
    sent.reply = answer;
    if (!hasSim) return;
    this.#sims += 1;
    const iccid = `8901260${String(this.#sims).padStart(12, '0')}`;
    const msisdn = `+1202555${String(this.#sims).padStart(4, '0')}`;
    attempts.forEach((id, i) => {
      gateway.attempts.set(id, { iccid, msisdn, open: true, matched: false });
      gateway.say('activation.opened', this.#opened(id, iccid, msisdn, `s${i}`), this.now);
    });
  }

  #opened(activationId: string, iccid: string, msisdn: string, service: string) {
    const expiresAt = new Date(this.now + TTL * 1_000).toISOString();
    return { activationId, iccid, msisdn, service, mode: 'single', openedAt: this.time, expiresAt };
  }

  /** The hub hears the answer. */
  async answer(sent: Sent): Promise<void> {
    const { gateway, attempts, reply } = sent;
    if (reply === null) return;
    this.sent = this.sent.filter((other) => other !== sent);
    const { verbs } = this.store;
    if (!reply.ok) {
      await verbs.refused({ attempts, gateway: gateway.id, code: 'activation.no_sim', now: this.time });
      await this.next(sent);
      return;
    }
    const { iccid, msisdn } = gateway.attempts.get(attempts[0]!)!;
    const expiresAt = new Date(this.now + TTL * 1_000).toISOString();
    const result = { iccid, msisdn, operator: null, countryIso: 'US', openedAt: this.time, expiresAt };
    await verbs.opened({ attempts, gateway: gateway.id, result, now: this.time });
  }

  /** The hub has waited long enough. */
  async lapse(sent: Sent): Promise<void> {
    this.sent = this.sent.filter((other) => other !== sent);
    this.stray.push(sent);
    const there = await this.store.verbs.unanswered({ attempts: sent.attempts, now: this.time });
    if (there.length === 0) await this.next(sent);
  }

  /** The other gateway, or none. */
  async next(sent: Sent): Promise<void> {
    const { verbs } = this.store;
    const other = this.gateways.find((gateway) => gateway !== sent.gateway)!;
    const command = ulid(this.now);
    const attempts = sent.activations.map((activation) => ({ activation, attempt: ulid(this.now) }));
    const answerBy = new Date(this.now + 5_000).toISOString();
    const isFirst = sent.gateway === this.gateways[0];
    const asked =
      isFirst &&
      (await verbs.ask({ gateway: other.id, command, answerBy, attempts, from: 'asking', now: this.time }));
    if (asked) {
      const ids = attempts.map(({ attempt }) => attempt);
      this.sent.push({ gateway: other, command, activations: sent.activations, attempts: ids, reply: null });
      return;
    }
    await verbs.exhausted({ activations: sent.activations, reason: 'no-numbers', now: this.time });
  }

  /** A message for what is open at a gateway, `pick`ing one. */
  message(pick: number): void {
    const open = this.#open();
    const one = open[pick % Math.max(1, open.length)];
    if (one === undefined) return;
    const { gateway, id, attempt } = one;
    const messageId = ulid(this.now);
    const { iccid, msisdn } = attempt;
    const data = sms(pick, { messageId, iccid, msisdn, activations: [id], receivedAt: this.time });
    const matched = { activationId: id, messageId, code: String(100_000 + pick) };
    if (pick % 3 === 0 && !attempt.matched) gateway.say('activation.matched', matched, this.now);
    gateway.say('sms.received', data, this.now);
    if (pick % 3 !== 0 && !attempt.matched) gateway.say('activation.matched', matched, this.now);
    attempt.matched = true;
  }

  /** The gateway's time for it is over. */
  expire(pick: number, reason: 'expired' | 'sim-lost'): void {
    const open = this.#open();
    const one = open[pick % Math.max(1, open.length)];
    if (one !== undefined) this.#close(one, reason);
  }

  #open() {
    return this.gateways.flatMap((gateway) =>
      [...gateway.attempts].flatMap(([id, attempt]) => (attempt.open ? [{ gateway, id, attempt }] : [])),
    );
  }

  #close({ gateway, id, attempt }: { gateway: Gateway; id: string; attempt: Opened }, reason: string): void {
    attempt.open = false;
    gateway.say('activation.closed', { activationId: id, iccid: attempt.iccid, reason }, this.now);
  }

  async customer(verb: 'cancel' | 'complete' | 'rearm', pick: number): Promise<void> {
    const received = await this.store.db
      .selectFrom('activation')
      .select('id')
      .where('state', 'in', ['received', 'waiting-again'])
      .orderBy('n')
      .execute();
    // Mostly what makes sense.
    const ids = verb === 'cancel' || pick % 4 === 0 ? this.bought : received.map((row) => row.id);
    const id = ids[pick % Math.max(1, ids.length)];
    if (id === undefined) return;
    const row = await this.row(id);
    const arg = { account: row.account, id, now: this.time };
    if (verb === 'rearm') await this.store.verbs.rearm({ ...arg, most: 3 });
    else await this.store.verbs[verb](arg);
  }

  /** Some hub publishes what is due; `heard` says whether the answers come back. */
  async commands(heard: boolean): Promise<number> {
    const due = await this.store.verbs.claimCommands({ now: this.time });
    for (const { gateway: name, id, name: command, args } of due) {
      const gateway = this.gateways.find((one) => one.id === name)!;
      const activationId = String(args.activationId);
      const attempt = gateway.attempts.get(activationId);
      if (command === 'activation.close' && attempt?.open === true) {
        this.#close({ gateway, id: activationId, attempt }, String(args.reason));
      }
      if (command === 'activation.rearm' && attempt !== undefined) attempt.matched = false;
      if (!heard) continue;
      await this.store.verbs.commandAnswered({ gateway: name, id, error: null, now: this.time });
    }
    return due.length;
  }

  /** Some events of a gateway reach a hub: `count` from where the last ones ended, less `back` that come again. */
  async deliver(pick: number, count: number, back: number): Promise<void> {
    const gateway = this.gateways[pick % this.gateways.length]!;
    const from = Math.max(0, gateway.delivered - back);
    const events = gateway.events.slice(from, gateway.delivered + count);
    gateway.delivered = Math.max(gateway.delivered, from + events.length);
    if (events.length === 0) return;
    await this.store.verbs.insertEvents({ events: events.toReversed().map(raw), now: this.time });
    await this.store.verbs.project({ gateway: gateway.id, epochs: [gateway.epoch], now: this.time });
  }

  async workOff(): Promise<void> {
    for (let more = true; more; ) ({ more } = await this.store.verbs.workOff({ now: this.time }));
  }

  async row(id: string): Promise<ActivationRow> {
    return await this.store.db
      .selectFrom('activation')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
  }

  /**
   * All that was under way comes to its end, as it does when nothing disturbs any more.
   *
   * @returns attempts that gateways go on waiting for although no customer does: only their own expiry would end them.
   */
  async settle(): Promise<string[]> {
    let orphans: string[] = [];
    for (const gateway of this.gateways) await this.online(gateway, true);
    for (const sent of [...this.stray, ...this.sent]) this.arrive(sent, true);
    this.sent = [];
    for (let round = 0; round < 12; round += 1) {
      this.now += 900_000;
      if (round === 3) {
        const wanted = await this.store.db
          .selectFrom('activation')
          .select('attempt')
          .where('state', 'in', ['waiting', 'received', 'waiting-again'])
          .execute();
        orphans = this.#open()
          .map(({ id }) => id)
          .filter((id) => wanted.every(({ attempt }) => attempt !== id));
        for (const one of this.#open()) this.#close(one, 'expired');
      }
      for (let pick = 0; pick < this.gateways.length; pick += 1) await this.deliver(pick, 10_000, 10_000);
      await this.workOff();
      await this.commands(true);
    }
    return orphans;
  }
}
