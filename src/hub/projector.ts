/**
 * What becomes of what arrives: it goes into the store, gateways get their acks, and are asked for what is missing.
 * Everything that contracts/mqtt.md wants of a hub beside the connection, of which this knows nothing.
 */
import { SimbankError } from '../errors.ts';
import { failpoint } from '../failpoint.ts';
import type { Logger } from '../log.ts';
import { type Ack, type Command, ReplayResult, type Reply } from '../protocol/commands.ts';
import { VERSION } from '../protocol/events.ts';
import type { GatewayStatus } from '../protocol/state.ts';
import { topicsOf } from '../protocol/topics.ts';
import { ulid } from '../protocol/ulid.ts';
import type { Arrival, Fault } from './intake.ts';
import { due, type Gap, type Gaps, observe, refused, type Timing } from './replay.ts';
import type { Progress } from './store/events.ts';
import type { HubStore } from './store/store.ts';

/** How long a gateway may take to begin with a replay. */
const COMMAND_MS = 60_000;
/** contracts/mqtt.md, «Commands and replies»: beyond this a gateway's clock is an alarm. */
const SKEW_MS = 2_000;
/** What a broker kept for the hub while it was away comes first, with times of long ago. */
const SETTLE_MS = 10_000;
/** Faults that are told apart in the log. */
const MAX_KNOWN_FAULTS = 1_000;

export interface ProjectorOptions {
  readonly store: HubStore;
  readonly log: Logger;
  readonly root: string;
  readonly timing: Timing;
  /** Sends a payload with QoS 1; without a connection it is dropped. */
  readonly publish: (topic: string, payload: Ack | Command) => void;
}

export class Projector {
  readonly counts = { events: 0, batches: 0, faults: 0, rejected: 0, replays: 0 };
  readonly #options: ProjectorOptions;
  readonly #gaps: Gaps = new Map();
  readonly #away = new Set<string>();
  readonly #skew = new Map<string, number>();
  readonly #asked = new Map<string, { gateway: string; epoch: string; at: number }>();
  readonly #knownFaults = new Set<string>();
  #connectedAt = 0;

  constructor(options: ProjectorOptions) {
    this.#options = options;
  }

  /** Applies what an earlier process stored and did not get to, and finds what is missing. */
  async resume(): Promise<void> {
    for (const { gateway, epoch } of await this.#options.store.reads.unfinished()) {
      await this.#project(gateway, [epoch], false);
    }
  }

  /** How far a gateway's clock is ahead of this one, ms. */
  skewOf(gateway: string): number {
    return this.#skew.get(gateway) ?? 0;
  }

  /** Retained statuses that come now say what happened while the hub was away. */
  connected(): void {
    this.#connectedAt = Date.now();
  }

