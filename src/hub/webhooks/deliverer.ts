/**
 * The delivery table at work: what is due is claimed, signed, sent and settled. At least once: whatever is not settled, because
 * the hub was killed or lost its store, is due again when its claim ends, under the same `webhook-id`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { ulid } from '../../protocol/ulid.ts';
import type { Claimed } from '../store/deliveries.ts';
import type { Settlement } from '../store/settlement.ts';
import type { HubStore } from '../store/store.ts';
import { type AddressPolicy, checkHost, checkUrl, type Resolve, resolverFor } from './address.ts';
import { Lookout } from './lookout.ts';
import { type Limits, Queues, type Turn } from './queues.ts';
import { renderingOf } from './renderings.ts';
import { type Answer, Sender } from './sender.ts';
import { Settling } from './settling.ts';
import { verdictOf } from './verdict.ts';

export interface DelivererTiming {
  /** How often all endpoints are looked at, for what nobody called `wake` for: another hub's rows, and claims that ended. */
  readonly pollMs: number;
  /** How long a claim lasts: longer than any attempt. */
  readonly leaseMs: number;
  /** How long `stop` waits for answers. */
  readonly graceMs: number;
}

export interface DelivererOptions {
  readonly store: {
    readonly verbs: Pick<HubStore['verbs'], 'claimDeliveries' | 'settleDeliveries' | 'releaseDeliveries'>;
    readonly reads: Pick<HubStore['reads'], 'dueDeliveries' | 'newlyDue'>;
  };
  readonly log: Logger;
  /** `hub.webhooks` of the configuration. */
  readonly policy: AddressPolicy;
  /** For tests, as all that follow. */
  readonly resolve?: Resolve;
  readonly ca?: string;
  readonly now?: () => number;
  readonly timing?: Partial<DelivererTiming>;
  readonly limits?: Limits;
}

const TIMING: DelivererTiming = { pollMs: 5_000, leaseMs: 30_000, graceMs: 3_000 };
/** Endpoints in one claim, and claims at once: more would make one wait long for the answer, or for a connection. */
const CLAIM = 64;
const CLAIMS = 4;
/** How soon the store is asked again that did not answer. */
const RETRY_MS = 1_000;
/** An endpoint is turned off that took nothing for so long, over so many attempts. */
const PATIENCE_MS = 5 * 86_400_000;
const PATIENCE_FAILURES = 20;
/** An answer within this is a quick one. */
const QUICK_MS = 1_000;

export class Deliverer {
  readonly counts = { delivered: 0, failures: 0, exhausted: 0, disabled: 0 };
  readonly #options: DelivererOptions;
  readonly #policy: AddressPolicy;
  readonly #resolve: Resolve;
  readonly #timing: DelivererTiming;
  readonly #now: () => number;
  readonly #sender: Sender;
  readonly #queues: Queues;
  readonly #lookout: Lookout;
  readonly #settling: Settling;
  /** Everything under way, each a promise that never rejects. */
  readonly #claims = new Set<Promise<void>>();
  readonly #attempts = new Set<Promise<void>>();
  #pumping = false;
  #stopping = false;
  /** From here on the hub itself ends connections: that is no failure of theirs. */
  #cutting = false;

