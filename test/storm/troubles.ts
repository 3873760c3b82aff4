/**
 * What befalls a modem in the storm: each begins at once, lasts as long as it is let, and can be ended at a moment that is
 * known. Pure bad luck with one modem; what two modems or the broker are needed for is in storm.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatedModem } from '../../src/emulator/bank.ts';
import type { Cure, Faults, RegistrationFault } from '../../src/emulator/faults.ts';
import type { Persona } from '../../src/emulator/persona.ts';
import type { Random } from '../fuzz/random.ts';
import type { Place } from './host.ts';

export type Part =
  | 'speech'
  | 'line'
  | 'notice'
  | 'listing'
  | 'store'
  | 'answers'
  | 'network'
  | 'card'
  | 'power';

export interface Trouble {
  readonly kind: string;
  /** Two of one part of a modem exclude each other. */
  readonly part: Part;
  /** Nor does it come with those. */
  readonly alone?: readonly Part[];
  /** Drawn so many times as often as others. */
  readonly weight?: number;
  /** It waits for a cure by the gateway, which may take its time; for any other seconds are enough. */
  readonly curable?: boolean;
  readonly befalls?: (persona: Persona) => boolean;
  /** Resolves when it is over, for the modem has nothing more to do about it. */
  begin(place: Place, random: Random): Ending;
}

export interface Ending {
  end(): Promise<void> | void;
  /** The gateway has cured it. */
  cured?(): boolean;
}

const CURES: readonly Cure[] = ['reopen', 'cfun', 'reset', 'power'];

/** A switch of faults.ts, on and off. */
function switched(
  kind: string,
  part: Part,
  on: (random: Random) => Partial<Faults>,
  off: Partial<Faults>,
  more: Partial<Trouble> = {},
): Trouble {
  return {
    kind,
    part,
    ...more,
    begin({ modem }, random) {
      Object.assign(modem.faults, on(random));
      return { end: () => void Object.assign(modem.faults, off) };
    },
  };
}

/** A cure that this modem can get: power only where it is on USB, and nothing without power to what is mute in every way. */
function hang(kind: string, cure: Cure, command: (random: Random) => string, blocks: boolean): Trouble {
  return {
    kind: `${kind}, cured by ${cure}`,
    part: 'speech',
    curable: true,
    ...(cure === 'power' ? { befalls: ({ onUart }) => !onUart } : {}),
    begin({ modem }, random) {
      modem.faults.hangOn = { command: command(random), blocks, curedBy: cure };
      return {
        end: () => {
          modem.faults.hangOn = null;
        },
        cured: () => modem.faults.hangOn === null,
      };
    },
  };
}

function deaf(how: 'hang' | 'fail', cure: Cure): Trouble {
  return {
    kind: `deaf (${how}), cured by ${cure}`,
    part: 'listing',
    curable: true,
    ...(cure === 'power' ? { befalls: ({ onUart }) => !onUart } : {}),
    begin({ modem }) {
      modem.faults.registeredButDeaf = { how, curedBy: cure };
      return {
        end: () => {
          modem.faults.registeredButDeaf = null;
        },
        cured: () => modem.faults.registeredButDeaf === null,
      };
    },
  };
}

/** In truth it takes 10 to 40 s, which nobody can shorten. */
const OFF_BUS_MS = 500;

const ASKED = ['+CMGL', '+CMGR', '+CMGD', '+CPMS', '+CSQ', '+CREG', '+CPIN', '+CNMI', '+CMGF', '+CIMI'];
const MESSAGES = ['+CMGL', '+CPMS', '+CMGR', '+CMGD'];
const REFUSALS = [0, 8, 23, 300, 302, 310, 313, 314, 320, 321, 322, 500, 512, 515];
const REGISTRATIONS: readonly RegistrationFault[] = ['lost', 'searching', 'denied', 'roaming', 'psOnly'];
/** What is in a memory that does not receive, and was not announced either, is found by the next sweep, which is no recovery. */
const ANNOUNCED = ['speech', 'notice', 'power', 'answers', 'line'] as const;
const hasMemory = ({ capacity, cpms }: Persona): boolean =>
  capacity.ME > 0 && cpms.names[0]?.includes('ME') === true;
/** LTE-only firmware refuses +CREG; a modem without +CEREG that did would tell no registration at all. */
const hasPacketDomain = ({ lacks }: Persona): boolean => !lacks.includes('+CEREG');