  /**
   * Carries out what arrived, in one commit as far as possible. May be called again with the same: nothing happens twice.
   *
   * @throws SimbankError of the store; then nothing was acknowledged.
   */
  async take(arrivals: readonly Arrival[]): Promise<void> {
    const { store } = this.#options;
    const events = arrivals.flatMap((arrival) => (arrival.kind === 'event' ? [arrival.event] : []));
    const work: Promise<unknown>[] = [];
    if (events.length > 0) {
      const ingested = store.ingest(events, new Date().toISOString()).then((progress) => {
        this.counts.events += events.length;
        this.counts.batches += 1;
        return this.#settle(progress, { ack: true, urgent: false });
      });
      work.push(ingested);
      // A status may speak of them.
      if (!store.inOrder) await Promise.allSettled([ingested]);
    }
    const statuses = new Map<string, Promise<void>>();
    for (const arrival of withoutOutdated(arrivals)) {
      switch (arrival.kind) {
        case 'event':
          if (arrival.fault !== null) this.#noteFault(arrival.fault);
          break;
        case 'status': {
          const { status, live } = arrival;
          const before = statuses.get(status.gateway) ?? Promise.resolve();
          statuses.set(
            status.gateway,
            before.then(() => this.#status(status, live)),
          );
          break;
        }
        case 'sim':
          work.push(store.verbs.noteSim(arrival));
          break;
        case 'slot':
          work.push(store.verbs.noteSlot(arrival));
          break;
        case 'reply':
          work.push(this.#reply(arrival.gateway, arrival.reply));
          break;
        case 'fault':
          this.#noteFault(arrival.fault);
          break;
      }
    }
    work.push(...statuses.values());
    // All of it ends before anything is tried again.
    const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    await this.tick();
  }

  /** Asks for what has been missing long enough. Call it while there is a connection. */
  async tick(): Promise<void> {
    const { store, log, timing } = this.#options;
    const now = Date.now();
    for (const [id, { at }] of this.#asked) if (now - at > 2 * COMMAND_MS) this.#asked.delete(id);
    for (const { do: action, gap } of due(this.#gaps, now, (gateway) => this.#away.has(gateway), timing)) {
      const { gateway, epoch, after } = gap;
      if (action === 'pass') {
        log.warn(
          { gateway, epoch, after },
          'an older epoch stays incomplete: going on without what is missing',
        );
        await store.verbs.pass({ gateway, epoch, alarmId: ulid(now), now: new Date(now).toISOString() });
        await this.#project(gateway, [epoch], false);
        continue;
      }
      log.info({ gateway, epoch, after, lastSeq: gap.lastSeq }, 'events are missing: asking for a replay');
      this.#ask(gap, now);
    }
  }

  #ask({ gateway, epoch, after }: Pick<Gap, 'gateway' | 'epoch' | 'after'>, now: number): void {
    const { publish, root } = this.#options;
    const id = ulid(now);
    // A gateway whose clock is ahead would find the command expired when it comes.
    const expires = now + COMMAND_MS + Math.max(0, this.skewOf(gateway));
    this.#asked.set(id, { gateway, epoch, at: now });
    this.counts.replays += 1;
    publish(topicsOf(root, gateway).commands, {
      v: VERSION,
      id,
      name: 'events.replay',
      args: { epoch, after },
      expiresAt: new Date(expires).toISOString(),
    });
  }

  async #status(status: GatewayStatus, live: boolean): Promise<void> {
    const { gateway, epoch, state } = status;
    const { online, behind } = await this.#options.store.verbs.noteStatus({ status, live });
    if (online) this.#away.delete(gateway);
    else this.#away.add(gateway);
    if (!online || state !== 'online') return;
    if (live) await this.#noteSkew(status);
    const progress = await this.#projected(gateway, [epoch, ...behind]);
    // Before anything is asked for: a gateway whose database was put back learns from the receipt that it was, and must not
    // first fill its old numbers with something else.
    await this.#settle(progress, { ack: true, urgent: !live });
    // A retained status is up to a minute old: what the gateway has committed since, and nobody was there to hear, is asked
    // for without knowing of it. A gap that is known is asked for anyway.
    const current = progress.find((step) => step.epoch === epoch);
    if (!live && current !== undefined && current.upTo >= current.lastSeq) {
      this.#ask({ gateway, epoch, after: current.upTo }, Date.now());
    }
  }

  async #reply(gateway: string, reply: Reply): Promise<void> {
    const asked = reply.id === null ? undefined : this.#asked.get(reply.id);
    // Another hub's, or one that was given up.
    if (asked === undefined || asked.gateway !== gateway) return;
    const { store, log } = this.#options;
    const { epoch } = asked;
    const now = Date.now();
    if (!reply.ok) {
      this.#asked.delete(reply.id!);
      log.warn({ gateway, epoch, code: reply.error.code }, 'the gateway refuses to replay events');
      if (reply.error.code !== 'command.expired') refused(this.#gaps, gateway, epoch, now);
      return;
    }
    const result = ReplayResult.safeParse(reply.result);
    if (!result.success) {
      this.#noteFault({
        reason: 'unreadable',
        gateway,
        topic: 'replies',
        detail: 'result: not that of a replay',
      });
    } else if (result.data.truncated) {
      const { from } = result.data;
      const arg = { gateway, epoch, from, alarmId: ulid(now), now: new Date(now).toISOString() };
      if (await store.verbs.truncate(arg)) {
        log.warn({ gateway, epoch, from }, 'events before this number are no longer at the gateway');
        await this.#project(gateway, [epoch], true);
      }
    }
    this.#asked.delete(reply.id!);
  }

