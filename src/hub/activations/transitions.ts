/**
 * The one table of legal transitions of an activation, whatever façade asks and whatever a gateway says. Pure: what has to
 * happen with a transition goes out as effects, which store/activations.ts carries out in the same transaction.
 *
 * Money: the hold is made with the activation itself. Every way out of a state that holds money passes exactly one
 * `capture` or one `release` (a property test walks all ways).
 */

/** `single`: until its code is there. `continuous`: a number that a customer keeps. */
export type Mode = 'single' | 'continuous';

export type State =
  /** A priority request that waits for a free number. */
  | 'queued'
  /** A gateway is being asked. */
  | 'asking'
  /** A number is assigned, no message yet. */
  | 'waiting'
  | 'received'
  /** One more message was asked for. */
  | 'waiting-again'
  | 'completed'
  /** By the customer, before any message. */
  | 'cancelled'
  | 'expired'
  /** Cancelled or expired, and the wallet shows the money back. */
  | 'refunded'
  /** No gateway had a number. */
  | 'failed'
  /** A kept number that receives. */
  | 'kept'
  /** A kept number whose SIM is away. */
  | 'suspended'
  /** A kept number that was given back. */
  | 'released';

export type Input =
  /** A gateway is asked (again). */
  | 'ask'
  /** The gateway opened it. */
  | 'opened'
  /** No gateway is left to ask, or none answered. */
  | 'exhausted'
  /** The same for a priority request, which goes on waiting. */
  | 'requeue'
  /** A message was attributed to it. */
  | 'matched'
  | 'rearm'
  /** A kept number's gateway is told that it is kept, each day. */
  | 'renew'
  | 'complete'
  | 'cancel'
  /** The gateway closed it: time is up, or the SIM is gone. */
  | 'ended'
  /** Long past its end, and nothing was heard of the gateway. */
  | 'overdue'
  /** The scheduler's look at what was cancelled or expired. */
  | 'settle';

export type Effect =
  /** The held money is spent. */
  | 'capture'
  /** The held money goes back to the balance. */
  | 'release'
  /** The gateway is told to close its side, until it says that it has. */
  | 'close'
  /** The gateway is told to wait for one more message. */
  | 'rearm'
  /** The SIM is used up for its service, and the gateway has delivered. */
  | 'served'
  /** The gateway has not delivered: nothing came in the time. */
  | 'missed'
  /** The customer's endpoints are told. */
  | 'tell';

export interface Transition {
  readonly to: State;
  readonly effects: readonly Effect[];
}

type Row = Partial<Record<Input, Transition>>;

const to = (state: State, ...effects: Effect[]): Transition => ({ to: state, effects });

const SINGLE: Partial<Record<State, Row>> = {
  queued: {
    ask: to('asking'),
    cancel: to('cancelled', 'release', 'tell'),
    overdue: to('expired', 'release', 'tell'),
  },
  asking: {
    opened: to('waiting', 'tell'),
    // Its `opened` was lost with older events of the gateway; the message is there all the same.
    matched: to('received', 'capture', 'served', 'tell'),
    exhausted: to('failed', 'release', 'close'),
    requeue: to('queued', 'close'),
    cancel: to('cancelled', 'release', 'close', 'tell'),
  },
  waiting: {
    matched: to('received', 'capture', 'served', 'tell'),
    cancel: to('cancelled', 'release', 'close', 'tell'),
    ended: to('expired', 'release', 'missed', 'tell'),
    overdue: to('expired', 'release', 'missed', 'close', 'tell'),
  },
  received: {
    rearm: to('waiting-again', 'rearm'),
    complete: to('completed', 'close', 'tell'),
    ended: to('completed', 'tell'),
    overdue: to('completed', 'close', 'tell'),
  },
  'waiting-again': {
    matched: to('received', 'tell'),
    complete: to('completed', 'close', 'tell'),
    ended: to('completed', 'tell'),
    overdue: to('completed', 'close', 'tell'),
  },
  cancelled: { settle: to('refunded') },
  expired: { settle: to('refunded') },
};

const CONTINUOUS: Partial<Record<State, Row>> = {
  asking: {
    opened: to('kept', 'capture', 'tell'),
    exhausted: to('failed', 'release', 'close'),
    cancel: to('cancelled', 'release', 'close', 'tell'),
  },
  kept: {
    renew: to('kept', 'rearm'),
    cancel: to('released', 'close', 'tell'),
    ended: to('suspended', 'tell'),
  },
  suspended: {
    opened: to('kept', 'tell'),
    cancel: to('released', 'close', 'tell'),
  },
  cancelled: { settle: to('refunded') },
};

const TABLES: Readonly<Record<Mode, Partial<Record<State, Row>>>> = {
  single: SINGLE,
  continuous: CONTINUOUS,
};

/** What `input` makes of an activation in `state`; null where it is not legal, and nothing may happen. */
export function next(mode: Mode, state: State, input: Input): Transition | null {
  return TABLES[mode][state]?.[input] ?? null;
}

/** Nothing more happens to its money or its number. */
export function isOver(state: State): boolean {
  return !OPEN.has(state);
}

/** States in which the customer may still get something, or has a hold. */
const OPEN: ReadonlySet<State> = new Set<State>([
  'queued',
  'asking',
  'waiting',
  'received',
  'waiting-again',
  'kept',
  'suspended',
]);

/** Every state, for tests and for the check of a query's `status`. */
export const STATES: readonly State[] = [
  ...OPEN,
  'completed',
  'cancelled',
  'expired',
  'refunded',
  'failed',
  'released',
];
