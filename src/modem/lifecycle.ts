/**
 * The life of one modem as a pure function: what state follows an input, and what is to be done.
 *
 * No clock and no I/O. `modem.ts` carries the effects out and reports back; a report that belongs to an earlier
 * generation never gets here.
 */
import { type Complaint, rungFor } from './ladder.ts';
import { anew, complain, later, type Next, reopen, stay, take } from './recovery.ts';
import type { Input, SimState, State, Trouble } from './state.ts';

const BUSY_SIM_MS = 1_000;
const NO_SIM_MS = 5_000;
/** A card that is still loading can look like none: before it counts as taken, it is asked for once more. */
const LOADING_SIM_MS = 2_000;
/** A swap that one of two slots has seen is soon seen by the other. */
const ELSEWHERE_MS = 3_000;
const SMS_READY_MS = 500;
/** After so many it is tried all the same: the answer may be one this program does not understand. */
const SMS_WAITS = 60;
/** So many commands in a row without an answer, and the ladder is climbed. */
const MAX_TIMEOUTS = 3;
/** Refusals on the way to readiness, a second apart, before the ladder is climbed; a card may load for longer. */
const MAX_REFUSALS = 8;
/** So many seconds pass while a busy modem is asked again, before it is given up. */
const BUSY_WEIGHT = 4;
const MAX_BUSY = 30;
/** Looks at a card that does not answer, before the modem is taken off the air for it. */
const MAX_DEAD_LOOKS = 6;
/** A fresh card is on the network within seconds; later a search is asked about less often. */
const SEARCHING_MS = 2_000;
const SEARCHING_LATER_MS = 10_000;
const EAGER_SEARCHES = 30;
/** Some ten minutes: an EC20 that searches for very long must not be reset too early (VoCat PR 117). */
const PATIENT_SEARCHES = 84;
/** After `RDY` a module loads its card; asking at once only gives errors. */
const BOOT_MS = 500;
const RETRY_MS = 500;
export function next(state: State, input: Input): Next {
  if (state.disabled && input.type !== 'enable') return stay(state);
  switch (input.type) {
    case 'start':
      return { state: { ...state, phase: 'opening' }, effects: [{ do: 'open' }] };
    case 'opened':
      return { state: { ...state, phase: 'probing' }, effects: [{ do: 'identify' }] };
    case 'open-failed':
    case 'port-lost':
      return reopen(state, 'lost', input.problem);
    case 'silent':
      return state.grace
        ? reopen(state, 'recovering', input.problem)
        : complain(state, 'silent', input.problem);
    case 'identified':
      return {
        state: { ...state, failures: 0, grace: false, offers: input.offers, problem: null },
        effects: [{ do: 'check-sim' }],
      };
    case 'sim':
      return sim(state, input.sim);
    case 'pin':
      if (input.problem === null) return { state, effects: [later(BUSY_SIM_MS, 'check-sim')] };
      return {
        state: { ...state, phase: 'locked', problem: input.problem },
        effects: [later(NO_SIM_MS, 'check-sim')],
      };
    case 'card-read':
      return {
        state: {
          ...state,
          checked: false,
          phase: 'registering',
          problem: null,
          smsWaits: state.offers.smsReady ? 0 : null,
          searches: 0,
        },
        effects: [{ do: state.offers.smsReady ? 'await-sms' : 'configure' }],
      };
    case 'card-failed':
      return setBack(
        { ...state, phase: 'recovering', problem: input.problem },
        MAX_REFUSALS,
        input.problem,
        BUSY_SIM_MS,
      );
    case 'sms': {
      if (state.smsWaits === null || state.phase !== 'registering') return stay(state);
      const smsWaits = state.smsWaits + 1;
      if (!input.ready && smsWaits < SMS_WAITS)
        return { state: { ...state, smsWaits }, effects: [later(SMS_READY_MS, 'await-sms')] };
      return { state: { ...state, smsWaits: null }, effects: [later(0, 'configure')] };
    }
    case 'configured':
      if (input.reset) return take(state, 'reset', input.problem, false);
      return {
        state: { ...state, checked: true, timeouts: 0, setbacks: 0, problem: input.problem },
        // What is on the card is read before the network is there: reception needs it, reading does not.
        effects: [{ do: 'check-registration' }, { do: 'sweep' }],
      };
    case 'registration':
      return registration(state, input.registered, input.denied);
    case 'modem-restarted':
      if (isAway(state)) return stay(state);
      return {
        state: { ...anew(state), phase: 'probing', restarts: state.restarts + 1 },
        effects: [{ do: 'forget-card' }, later(BOOT_MS, 'identify')],
      };
    case 'sim-event':
      if (isAway(state)) return stay(state);
      // The card may have changed while it was being read: from the beginning, whatever was asked.
      if (state.phase === 'probing') return { state: anew(state), effects: [{ do: 'identify' }] };
      return { state: anew(state), effects: [{ do: 'forget-card' }, { do: 'check-sim' }] };
    case 'network-event':
      return isUp(state) ? { state, effects: [{ do: 'check-registration' }] } : stay(state);
    case 'out-of-step':
      // On the way to readiness the step itself tells; once there, the card is asked for before anything is read again.
      if (!isUp(state)) return { state: { ...state, generation: state.generation + 1 }, effects: [] };
      return timedOut(anew(state), 'check-sim', input.problem);
    case 'step-timed-out':
      return timedOut(state, input.step === 'identify' ? 'identify' : 'check-sim', input.problem);
    case 'works':
      return { state: state.timeouts === 0 ? state : { ...state, timeouts: 0 }, effects: [] };
    case 'healthy':
      return { state: state.climbed === 0 ? state : { ...state, climbed: 0 }, effects: [] };
    case 'unhealthy':
      // Also while it is being checked: what fails for want of an answer is followed by a check each time.
      return state.phase === 'registering' || state.phase === 'ready'
        ? complain(state, input.complaint, input.problem)
        : stay(state);
    case 'grace-over':
      return { state: { ...state, grace: false }, effects: [] };
    case 'settings-lost':
      return isUp(state) ? { state: anew(state), effects: [{ do: 'check-sim' }] } : stay(state);
    case 'card-elsewhere':
      return {
        state: { ...state, phase: 'ignored', problem: input.problem },
        effects: [{ do: 'forget-card' }, later(ELSEWHERE_MS, 'check-sim')],
      };
    case 'restart':
      return isAway(state) ? stay(state) : take(state, 'reset', null, !isUp(state));
    case 'disable':
      return {
        state: { ...anew(state), phase: 'ignored', disabled: true, grace: false, problem: input.problem },
        effects: [{ do: 'close' }, { do: 'forget-card' }],
      };
    case 'enable':
      if (!state.disabled) return stay(state);
      return {
        state: { ...state, phase: 'opening', disabled: false, problem: null },
        effects: [{ do: 'open' }],
      };
    default:
      return input satisfies never;
  }
}

