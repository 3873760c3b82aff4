/**
 * Finds out the numbers of the SIMs that are ready: asks the card, then the network, then has it send a message.
 *
 * Whom it asks next is questions.ts's, what an answer counts is the store's. That a question was asked is written down, and
 * before it reaches the network, so that a restart asks nothing twice. Nothing waits for an answer here.
 */
import { randomBytes } from 'node:crypto';
import type { Config } from '../../config.ts';
import { messageOf, SimbankError } from '../../errors.ts';
import { type Logger, maskNumber } from '../../log.ts';
import type { Reply } from '../../protocol/commands.ts';
import { ulid } from '../../protocol/ulid.ts';
import { mccmncOf } from '../../sim/mcc.ts';
import type { Slot } from '../slot.ts';
import type { StoredEvent } from '../store/events.ts';
import type { Asked } from '../store/number-inquiries.ts';
import { CONFLICT, type Noted } from '../store/numbers.ts';
import type { SimRow } from '../store/sims.ts';
import type { BankStore } from '../store/store.ts';
import { askCard, askNetwork, type Ready, recipientFor } from './asking.ts';
import type { Operator } from './operators.ts';
import { NONCE_OCTETS, nonceOf } from './probe.ts';
import { nextQuestion, type Patience } from './questions.ts';
import type { NumberSources } from './sources.ts';

export interface SeekerOptions extends NumberSources {
  readonly store: Pick<BankStore, 'write' | 'sims' | 'inquiries'>;
  readonly slots: () => Iterable<Slot>;
  readonly gateway: Pick<Config['gateway'], 'ownNumbers' | 'sendLimits'>;
  readonly log: Logger;
  readonly committed: (events: readonly StoredEvent[]) => void;
  /** A SIM has another number than before. */
  readonly simChanged: (iccid: string) => void;
  /** There is something to send. */
  readonly sendNow: () => void;
  /** Other pauses than PAUSES. */
  readonly pauses?: Partial<Pauses> | undefined;
}

export interface Pauses extends Patience {
  /** Between looks at what is to be asked. */
  readonly lookMs: number;
  /** Between questions that reach the network, of all SIMs together: five hundred at once would be felt there. */
  readonly betweenMs: number;
  /** Until a SIM is asked again that could not be asked. */
  readonly retryMs: number;
}

const DAY_MS = 86_400_000;
const PAUSES: Pauses = {
  lookMs: 30_000,
  betweenMs: 5_000,
  retryMs: 600_000,
  ussdMs: 7 * DAY_MS,
  probeMs: 30 * DAY_MS,
};

/** Changes come in bursts, and a look is at all of them. */
const SOON_MS = 100;
/** A card costs nothing: one whose modem fails is asked so often at the most. */
const CARD_TRIES = 3;
/** Failures that say that the network was not asked. */
const NOT_ASKED = ['modem.not_ready', 'sim.absent', 'ussd.busy', 'ussd.unsupported'];

export class NumberSeeker {
  readonly #options: SeekerOptions;
  readonly #pauses: Pauses;
  /** SIMs that are being asked. */
  readonly #busy = new Set<string>();
  /** SIMs that could not be asked, and when they may be again, in Unix ms. */
  readonly #later = new Map<string, number>();
  /** By ICCID: how often its card was asked in vain. */
  readonly #tries = new Map<string, number>();
  /** SIMs whose message is on its way. */
  readonly #awaited = new Set<string>();
  /** Slots whose card was looked at, and in which generation of its readiness. */
  readonly #seen = new WeakMap<Slot, number>();
  /** How many questions were put since the start, how many told a number, how many told none, and how many failed. */
  readonly counts = { asked: 0, told: 0, silent: 0, failed: 0 };
  #isPacing = false;
  #timer: NodeJS.Timeout | undefined;
  #lookAtMs = 0;
  #stopped = false;

  constructor(options: SeekerOptions) {
    this.#options = options;
    this.#pauses = { ...PAUSES, ...options.pauses };
  }

