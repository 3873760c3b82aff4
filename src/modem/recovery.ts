/** Climbing the ladder: what each rung does to the state of a modem, and what is to be done. Pure, as `lifecycle`. */
import { type Complaint, type Rung, rungFor } from './ladder.ts';
import type { Effect, State, Step, Trouble } from './state.ts';

export type Next = { readonly state: State; readonly effects: readonly Effect[] };

/** A reset modem is given this long before its port is tried for the first time. */
const RESET_MS = 2_000;

/**
 * 1 s, doubling to 6 s: opening a port is cheap and disturbs nobody, and a modem that comes back by itself, from a reset or a
 * boot loop, is to work within ten seconds. What does disturb comes at growing distances (ladder.ts). A path that is not there
 * costs one look, and whoever plugs a modem in waits for it: never more than 2 s.
 */
export function reopenAfterMs(failures: number, code: string): number {
  return Math.min(code === 'port.missing' ? 2_000 : 6_000, 1_000 * 2 ** Math.max(0, failures - 1));
}

/** One rung up the ladder. */
export function complain(
  state: State,
  complaint: Complaint,
  problem: Trouble,
  againMs: number | null = null,
): Next {
  const rung = rungFor(complaint, state.climbed, state.offers.rungs);
  const climbed = { ...state, climbed: state.climbed + 1 };
  const again = againMs === null ? [] : [later(againMs, 'check-sim')];
  if (rung === null) return { state: { ...climbed, problem }, effects: again };
  return take(climbed, rung, problem, complaint === 'silent');
}

export function take(state: State, rung: Rung, problem: Trouble | null, blind: boolean): Next {
  const recoveries = { ...state.recoveries, [rung]: state.recoveries[rung] + 1 };
  const taken: State = { ...state, recoveries };
  const away: State = {
    ...anew(taken),
    phase: 'recovering',
    grace: true,
    restarts: state.restarts + 1,
    problem,
  };
  switch (rung) {
    case 'reinit':
      return { state: { ...anew(taken), problem }, effects: [{ do: 'forget-card' }, { do: 'check-sim' }] };
    case 'reopen':
      return reopen(taken, 'recovering', problem);
    case 'radio':
      return {
        state: { ...anew(taken), phase: 'recovering', problem },
        effects: [{ do: 'forget-card' }, { do: 'radio' }],
      };
    case 'reset':
      return {
        state: away,
        effects: [{ do: 'forget-card' }, { do: 'reset', blind }, later(RESET_MS, 'open')],
      };
    case 'power':
      return {
        state: away,
        effects: [{ do: 'close' }, { do: 'forget-card' }, { do: 'power' }, later(RESET_MS, 'open')],
      };
    default:
      return rung satisfies never;
  }
}

export function reopen(state: State, phase: 'lost' | 'recovering', problem: Trouble | null): Next {
  const failures = state.failures + 1;
  const wasUp = state.failures === 0 && state.phase !== 'opening' && !state.grace;
  return {
    state: { ...anew(state), phase, failures, restarts: state.restarts + (wasUp ? 1 : 0), problem },
    effects: [
      { do: 'close' },
      { do: 'forget-card' },
      later(reopenAfterMs(state.grace ? 1 : failures, problem?.code ?? ''), 'open'),
    ],
  };
}

/** From the beginning: nothing read before may be deleted any more, no step asked before counts, and nobody waits for its answer. */
export function anew(state: State): State {
  return {
    ...state,
    generation: state.generation + 1,
    chain: state.chain + 1,
    checked: false,
    smsWaits: null,
  };
}

export function stay(state: State): Next {
  return { state, effects: [] };
}

export function later(afterMs: number, step: 'open' | Step): Effect {
  return { do: 'later', afterMs, next: step };
}