function sim(state: State, found: SimState): Next {
  switch (found) {
    case 'ready':
      return { state, effects: [{ do: 'read-card' }] };
    case 'busy':
      return setBack(state, MAX_BUSY, { code: 'sim.busy', message: 'the SIM stays busy' }, BUSY_SIM_MS);
    case 'absent':
      return noSim(state, { code: 'sim.absent', message: 'no SIM in this slot' });
    case 'failed': {
      const message =
        'there is a SIM that does not answer: it is broken, wrongly inserted, or needs the modem restarted';
      // Q26 firmware reports a failure until a full CFUN cycle; a card that is broken stays so, at no great cost.
      const without = noSim(state, { code: 'sim.failed', message });
      if (state.phase !== 'no-sim') return without;
      return setBack(without.state, MAX_DEAD_LOOKS, without.state.problem!, NO_SIM_MS, 'unregistered');
    }
    case 'pin':
      return { state: locked(state, 'PIN'), effects: [{ do: 'forget-card' }, { do: 'unlock' }] };
    case 'puk':
      return {
        state: locked(state, 'PUK'),
        effects: [{ do: 'forget-card' }, later(NO_SIM_MS, 'check-sim')],
      };
    case 'barred': {
      const message =
        'the modem is locked to an operator or to another SIM: unlock it with the code of whoever sold it';
      return {
        state: { ...state, phase: 'locked', problem: { code: 'modem.locked', message } },
        effects: [{ do: 'forget-card' }, later(NO_SIM_MS, 'check-sim')],
      };
    }
    default:
      return found satisfies never;
  }
}