  async #project(gateway: string, epochs: readonly string[], ack: boolean): Promise<void> {
    await this.#settle(await this.#projected(gateway, epochs), { ack, urgent: false });
  }

  #projected(gateway: string, epochs: readonly string[]): Promise<Progress[]> {
    return this.#options.store.verbs.project({ gateway, epochs, now: new Date().toISOString() });
  }

  /** Acknowledges what is committed, notes what is missing, and applies the rest of a long backlog. */
  async #settle(progress: readonly Progress[], how: { ack: boolean; urgent: boolean }): Promise<void> {
    const { log, publish, root, timing } = this.#options;
    const now = Date.now();
    if (how.ack && progress.length > 0) failpoint('before-ack');
    for (const step of progress) {
      const { gateway, epoch, upTo, id } = step;
      for (const { seq, type, faults } of step.rejected) {
        this.counts.rejected += 1;
        log.warn({ gateway, epoch, seq, type, faults }, 'an event could not be read: kept, and left out');
      }
      observe(this.#gaps, step, now, how.urgent, timing);
      if (how.ack && id !== null) publish(topicsOf(root, gateway).acks, { v: VERSION, epoch, upTo, id });
    }
    for (const { gateway, epoch, more } of progress) {
      if (more) await this.#settle(await this.#projected(gateway, [epoch]), how);
    }
  }

  async #noteSkew(status: GatewayStatus): Promise<void> {
    const now = Date.now();
    const { gateway } = status;
    const skew = Date.parse(status.time) - now;
    const before = this.#skew.get(gateway) ?? 0;
    this.#skew.set(gateway, skew);
    const isNew = Math.abs(skew) > SKEW_MS && Math.abs(before) <= SKEW_MS;
    if (!isNew || now - this.#connectedAt < SETTLE_MS) return;
    this.#options.log.warn({ gateway, skewMs: skew }, 'the gateway’s clock differs from the hub’s');
    await this.#options.store.verbs.raiseAlarm({
      id: ulid(now),
      gateway,
      kind: 'clock.skew',
      detail: `the gateway's clock differs by ${skew} ms`,
      at: new Date(now).toISOString(),
    });
  }

  /** Counts every fault, and tells each kind once: a broken gateway must not fill the disk with its log. */
  #noteFault(fault: Fault): void {
    this.counts.faults += 1;
    const kind = `${fault.gateway} ${fault.topic} ${fault.reason} ${fault.detail}`;
    if (this.#knownFaults.has(kind) || this.#knownFaults.size >= MAX_KNOWN_FAULTS) return;
    this.#knownFaults.add(kind);
    this.#options.log.warn(
      { ...fault },
      'a payload is not what it should be; more of this kind are only counted',
    );
  }
}

/** Without the states of a SIM or a slot that a later one of the same batch replaces. */
function withoutOutdated(arrivals: readonly Arrival[]): Arrival[] {
  const last = new Map<string, Arrival>();
  const keyOf = (arrival: Arrival): string | null => {
    if (arrival.kind === 'sim') return `sim ${arrival.gateway} ${arrival.iccid}`;
    return arrival.kind === 'slot' ? `slot ${arrival.gateway} ${arrival.slot}` : null;
  };
  for (const arrival of arrivals) {
    const key = keyOf(arrival);
    if (key !== null) last.set(key, arrival);
  }
  return arrivals.filter((arrival) => {
    const key = keyOf(arrival);
    return key === null || last.get(key) === arrival;
  });
}

/** True for a failure of the disk or the server rather than of what was asked: the same will succeed once it is well again. */
export function passes(error: unknown): boolean {
  if (!(error instanceof SimbankError)) return false;
  if (error.code === 'store.unreachable') return true;
  return /^SQLITE_(FULL|IOERR|BUSY|LOCKED|READONLY|CANTOPEN|NOMEM)/.test(String(error.detail.sqlite ?? ''));
}