  /** Takes in the operator's list, then begins to ask. */
  async start(): Promise<void> {
    const { list, store } = this.#options;
    const now = new Date().toISOString();
    if (list !== null) {
      const { numbers, faults } = list;
      this.#told(await store.write.importNumbers({ numbers, complete: faults.length === 0, now }));
    }
    this.#look();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Something about a slot has changed. Once all that its card held is read, asking it keeps no message waiting. */
  changed(slot: Slot): void {
    const { generation, phase } = slot.modem.state;
    if (phase !== 'ready' || slot.sweptFrom === null || this.#seen.get(slot) === generation) return;
    this.#seen.set(slot, generation);
    this.#lookIn(SOON_MS);
  }

  /** A message that came may be one that is waited for here. */
  happened(events: readonly StoredEvent[]): void {
    if (this.#awaited.size > 0 && events.some(({ type }) => type === 'sms.received')) this.#lookIn(SOON_MS);
  }

  /** At the latest. */
  #lookIn(ms: number): void {
    const atMs = performance.now() + ms;
    if (this.#stopped || (this.#timer !== undefined && this.#lookAtMs <= atMs)) return;
    clearTimeout(this.#timer);
    this.#lookAtMs = atMs;
    this.#timer = setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    this.#timer = undefined;
    this.#lookIn(this.#pauses.lookMs);
    try {
      const ready = this.#ready();
      this.#showArrived(ready);
      const nowMs = Date.now();
      const asked = this.#askedAt(ready);
      const due = ready.flatMap((sim): [Ready, Asked][] => {
        if (this.#busy.has(sim.iccid) || (this.#later.get(sim.iccid) ?? 0) > nowMs) return [];
        const unasked = { ...sim, ...this.#means(sim, ready), askedAt: asked.get(sim.iccid) ?? new Map() };
        const question = nextQuestion(unasked, nowMs, this.#pauses);
        return question === null ? [] : [[sim, question]];
      });
      // A card's own modem is all that is busy with it.
      for (const [sim, question] of due) if (question === 'sim') void this.#ask(sim, question);
      const next = due.find(([, question]) => question !== 'sim');
      if (next !== undefined && !this.#isPacing) void this.#pace(...next, ready);
    } catch (error) {
      this.#options.log.warn(`own numbers cannot be asked for: ${messageOf(error)}`);
    }
  }

  #ready(): Ready[] {
    const holders = new Map<string, Slot>();
    for (const slot of this.#options.slots())
      if (slot.claimed !== null && slot.modem.state.phase === 'ready' && slot.sweptFrom !== null)
        holders.set(slot.claimed, slot);
    const rows = holders.size === 0 ? [] : this.#options.store.sims({ iccids: [...holders.keys()] });
    return rows.map((row) => ({ ...row, holder: holders.get(row.iccid)! }));
  }

  #askedAt(sims: readonly Ready[]): Map<string, Map<Asked, string>> {
    const asked = new Map<string, Map<Asked, string>>();
    const without = new Set(sims.flatMap(({ iccid, msisdn }) => (msisdn === null ? [iccid] : [])));
    for (const { iccid, source, at, awaited } of this.#options.store.inquiries(
      sims.map((sim) => sim.iccid),
    )) {
      asked.set(iccid, (asked.get(iccid) ?? new Map()).set(source, at));
      if (awaited === 1 && without.has(iccid)) this.#awaited.add(iccid);
    }
    return asked;
  }

  /** The store has taken the number from a message that came. */
  #showArrived(ready: readonly Ready[]): void {
    for (const { iccid, msisdn } of ready) {
      if (msisdn === null || !this.#awaited.delete(iccid)) continue;
      this.counts.told += 1;
      this.#tell(iccid, 'sms', msisdn);
      this.#options.simChanged(iccid);
    }
  }

  /** What may be done about a SIM besides asking its card. One that its operator keeps back costs nothing. */
  #means(sim: Ready, ready: readonly Ready[]): { ussd: boolean; probe: boolean } {
    const { ussd, probe } = this.#options.gateway.ownNumbers;
    const free = sim.held === null;
    const canAsk = this.#operatorOf(sim)?.ussd !== undefined && sim.holder.modem.driver?.ussd !== 'none';
    return { ussd: ussd && free && canAsk, probe: probe && free && recipientFor(sim, ready) !== null };
  }

  #operatorOf({ imsi }: SimRow): Operator | undefined {
    return imsi === null ? undefined : this.#options.operators.get(mccmncOf(imsi));
  }

  /** One at a time, and a pause behind each. */
  async #pace(sim: Ready, question: Asked, ready: readonly Ready[]): Promise<void> {
    this.#isPacing = true;
    if (question === 'ussd') await this.#ask(sim, question);
    else await this.#probe(sim, recipientFor(sim, ready)!);
    setTimeout(() => {
      this.#isPacing = false;
      this.#lookIn(0);
    }, this.#pauses.betweenMs).unref();
  }

  async #ask(sim: Ready, source: 'sim' | 'ussd'): Promise<void> {
    const { iccid } = sim;
    this.#busy.add(iccid);
    try {
      // The card is asked again after a crash, which costs nothing.
      if (source === 'ussd') await this.#mark(iccid, source);
      this.counts.asked += 1;
      const number = source === 'sim' ? await askCard(sim) : await askNetwork(sim, this.#operatorOf(sim)!);
      this.counts[number === null ? 'silent' : 'told'] += 1;
      this.#tries.delete(iccid);
      this.#tell(iccid, source, number?.msisdn ?? null);
      if (number !== null) await this.#note(iccid, source, number.msisdn);
      if (source === 'sim') await this.#mark(iccid, source);
    } catch (error) {
      await this.#failed(iccid, source, error);
    } finally {
      this.#busy.delete(iccid);
      this.#lookIn(SOON_MS);
    }
  }

  #mark(iccid: string, source: Asked): Promise<null> {
    return this.#options.store.write.numberAsked({ iccid, source, now: new Date().toISOString() });
  }

  async #note(iccid: string, source: Asked, msisdn: string): Promise<void> {
    const now = new Date().toISOString();
    this.#told(await this.#options.store.write.noteNumber({ iccid, source, msisdn, now }));
  }

  async #failed(iccid: string, source: Asked, error: unknown): Promise<void> {
    if (this.#stopped) return;
    this.counts.failed += 1;
    const { log, store } = this.#options;
    log.warn({ iccid, source, ...this.counts }, `its number was not told: ${messageOf(error)}`);
    this.#later.set(iccid, Date.now() + this.#pauses.retryMs);
    const tries = (this.#tries.get(iccid) ?? 0) + 1;
    this.#tries.set(iccid, tries);
    const isUnasked = error instanceof SimbankError && NOT_ASKED.includes(error.code);
    try {
      if (source === 'sim' && tries >= CARD_TRIES) await this.#mark(iccid, source);
      else if (source === 'ussd' && isUnasked) await store.write.numberNotAsked({ iccid, source });
    } catch {
      // The store says so itself.
    }
  }

  async #probe({ iccid }: Ready, { msisdn }: SimRow): Promise<void> {
    const { store, gateway, committed, sendNow, log } = this.#options;
    const nowMs = Date.now();
    const now = new Date(nowMs).toISOString();
    const order = {
      id: ulid(nowMs),
      name: 'sms.send',
      expiresAt: new Date(nowMs + DAY_MS).toISOString(),
      now,
    };
    const nonce = nonceOf(randomBytes(NONCE_OCTETS));
    try {
      const limits = gateway.sendLimits;
      const answered = await store.write.sendProbe({ order, iccid, to: msisdn!, nonce, limits });
      committed(answered.events);
      const reply = JSON.parse(answered.reply) as Reply;
      if (!reply.ok) throw new SimbankError(reply.error.code, reply.error.message);
      this.counts.asked += 1;
      this.#awaited.add(iccid);
      log.info({ iccid, commandId: order.id }, 'a message is to show the number of a SIM');
      sendNow();
    } catch (error) {
      await this.#failed(iccid, 'sms', error);
    }
  }

  #tell(iccid: string, source: Asked, msisdn: string | null): void {
    const { log } = this.#options;
    if (msisdn === null) log.info({ iccid, source, ...this.counts }, 'asked for its number, and told none');
    else log.info({ iccid, source, number: maskNumber(msisdn) }, 'told its number');
  }

  /** What was noted while the gateway stops is told at the next start. */
  #told({ events, sims }: Noted): void {
    if (this.#stopped) return;
    const { committed, simChanged, log } = this.#options;
    committed(events);
    for (const iccid of sims) simChanged(iccid);
    for (const { type, data } of events) {
      const { alarm, iccid, detail } = JSON.parse(data) as { alarm?: string; iccid?: string; detail: string };
      if (type === 'alarm.raised' && alarm === CONFLICT) log.warn({ iccid }, detail);
    }
  }
}