/** A card that is not there twice in a row was taken out. */
function noSim(state: State, problem: Trouble): Next {
  const certain = state.phase === 'no-sim';
  return {
    state: { ...state, phase: 'no-sim', problem },
    effects: certain
      ? [{ do: 'card-absent' }, later(NO_SIM_MS, 'check-sim')]
      : [{ do: 'forget-card' }, later(LOADING_SIM_MS, 'check-sim')],
  };
}

/** The card is asked for again after a pause; every so many times in a row the ladder is climbed instead. */
function setBack(
  state: State,
  patience: number,
  problem: Trouble,
  afterMs: number,
  complaint: Complaint = 'unhealthy',
): Next {
  const setbacks = state.setbacks + (problem.code === 'at.busy' ? BUSY_WEIGHT : 1);
  if (Math.floor(setbacks / patience) > Math.floor(state.setbacks / patience))
    return complain({ ...state, setbacks }, complaint, problem, afterMs);
  return { state: { ...state, setbacks }, effects: [later(afterMs, 'check-sim')] };
}

function locked(state: State, what: 'PIN' | 'PUK'): State {
  const message = `the SIM asks for its ${what}: unlock it in a phone, or switch the request off`;
  // What was said of the PIN file stays until something else is known.
  const isTold = state.phase === 'locked' && what === 'PIN' && state.problem?.code !== 'modem.locked';
  const kept = isTold ? state.problem : null;
  const problem = kept ?? { code: `sim.${what.toLowerCase()}_required`, message };
  return { ...state, phase: 'locked', problem };
}

function registration(state: State, registered: boolean, denied: boolean): Next {
  if (!isUp(state)) return stay(state);
  const searches = registered || denied ? 0 : state.searches + 1;
  const isLong = searches > 0 && searches % PATIENT_SEARCHES === 0;
  if (isLong) {
    const problem = { code: 'network.none', message: 'no network was found for some ten minutes' };
    const rung = rungFor('unregistered', state.unfound, state.offers.rungs);
    const again = { ...state, searches, unfound: state.unfound + 1 };
    return rung === null
      ? { state: again, effects: [later(SEARCHING_LATER_MS, 'check-registration')] }
      : take(again, rung, problem, false);
  }
  const refused = { code: 'network.denied', message: 'the network refuses this SIM' };
  // A problem of the settings outlives a good registration: it is not the network's.
  const kept = state.problem?.code.startsWith('modem.') ? state.problem : denied ? refused : null;
  const unfound = registered || denied ? 0 : state.unfound;
  const pause = searches > EAGER_SEARCHES || denied ? SEARCHING_LATER_MS : SEARCHING_MS;
  return {
    state: { ...state, phase: registered ? 'ready' : 'registering', searches, unfound, problem: kept },
    effects: [registered ? later(state.offers.healthMs, 'check-health') : later(pause, 'check-registration')],
  };
}

function timedOut(state: State, step: 'identify' | 'check-sim', problem: Trouble): Next {
  const timeouts = state.timeouts + 1;
  if (timeouts >= MAX_TIMEOUTS && !state.grace) return complain({ ...state, timeouts: 0 }, 'silent', problem);
  return { state: { ...state, timeouts, problem }, effects: [later(RETRY_MS, step)] };
}

/** There is no port to speak to. */
function isAway({ phase }: State): boolean {
  return phase === 'opening' || phase === 'lost';
}

/** Messages may be read: nothing is on its way to readiness, again or for the first time. */
function isUp({ checked, phase }: State): boolean {
  return checked && (phase === 'registering' || phase === 'ready');
}
