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
  /** Commands without an answer since something last worked. */
  readonly timeouts: number;
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
  /** A command got no answer in time. `step`: it was one of the way to readiness. */
  | { readonly type: 'out-of-step'; readonly problem: Trouble }
  | { readonly type: 'step-timed-out'; readonly step: Step; readonly problem: Trouble }
  /** Messages were read: the modem does what it is there for. */
  | { readonly type: 'works' }
  /** It answers as in text mode, or otherwise as if it had never been told. */
  | { readonly type: 'settings-lost' }
  /** Another slot holds this very card: two ports of one modem, or a swap not noticed there yet. */
  | { readonly type: 'card-elsewhere'; readonly problem: Trouble }
  | { readonly type: 'port-lost'; readonly problem: Trouble };

/** What the modem is asked on the way to readiness, and after. */
export type Step = 'identify' | 'check-sim' | 'read-card' | 'configure' | 'check-registration';

export type Effect =
  | { readonly do: 'open' | 'close' | Step }
  /** `card-absent`: twice in a row there was none, so it was taken out. */
  | { readonly do: 'sweep' | 'forget-card' | 'card-absent' }
  /** Replaces whatever was to be done later before. */
  | {
      readonly do: 'later';
      readonly afterMs: number;
      readonly next: 'open' | Step;
    };

export const INITIAL: State = {
  phase: 'opening',
  generation: 0,
  chain: 0,
  failures: 0,
  restarts: 0,
  timeouts: 0,
  problem: null,
};

const BUSY_SIM_MS = 1_000;
const NO_SIM_MS = 10_000;
/** A card that is still loading can look like none: before it counts as taken, it is asked for once more. */
const LOADING_SIM_MS = 2_000;
const ELSEWHERE_MS = 5_000;
/** So many commands in a row without an answer, and the port is opened anew. */
const MAX_TIMEOUTS = 3;
const REGISTERING_MS = 2_000;
const HEALTH_MS = 60_000;
/** After `RDY` a module loads its card; asking at once only gives errors. */
const BOOT_MS = 500;
const RETRY_MS = 500;

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
        state: { ...state, timeouts: 0, problem: input.problem },
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
      if (state.phase === 'opening' || state.phase === 'lost') return { state, effects: [] };
      // The card may have changed while it was being read: from the beginning, whatever was asked.
      if (state.phase === 'probing') return { state: anew(state), effects: [{ do: 'identify' }] };
      return { state: anew(state), effects: [{ do: 'forget-card' }, { do: 'check-sim' }] };
    case 'network-event':
      if (state.phase !== 'registering' && state.phase !== 'ready') return { state, effects: [] };
      return { state, effects: [{ do: 'check-registration' }] };
    case 'out-of-step':
      // On the way to readiness the step itself tells; once there, the card is asked for before anything is read again.
      if (state.phase !== 'ready' && state.phase !== 'registering') {
        return { state: { ...state, generation: state.generation + 1 }, effects: [] };
      }
      return timedOut(anew(state), 'check-sim', input.problem);
    case 'step-timed-out':
      return timedOut(state, input.step === 'identify' ? 'identify' : 'check-sim', input.problem);
    case 'works':
      return { state: state.timeouts === 0 ? state : { ...state, timeouts: 0 }, effects: [] };
    case 'settings-lost':
      if (state.phase !== 'ready' && state.phase !== 'registering') return { state, effects: [] };
      return { state: anew(state), effects: [{ do: 'check-sim' }] };
    case 'card-elsewhere':
      return {
        state: { ...state, phase: 'ignored', problem: input.problem },
        effects: [{ do: 'forget-card' }, later(ELSEWHERE_MS, 'check-sim')],
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
        effects:
          state.phase === 'no-sim'
            ? [{ do: 'card-absent' } as const, later(NO_SIM_MS, 'check-sim')]
            : [{ do: 'forget-card' } as const, later(LOADING_SIM_MS, 'check-sim')],
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

function timedOut(state: State, next: 'identify' | 'check-sim', problem: Trouble) {
  const timeouts = state.timeouts + 1;
  if (timeouts >= MAX_TIMEOUTS) return reopen({ ...state, timeouts: 0 }, 'recovering', problem);
  return { state: { ...state, timeouts, problem }, effects: [later(RETRY_MS, next)] };
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

function later(afterMs: number, step: 'open' | Step): Effect {
  return { do: 'later', afterMs, next: step };
}