export const TROUBLES: readonly Trouble[] = [
  switched('hang', 'speech', () => ({ hang: true }), { hang: false }, { weight: 3 }),
  // What is mute altogether hears no command, so a cure by one would be none.
  hang('mute', 'reopen', () => 'all', false),
  hang('mute', 'power', () => 'all', false),
  ...CURES.map((cure) => hang('one command hangs', cure, (random) => random.pick(ASKED), false)),
  ...CURES.map((cure) => hang('hangs after a command', cure, (random) => random.pick(MESSAGES), true)),
  ...CURES.flatMap((cure) => [deaf('hang', cure), deaf('fail', cure)]),
  switched('late answer', 'answers', (random) => ({ lateMs: 500 + random.below(20_000) }), { lateMs: 0 }),
  switched('slow', 'answers', (random) => ({ latencyMs: 20 + random.below(300) }), { latencyMs: 0 }),
  switched('split bytes', 'line', (random) => ({ splitBytes: random.below(1_000) }), { splitBytes: null }),
  switched('garbage in answers', 'line', (random) => ({ garbage: 1 + random.below(8) }), { garbage: 0 }),
  switched('echo always', 'line', () => ({ echo: 'always' }), { echo: 'asked' }),
  {
    kind: 'noise',
    part: 'line',
    begin({ modem }, random) {
      const noise = setInterval(() => modem.noise(Buffer.from(random.octets(1 + random.below(40)))), 300);
      return { end: () => clearInterval(noise) };
    },
  },
  switched(
    'answers without OK',
    'answers',
    (random) => ({ withoutOk: [random.pick(ASKED), random.pick(ASKED)] }),
    { withoutOk: [] },
  ),
  switched('refusals', 'answers', (random) => ({ cmsError: refusing(random) }), { cmsError: null }),
  switched('busy', 'answers', (random) => ({ busy: { times: 1 + random.below(40) } }), { busy: null }),
  switched('notices lost', 'notice', (random) => ({ dropUrcs: 1 + random.below(50) }), { dropUrcs: 0 }),
  switched('notices elsewhere', 'notice', () => ({ urcElsewhere: true }), { urcElsewhere: false }),
  switched('notices twice', 'notice', () => ({ announcesTwice: true }), { announcesTwice: false }),
  ...(['hang', 'error', 'cut'] as const).map((how) =>
    switched(`listing broken (${how})`, 'listing', () => ({ cmglBroken: how }), { cmglBroken: null }),
  ),
  switched(
    'empty places',
    'listing',
    (random) => ({ emptySlot: random.pick(['ok', 'refused', 'zero', '00'] as const) }),
    { emptySlot: null },
  ),
  switched('PDUs with a tail', 'listing', (random) => ({ pduTail: random.pick([',0', 'FFFF']) }), {
    pduTail: null,
  }),
  switched(
    'wrong store',
    'store',
    (random) => ({
      wrongStore: random.chance(2) ? { stores: 'ME', announces: 'SM' } : { stores: 'SM', announces: 'ME' },
    }),
    { wrongStore: null },
    { befalls: hasMemory, alone: ANNOUNCED },
  ),
  switched(
    'stores twice',
    'store',
    (random) => ({ storesTwice: random.pick(['same', 'both'] as const) }),
    { storesTwice: null },
    { befalls: hasMemory, alone: ANNOUNCED },
  ),
  switched('full silently', 'store', () => ({ fullSilently: true }), { fullSilently: false }),
  switched('forgets after CFUN', 'store', () => ({ forgetsAfterCfun: true }), { forgetsAfterCfun: false }),
  switched(
    'deletes siblings',
    'store',
    () => ({ deletesSiblings: true }),
    { deletesSiblings: false },
    // Where the driver does not say so the parts of a message are lost, and nobody can help it.
    { befalls: ({ deletesSiblings }) => deletesSiblings },
  ),
  switched('dead SIM', 'card', () => ({ deadSim: true }), { deadSim: false }, { weight: 2 }),
  ...REGISTRATIONS.map((fault) =>
    switched(
      `registration: ${fault}`,
      'network',
      () => ({ registration: fault }),
      { registration: null },
      {
        befalls: fault === 'psOnly' ? hasPacketDomain : () => true,
      },
    ),
  ),
  switched(
    'refuses +CREG',
    'network',
    () => ({ refusesCreg: true }),
    { refusesCreg: false },
    {
      befalls: hasPacketDomain,
    },
  ),
  {
    kind: 'restart',
    part: 'power',
    weight: 3,
    begin(place) {
      const done = restart(place);
      return { end: () => done };
    },
  },
  {
    kind: 'boot loop',
    part: 'power',
    begin(place, random) {
      let turn = restart(place);
      const everyMs = 700 + random.below(3_000);
      const again = setInterval(() => {
        turn = turn.then(() => restart(place));
      }, everyMs);
      return {
        end: () => {
          clearInterval(again);
          return turn;
        },
      };
    },
  },
  {
    kind: 'unplugged',
    part: 'power',
    weight: 4,
    begin(place) {
      place.pulled = true;
      void place.modem.unplug();
      return {
        end: async () => {
          place.pulled = false;
          await place.modem.replug();
        },
      };
    },
  },
  {
    kind: 'SIM out and in',
    part: 'card',
    weight: 2,
    begin({ modem }) {
      modem.removeSim();
      return { end: () => putIn(modem) };
    },
  },
];

/** As a person does it: a modem that sees no card that comes later is restarted. */
export async function putIn(modem: EmulatedModem, sim?: EmulatedModem['sim']): Promise<void> {
  modem.insertSim(sim ?? undefined);
  if (modem.plugged && modem.overlooksCard) await modem.reboot();
}

/** By itself, without a word before: what is on USB leaves the bus, a module on a line only goes silent. */
async function restart(place: Place): Promise<void> {
  const { modem, usb } = place;
  if (!modem.plugged) return;
  if (usb === null) return modem.reboot();
  place.pulled = true;
  await modem.unplug();
  await sleep(OFF_BUS_MS);
  place.pulled = false;
  await modem.replug();
}

function refusing(random: Random): NonNullable<Faults['cmsError']> {
  const rest = { code: random.pick(REFUSALS), times: 1 + random.below(20) };
  return random.chance(3) ? rest : { ...rest, command: random.pick(MESSAGES) };
}

/** Waits until a modem can do its work again: it has booted, its card is loaded, it is on the network. */
export async function untilReachable(modem: EmulatedModem, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!modem.reachable) {
    if (performance.now() > deadline) return false;
    await sleep(5);
  }
  return true;
}
