/**
 * The life of one modem as a pure function: what state follows an input, and what is to be done.
 *
 * No clock and no I/O. `modem.ts` carries the effects out and reports back; a report that belongs to an earlier
 * generation never gets here.
 */
import type { Phase } from '../protocol/state.ts';

export interface Trouble {
  readonly code: string;
  readonly message: string;
}

export interface State {
  readonly phase: Phase;
  /** Counts readiness: what was read in one generation may be deleted only in the same one. */
  readonly generation: number;
  /** Counts beginnings of the way to readiness: a step's result counts only in the chain it was asked in. */
  readonly chain: number;
  /** Openings since the last good one: sets the pause before the next. */
  readonly failures: number;
  readonly restarts: number;
  readonly problem: Trouble | null;
}

export type Input =
  | { readonly type: 'start' }
  | { readonly type: 'opened' }
  | { readonly type: 'open-failed'; readonly problem: Trouble }
  | { readonly type: 'identified' }
  | { readonly type: 'silent'; readonly problem: Trouble }
  | { readonly type: 'sim'; readonly sim: 'ready' | 'busy' | 'absent' | 'pin' | 'puk' }
  | { readonly type: 'card-read' }
  | { readonly type: 'card-failed'; readonly problem: Trouble }
  | { readonly type: 'configured'; readonly problem: Trouble | null }
  | { readonly type: 'registration'; readonly registered: boolean; readonly denied: boolean }
  | { readonly type: 'modem-restarted' }
  | { readonly type: 'sim-event' }
  | { readonly type: 'network-event' }
  | { readonly type: 'out-of-step' }
  | { readonly type: 'port-lost'; readonly problem: Trouble };

export type Effect =
  | { readonly do: 'open' | 'close' | 'identify' | 'check-sim' | 'read-card' | 'configure' }
  | { readonly do: 'check-registration' | 'sweep' | 'forget-card' }
  /** Replaces whatever was to be done later before. */
  | {
      readonly do: 'later';
      readonly afterMs: number;
      readonly next: 'open' | 'identify' | 'check-sim' | 'check-registration';
    };

export const INITIAL: State = {
  phase: 'opening',
  generation: 0,
  chain: 0,
  failures: 0,
  restarts: 0,
  problem: null,
};

const BUSY_SIM_MS = 1_000;
const NO_SIM_MS = 10_000;
const REGISTERING_MS = 2_000;
const HEALTH_MS = 60_000;
/** After `RDY` a module loads its card; asking at once only gives errors. */
const BOOT_MS = 500;

/**
 * 1 s, doubling to 30 s: a modem under a reset needs 10 to 40 s to come back. A path that is not there costs one look,
 * and whoever plugs a modem in waits for it: never more than 2 s.
 */
export function reopenAfterMs(failures: number, code: string): number {
  return Math.min(code === 'port.missing' ? 2_000 : 30_000, 1_000 * 2 ** Math.max(0, failures - 1));
}