  constructor(options: DelivererOptions) {
    this.#options = options;
    this.#policy = options.policy;
    this.#resolve = options.resolve ?? resolverFor(options.policy);
    this.#timing = { ...TIMING, ...options.timing };
    this.#now = options.now ?? Date.now;
    const { ca } = options;
    this.#sender = new Sender({
      policy: this.#policy,
      resolve: this.#resolve,
      ...(ca === undefined ? {} : { ca }),
    });
    this.#settling = new Settling(options.store.verbs);
    this.#queues = new Queues(this.#now, () => this.#pump(), options.limits);
    this.#lookout = new Lookout({
      reads: options.store.reads,
      log: options.log,
      now: this.#now,
      pollMs: this.#timing.pollMs,
      found: (endpoint, dueAt) => this.#queues.add(endpoint, dueAt),
      all: () => this.#queues.prune(),
    });
  }

  start(): void {
    this.#lookout.start();
  }

  /**
   * Deliveries were written that are due now; call it after the commit. With the endpoints they are for nothing is read to find
   * them.
   */
  wake(endpoints?: Iterable<string>): void {
    if (this.#stopping) return;
    if (endpoints === undefined) this.#lookout.look();
    else for (const endpoint of endpoints) this.#queues.add(endpoint, this.#now());
  }

  /**
   * Checks a URL that a customer gives (W-74), and its host.
   *
   * @returns the spelling in which it is to be kept.
   * @throws SimbankError `webhook.url_refused`
   */
  async admit(text: string): Promise<string> {
    const url = checkUrl(text, this.#policy);
    await checkHost(url, this.#policy, this.#resolve);
    return url.href;
  }

  /** Claims nothing more, waits a moment for answers, and gives back what is still without one. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#queues.stop();
    await this.#lookout.stop();
    await Promise.all(this.#claims);
    const answered = Promise.all(this.#attempts);
    const grace = new AbortController();
    const late = sleep(this.#timing.graceMs, undefined, { signal: grace.signal }).catch(() => {});
    await Promise.race([answered, late]);
    grace.abort();
    this.#cutting = true;
    await this.#sender.close();
    await answered;
  }

  /** Takes turns once everything that happens in this turn of the loop has happened. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      while (!this.#stopping && this.#claims.size < CLAIMS) {
        const turns = this.#queues.take(CLAIM);
        if (turns.length === 0) return;
        const work = this.#claim(turns).finally(() => {
          this.#claims.delete(work);
          this.#pump();
        });
        this.#claims.add(work);
      }
    });
  }

  async #claim(turns: readonly Turn[]): Promise<void> {
    const { verbs } = this.#options.store;
    const now = this.#now();
    const until = now + this.#timing.leaseMs;
    const claim = ulid(now);
    let claimed: Awaited<ReturnType<typeof verbs.claimDeliveries>>;
    try {
      claimed = await verbs.claimDeliveries({
        endpoints: turns.map(({ endpoint, room }) => ({ id: endpoint, room })),
        claim,
        now: new Date(now).toISOString(),
        until: new Date(until).toISOString(),
      });
    } catch (error) {
      this.#options.log.warn(
        { error: messageOf(error) },
        'no webhook can be sent: the store does not answer',
      );
      for (const turn of turns) this.#queues.claimed(turn, 0, now + RETRY_MS);
      return;
    }
    const deliveries = Map.groupBy(claimed.deliveries, ({ endpoint }) => endpoint);
    const next = new Map(claimed.next.map(({ endpoint, at }) => [endpoint, at]));
    if (this.#stopping) {
      await this.#release(claimed.deliveries, claim);
      return;
    }
    for (const turn of turns) {
      const list = deliveries.get(turn.endpoint) ?? [];
      const at = next.get(turn.endpoint) ?? null;
      this.#queues.claimed(turn, list.length, at === null ? Number.POSITIVE_INFINITY : Date.parse(at));
      for (const delivery of list) {
        const work = this.#attempt(turn, delivery, claim, until).finally(() => this.#attempts.delete(work));
        this.#attempts.add(work);
      }
    }
  }

  async #attempt(turn: Turn, delivery: Claimed, claim: string, until: number): Promise<void> {
    const rendering = renderingOf(delivery.rendering);
    const { event: id, body, secrets, url, contentType } = delivery;
    const at = this.#now();
    const signed = { id, seconds: Math.floor(at / 1_000), body, secrets };
    const answer = await this.#sender.post({
      url,
      body,
      timeoutMs: rendering.timeoutMs,
      headers: {
        ...rendering.headers(signed, delivery.options),
        'content-type': contentType,
        'user-agent': 'simbankd-webhooks',
      },
    });
    const now = this.#now();
    if (this.#cutting && 'failure' in answer.outcome) {
      await this.#release([delivery], claim);
      return;
    }
    // A test has no second attempt: as if it had had them all.
    const failures = delivery.once ? rendering.pausesMs.length : delivery.attempts;
    const verdict = verdictOf(rendering, answer.outcome, failures, Math.random());
    const { state } = verdict;
    this.#tally(state);
    if (verdict.holdMs > 0) this.#queues.hold(delivery.endpoint, now + verdict.holdMs);
    const settled = this.#settle(delivery.endpoint, until, {
      delivery: delivery.id,
      claim,
      attempt: { id: `att_${ulid(now)}`, at: new Date(at).toISOString(), ...logOf(answer, state) },
      state,
      nextAt: state === 'pending' ? new Date(now + verdict.pauseMs).toISOString() : null,
      wasFailing: delivery.isFailing,
      gone: verdict.gone,
      patience: { since: new Date(now - PATIENCE_MS).toISOString(), failures: PATIENCE_FAILURES },
      now: new Date(now).toISOString(),
    });
    // After a failure the endpoint's next turn waits for what is noted now: it may be off.
    if (state !== 'delivered') await settled;
    if (state === 'pending') this.#queues.add(delivery.endpoint, now + verdict.pauseMs);
    this.#queues.finished(turn, state === 'delivered' && answer.ms < QUICK_MS);
    await settled;
  }

  async #settle(endpoint: string, until: number, settlement: Settlement): Promise<void> {
    const { log } = this.#options;
    for (let alone = false; ; alone = true) {
      try {
        // One that the store does not take must not take along those that were noted with it.
        const off = await this.#settling.note(settlement, alone);
        if (off === null) return;
        this.counts.disabled += 1;
        log.warn({ endpoint, reason: off }, 'a webhook was turned off');
        // The account's other endpoints are told.
        this.wake();
        return;
      } catch (error) {
        // While nobody else can have the claim: what was taken should not be sent again for a store that was away a moment.
        if (this.#stopping || this.#now() + RETRY_MS > until) {
          const { delivery } = settlement;
          log.warn({ delivery, error: messageOf(error) }, 'an attempt could not be noted');
          return;
        }
        await sleep(RETRY_MS);
      }
    }
  }

  async #release(deliveries: readonly Claimed[], claim: string): Promise<void> {
    const ids = deliveries.map(({ id }) => id);
    const now = new Date(this.#now()).toISOString();
    // Otherwise the end of the claim does it.
    await this.#options.store.verbs.releaseDeliveries({ deliveries: ids, claim, now }).catch(() => {});
  }

  #tally(state: 'delivered' | 'failed' | 'pending'): void {
    if (state === 'delivered') this.counts.delivered += 1;
    else this.counts.failures += 1;
    if (state === 'failed') this.counts.exhausted += 1;
  }
}

/** What the log of attempts keeps of an answer. */
function logOf({ outcome, ms, excerpt }: Answer, state: 'delivered' | 'failed' | 'pending') {
  const status = 'status' in outcome ? outcome.status : null;
  const error = state === 'delivered' ? null : 'failure' in outcome ? outcome.failure : 'status';
  return { ms, status, error, answer: excerpt };
}
