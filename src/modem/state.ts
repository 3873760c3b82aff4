/** What `lifecycle` decides upon: the state of one modem, what may happen to it, and what may be done about it. */
import type { Phase } from '../protocol/state.ts';
import type { Complaint, Rung } from './ladder.ts';

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
  /** Card and settings were checked, and nothing has happened since that puts them in doubt. */
  readonly checked: boolean;
  /** Openings since the last good one: sets the pause before the next. */
  readonly failures: number;
  readonly restarts: number;
  /** Commands without an answer since something last worked. */
  readonly timeouts: number;
  /** What this modem offers beyond being opened and set anew; known once its driver is. */
  readonly offers: Offers;
  /** Rungs of the ladder since its messages were last read as they should be. */
  readonly climbed: number;
  /** How often each rung was taken since the start of the program. */
  readonly recoveries: Readonly<Record<Rung, number>>;
  /** It was reset, and may be silent for as long as that takes. */
  readonly grace: boolean;
  /** Questions so far whether it is ready for messages; null while that is not what is waited for. */
  readonly smsWaits: number | null;
  /** Refusals and delays on the way to readiness since it was last gone to its end. */
  readonly setbacks: number;
  /** Looks for a network in a row that found none. */
  readonly searches: number;
  /** How often that was for too long since there was a network: each time a rung of the ladder. */
  readonly unfound: number;
  /** An operator has switched it off. */
  readonly disabled: boolean;
  readonly problem: Trouble | null;
}

export interface Offers {
  readonly rungs: readonly Rung[];
  /** How often a ready modem is looked at, in ms. */
  readonly healthMs: number;
  /** There is a question that tells when the message stores may be touched. */
  readonly smsReady: boolean;
}

/** `failed`: there is a card, and it does not answer. `barred`: it is the modem that is locked, to an operator or a card. */
export type SimState = 'ready' | 'busy' | 'absent' | 'failed' | 'pin' | 'puk' | 'barred';

export type Input =
  | { readonly type: 'start' }
  | { readonly type: 'opened' }
  | { readonly type: 'open-failed'; readonly problem: Trouble }
  | { readonly type: 'identified'; readonly offers: Offers }
  | { readonly type: 'silent'; readonly problem: Trouble }
  | { readonly type: 'sim'; readonly sim: SimState }
  /** The PIN was given and taken, or why not. */
  | { readonly type: 'pin'; readonly problem: Trouble | null }
  | { readonly type: 'card-read' }
  | { readonly type: 'card-failed'; readonly problem: Trouble }
  /** The answer to `await-sms`, or the modem's own word that it is ready now. */
  | { readonly type: 'sms'; readonly ready: boolean }
  | { readonly type: 'configured'; readonly problem: Trouble | null; readonly reset: boolean }
  | { readonly type: 'registration'; readonly registered: boolean; readonly denied: boolean }
  | { readonly type: 'modem-restarted' }
  | { readonly type: 'sim-event' }
  | { readonly type: 'network-event' }
  /** A command got no answer in time. `step`: it was one of the way to readiness. */
  | { readonly type: 'out-of-step'; readonly problem: Trouble }
  | { readonly type: 'step-timed-out'; readonly step: Step; readonly problem: Trouble }
  /** A job with messages came to its end: the modem answers. */
  | { readonly type: 'works' }
  /** Every store was listed and is being emptied: the modem does what it is there for. */
  | { readonly type: 'healthy' }
  /** It answers, yet its messages cannot be read, or stay where they are. */
  | { readonly type: 'unhealthy'; readonly complaint: Complaint; readonly problem: Trouble }
  /** As long as a reset may take has passed. */
  | { readonly type: 'grace-over' }
  /** It answers as in text mode, or otherwise as if it had never been told. */
  | { readonly type: 'settings-lost' }
  /** Another slot holds this very card: two ports of one modem, or a swap not noticed there yet. */
  | { readonly type: 'card-elsewhere'; readonly problem: Trouble }
  | { readonly type: 'port-lost'; readonly problem: Trouble }
  /** An operator's wishes. */
  | { readonly type: 'restart' | 'enable' }
  | { readonly type: 'disable'; readonly problem: Trouble };

/** What the modem is asked on the way to readiness, and after. */
export type Step =
  | 'identify'
  | 'check-sim'
  | 'unlock'
  | 'read-card'
  | 'await-sms'
  | 'configure'
  | 'check-registration'
  /** As check-registration, and before it whether card and settings are still what they were. */
  | 'check-health'
  /** Off the air and on again. */
  | 'radio';

export type Effect =
  | { readonly do: 'open' | 'close' | Step }
  /** `card-absent`: twice in a row there was none, so it was taken out. */
  | { readonly do: 'sweep' | 'forget-card' | 'card-absent' }
  /** The vendor's reset, and the port closed behind it; `blind` where no answer can be hoped for. */
  | { readonly do: 'reset'; readonly blind: boolean }
  /** Power off and on at its USB port. */
  | { readonly do: 'power' }
  /** Replaces whatever was to be done later before. */
  | { readonly do: 'later'; readonly afterMs: number; readonly next: 'open' | Step };

export const INITIAL: State = {
  phase: 'opening',
  generation: 0,
  chain: 0,
  checked: false,
  failures: 0,
  restarts: 0,
  timeouts: 0,
  offers: { rungs: [], healthMs: 60_000, smsReady: false },
  climbed: 0,
  recoveries: { reinit: 0, reopen: 0, radio: 0, reset: 0, power: 0 },
  grace: false,
  smsWaits: null,
  setbacks: 0,
  searches: 0,
  unfound: 0,
  disabled: false,
  problem: null,
};