export function next(state: State, input: Input): { state: State; effects: readonly Effect[] } {
  switch (input.type) {
    case 'start':
      return { state: { ...state, phase: 'opening' }, effects: [{ do: 'open' }] };
    case 'opened':
      return { state: { ...state, phase: 'probing' }, effects: [{ do: 'identify' }] };
    case 'open-failed':
      return reopen(state, 'lost', input.problem);
    case 'port-lost':
      return reopen(state, 'lost', input.problem);
    case 'silent':
      return reopen(state, 'recovering', input.problem);
    case 'identified':
      return { state: { ...state, failures: 0, problem: null }, effects: [{ do: 'check-sim' }] };
    case 'sim':
      return sim(state, input.sim);
    case 'card-read':
      return {
        state: { ...state, phase: 'registering', problem: null },
        effects: [{ do: 'configure' }],
      };
    case 'card-failed':
      return {
        state: { ...state, phase: 'recovering', problem: input.problem },
        effects: [later(BUSY_SIM_MS, 'check-sim')],
      };
    case 'configured':
      return {
        state: { ...state, problem: input.problem },
        // What is on the card is read before the network is there: reception needs it, reading does not.
        effects: [{ do: 'check-registration' }, { do: 'sweep' }],
      };
    case 'registration':
      return registration(state, input.registered, input.denied);
    case 'modem-restarted':
      if (state.phase === 'opening' || state.phase === 'lost') return { state, effects: [] };
      return {
        state: { ...anew(state), phase: 'probing', restarts: state.restarts + 1 },
        effects: [{ do: 'forget-card' }, later(BOOT_MS, 'identify')],
      };
    case 'sim-event':
      // Before the modem is known there is nothing to ask it; the identification asks anyway.
      if (state.phase === 'opening' || state.phase === 'probing' || state.phase === 'lost') {
        return { state, effects: [] };
      }
      return { state: anew(state), effects: [{ do: 'forget-card' }, { do: 'check-sim' }] };
    case 'network-event':
      if (state.phase !== 'registering' && state.phase !== 'ready') return { state, effects: [] };
      return { state, effects: [{ do: 'check-registration' }] };
    case 'out-of-step':
      return {
        state: { ...state, generation: state.generation + 1 },
        effects: state.phase === 'ready' || state.phase === 'registering' ? [{ do: 'sweep' }] : [],
      };
    default:
      return input satisfies never;
  }
}

function sim(state: State, found: 'ready' | 'busy' | 'absent' | 'pin' | 'puk') {
  switch (found) {
    case 'ready':
      return { state, effects: [{ do: 'read-card' }] as const };
    case 'busy':
      return { state, effects: [later(BUSY_SIM_MS, 'check-sim')] };
    case 'absent':
      return {
        state: {
          ...state,
          phase: 'no-sim' as const,
          problem: { code: 'sim.absent', message: 'no SIM in this slot' },
        },
        effects: [{ do: 'forget-card' } as const, later(NO_SIM_MS, 'check-sim')],
      };
    case 'pin':
    case 'puk':
      return {
        state: {
          ...state,
          phase: 'locked' as const,
          problem: {
            code: `sim.${found}_required`,
            message: `the SIM asks for its ${found.toUpperCase()}: unlock it in a phone, or switch the request off`,
          },
        },
        effects: [{ do: 'forget-card' } as const, later(NO_SIM_MS, 'check-sim')],
      };
    default:
      return found satisfies never;
  }
}

function registration(state: State, registered: boolean, denied: boolean) {
  if (state.phase !== 'registering' && state.phase !== 'ready') return { state, effects: [] };
  const problem = denied ? { code: 'network.denied', message: 'the network refuses this SIM' } : null;
  // A problem of the settings outlives a good registration: it is not the network's.
  const kept = state.problem?.code.startsWith('modem.') ? state.problem : problem;
  return {
    state: { ...state, phase: registered ? ('ready' as const) : ('registering' as const), problem: kept },
    effects: [later(registered ? HEALTH_MS : REGISTERING_MS, 'check-registration')],
  };
}

function reopen(state: State, phase: 'lost' | 'recovering', problem: Trouble) {
  const failures = state.failures + 1;
  const wasUp = state.failures === 0 && state.phase !== 'opening';
  return {
    state: { ...anew(state), phase, failures, restarts: state.restarts + (wasUp ? 1 : 0), problem },
    effects: [
      { do: 'close' } as const,
      { do: 'forget-card' } as const,
      later(reopenAfterMs(failures, problem.code), 'open'),
    ],
  };
}

/** From the beginning: nothing read before may be deleted any more, and no step asked before counts. */
function anew(state: State): State {
  return { ...state, generation: state.generation + 1, chain: state.chain + 1 };
}

function later(afterMs: number, step: 'open' | 'identify' | 'check-sim' | 'check-registration'): Effect {
  return { do: 'later', afterMs, next: step };
}
