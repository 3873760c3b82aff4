/**
 * When to ask a gateway for events that should be there and are not (contracts/mqtt.md, «Hubs»). Pure: the moments come
 * in as Unix milliseconds, what to do goes out.
 */
import type { Progress } from './store/events.ts';

export interface Timing {
  /** How long a gap may be there before it is asked for. */
  readonly graceMs: number;
  /** How long after a request the next one for the same gap waits; doubled each time. */
  readonly retryMs: number;
  readonly retryMaxMs: number;
}

export const TIMING: Timing = { graceMs: 5_000, retryMs: 10_000, retryMaxMs: 600_000 };

/** One epoch of one gateway that lacks events. */
export interface Gap {
  readonly gateway: string;
  readonly epoch: string;
  /** Everything up to here is there. */
  readonly after: number;
  readonly lastSeq: number;
  readonly current: boolean;
  /** How often it was asked for since the frontier last moved; for an older epoch since the beginning. */
  readonly asked: number;
  readonly askedAt: number;
  readonly nextAt: number;
}

/** By `<gateway>/<epoch>`. */
export type Gaps = Map<string, Gap>;

/** Takes note of where an epoch stands. `urgent`: do not wait, the hub was away itself. */
export function observe(
  gaps: Gaps,
  progress: Progress,
  now: number,
  urgent: boolean,
  timing: Timing = TIMING,
): void {
  const key = `${progress.gateway}/${progress.epoch}`;
  if (progress.upTo >= progress.lastSeq || (progress.passed && !progress.current)) {
    gaps.delete(key);
    return;
  }
  const { gateway, epoch, upTo: after, lastSeq, current } = progress;
  const known = gaps.get(key);
  const grace = urgent ? 0 : timing.graceMs;
  if (known === undefined) {
    gaps.set(key, {
      gateway,
      epoch,
      after,
      lastSeq,
      current,
      asked: 0,
      askedAt: -Infinity,
      nextAt: now + grace,
    });
    return;
  }
  // The frontier moved: this is another gap, with a grace of its own. An older epoch gets only one replay, however far that
  // takes it; what was asked while it was the current one is not that replay.
  const turned = known.current !== current;
  const moved = known.after !== after || turned;
  const soonest = Math.max(now + grace, known.askedAt + timing.graceMs);
  gaps.set(key, {
    ...known,
    after,
    lastSeq,
    current,
    asked: turned || (moved && current) ? 0 : known.asked,
    nextAt: moved ? soonest : Math.min(known.nextAt, urgent ? soonest : known.nextAt),
  });
}

export type Action = { readonly do: 'ask' | 'pass'; readonly gap: Gap };

/**
 * What is to be done now. A gap that is asked for is noted as asked; one of an older epoch that had its replay is to be
 * passed. Gateways that are known to be away are left alone.
 */
export function due(
  gaps: Gaps,
  now: number,
  isAway: (gateway: string) => boolean,
  timing: Timing = TIMING,
): Action[] {
  const actions: Action[] = [];
  for (const [key, gap] of gaps) {
    if (gap.nextAt > now || isAway(gap.gateway)) continue;
    if (!gap.current && gap.asked > 0) {
      actions.push({ do: 'pass', gap });
      gaps.delete(key);
      continue;
    }
    const wait = Math.min(timing.retryMs * 2 ** gap.asked, timing.retryMaxMs);
    gaps.set(key, { ...gap, asked: gap.asked + 1, askedAt: now, nextAt: now + wait });
    actions.push({ do: 'ask', gap });
  }
  return actions;
}

/** The gateway said that it cannot replay: an older epoch need not be waited for. */
export function refused(gaps: Gaps, gateway: string, epoch: string, now: number): void {
  const key = `${gateway}/${epoch}`;
  const gap = gaps.get(key);
  if (gap !== undefined && !gap.current) gaps.set(key, { ...gap, nextAt: now });
}
