/** A gateway that is only shown: what the page may see, made up for a test. */
import {
  type GatewayView,
  type MessageGlance,
  PHASES,
  type Problem,
  type SimState,
  type SlotState,
  type UplinkView,
} from '../../src/protocol/state.ts';

const EPOCH = '01JD8Z6Q3V4N5R7T9W0X2Y4ZAB';

export interface ShownGateway extends GatewayView {
  /** May be changed while it is shown. */
  readonly shown: {
    problem: Problem | null;
    slots: SlotState[];
    sims: SimState[];
    messages: MessageGlance[];
    uplink: UplinkView;
  };
}

export function shownGateway(slots: SlotState[] = [], version = '0.1.0'): ShownGateway {
  const uplink: UplinkView = {
    connected: true,
    broker: 'mqtt://127.0.0.1:1883',
    protocol: '5',
    problem: null,
    lastSeq: 7,
    ackedSeq: 7,
    waiting: 0,
  };
  const shown: ShownGateway['shown'] = { problem: null, slots, sims: [], messages: [], uplink };
  return {
    shown,
    gateway: 'host-a',
    version,
    startedAt: new Date(Date.now() - 7_200_000).toISOString(),
    problem: () => shown.problem,
    slots: () => shown.slots,
    sims: () => shown.sims,
    messages: (limit) => shown.messages.slice(0, limit),
    uplink: () => shown.uplink,
    ttys: () => [{ kind: 'ttyUSB', used: 32, limit: 512 }],
  };
}

export function slotState(slot: string, state: Partial<SlotState> = {}): SlotState {
  return {
    v: 1,
    epoch: EPOCH,
    rev: 1,
    slot,
    port: `/dev/tty-${slot}`,
    phase: 'ready',
    driver: 'generic',
    manufacturer: 'Acme',
    model: 'M1',
    firmware: 'R1',
    imei: '490154203237518',
    iccid: null,
    operator: 'Example Mobile',
    rat: 'LTE',
    registration: 'home',
    signalDbm: -71,
    storage: [{ name: 'SM', used: 3, total: 30 }],
    lastReceivedAt: null,
    restarts: 0,
    problem: null,
    updatedAt: new Date().toISOString(),
    ...state,
  };
}

/** One slot in each phase, named after it. */
export function slotInEveryPhase(): SlotState[] {
  return PHASES.map((phase) => slotState(`in-${phase}`, { phase }));
}

export function simState(iccid: string, state: Partial<SimState> = {}): SimState {
  const now = new Date().toISOString();
  return {
    v: 1,
    epoch: EPOCH,
    rev: 1,
    iccid,
    imsi: null,
    msisdn: null,
    msisdnSource: null,
    countryIso: null,
    mccmnc: null,
    operator: null,
    eid: null,
    slot: null,
    insertedAt: now,
    state: 'absent',
    activations: [],
    usedServices: [],
    updatedAt: now,
    ...state,
  };
}

export function glance(text: string, message: Partial<MessageGlance> = {}): MessageGlance {
  return {
    receivedAt: new Date().toISOString(),
    slot: 'A01',
    iccid: null,
    from: 'Acme',
    text,
    parts: { total: 1, received: 1 },
    ...message,
  };
}
