/** The steps of a modem's way to readiness, and what is asked of a ready one: each a job on its channel, and its result. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, Dialogue } from '../at/channel.ts';
import { isRefusal, notReady, optional, troubleOf } from './ask.ts';
import { type Driver, defineDriver } from './driver.ts';
import { forgetListing, noMemory, type StoreMemory } from './messages.ts';
import { PINS, unlock } from './pin.ts';
import { applyPolicy, policyFor, type SimPolicy } from './policy.ts';
import * as probe from './probe.ts';
import { configure, keepsSettings, type Settings } from './settings.ts';
import type { Input, Offers, Step, Trouble } from './state.ts';

/** What is known of the modem now. */
export interface Facts {
  identity: probe.Identity | null;
  driver: Driver | null;
  card: probe.Card | null;
  settings: Settings | null;
  network: probe.Network | null;
  readonly memory: StoreMemory;
  /** Rules that were set, by card: none is tried over and over. */
  readonly policiesTried: Set<string>;
  /** What of the network it does not answer, and how often it did not. */
  readonly unanswered: Map<string, number>;
}

export function noFacts(): Facts {
  return {
    identity: null,
    driver: null,
    card: null,
    settings: null,
    network: null,
    memory: noMemory(),
    policiesTried: new Set(),
    unanswered: new Map(),
  };
}

export const UNKNOWN = defineDriver({ name: 'generic', title: 'not identified yet' });

export interface StepOptions {
  readonly driver?: string | undefined;
  readonly drivers: readonly Driver[];
  readonly pinFile?: string | undefined;
  readonly policies?: readonly SimPolicy[] | undefined;
  /** Status reports of messages this card sent are waited for. */
  readonly awaitsReport?: ((iccid: string) => boolean) | undefined;
  /** Ends a pause when the program does. */
  readonly signal: AbortSignal;
  /** Switches the port's power; absent where it cannot be switched. */
  readonly power?: (() => Promise<void>) | undefined;
}

export interface StepEvents {
  card(card: probe.Card): Promise<Trouble | null>;
  /** What was read of a card counts no more. */
  forgetCard(): void;
  changed(): void;
}

/** So often a ready modem is asked for its network; its card may need to be asked for more often. */
const HEALTH_MS = 60_000;

/**
 * Carries one step out.
 *
 * @param current - whether the result still counts: nothing has begun anew since.
 * @returns null when the result does not count any more. @throws what the channel throws.
 */
export async function takeStep(
  step: Step,
  channel: Channel,
  facts: Facts,
  options: StepOptions,
  events: StepEvents,
  current: () => boolean,
): Promise<Input | null> {
  const driver = facts.driver ?? UNKNOWN;
  switch (step) {
    case 'identify': {
      const identity = await channel.use(probe.identify);
      if (JSON.stringify(identity) !== JSON.stringify(facts.identity)) forgetListing(facts.memory);
      facts.identity = identity;
      facts.unanswered.clear();
      facts.driver = probe.driverFor(options.drivers, options.driver, identity);
      channel.declare(facts.driver);
      const { quiet } = facts.driver;
      await channel.use(async (at) => {
        for (const command of quiet) await optional(at, command);
      });
      return { type: 'identified', offers: offersOf(facts.driver, options) };
    }
    case 'check-sim':
      return { type: 'sim', sim: await channel.use(probe.findSim) };
    case 'unlock': {
      const imei = facts.identity?.imei ?? null;
      const unlockNow = async (at: Dialogue): Promise<Trouble | null> => {
        const iccid = (await probe.iccidOf(at, driver))?.iccid ?? null;
        const file = policyFor(options.policies ?? [], iccid, null)?.pinFile ?? options.pinFile ?? null;
        return unlock(at, driver, { file, iccid, imei }, PINS);
      };
      // While others have their turn the card may be changed: which one it is, is read in one's own.
      const problem = await PINS.oneAtATime(imei, async () => (current() ? channel.use(unlockNow) : null));
      if (!current()) return null;
      return { type: 'pin', problem };
    }
    case 'read-card': {
      const card = await channel.use((at) => probe.readCard(at, driver));
      if (!current()) return null;
      // The card that was there counts no more from here on, and the new one only when the bank knows of it.
      if (card.iccid !== facts.card?.iccid) events.forgetCard();
      const problem = await events.card(card);
      if (!current()) return null;
      if (problem !== null) return { type: 'card-elsewhere', problem };
      facts.card = card;
      return { type: 'card-read' };
    }
    case 'await-sms':
      return { type: 'sms', ready: await channel.use((at) => isSmsReady(at, driver)) };
    case 'configure': {
      const { card } = facts;
      // A step that came to nothing would be the last one.
      if (card === null) return { type: 'card-failed', problem: troubleOf(notReady()) };
      const policy = policyFor(options.policies ?? [], card.iccid, card.imsi);
      const { settings, applied } = await channel.use(async (at) => ({
        settings: await configure(at, driver, options.awaitsReport?.(card.iccid) === true),
        applied: await applyPolicy(at, driver, card, policy, facts.policiesTried),
      }));
      if (!current()) return null;
      facts.settings = settings;
      for (const use of settings.use) facts.memory.use.set(use.name, use);
      facts.memory.selected = settings.receiveStore;
      return { type: 'configured', problem: settings.problem ?? applied.problem, reset: applied.reset };
    }
    case 'check-health': {
      const changed = await channel.use((at) => whatChanged(at, driver, facts));
      return changed ?? takeStep('check-registration', channel, facts, options, events, current);
    }
    case 'check-registration': {
      const network = await channel.use((at) => probe.network(at, facts.unanswered));
      const differs = JSON.stringify(network) !== JSON.stringify(facts.network);
      facts.network = network;
      if (differs) events.changed();
      return { type: 'registration', registered: network.registered, denied: network.denied };
    }
    case 'radio':
      await channel.use(async (at) => {
        await optional(at, driver.radio.off);
        await sleep(driver.radio.pauseMs, undefined, { signal: options.signal });
        await optional(at, driver.radio.on);
      });
      return { type: 'identified', offers: offersOf(driver, options) };
    default:
      return step satisfies never;
  }
}

function offersOf(driver: Driver, { power }: StepOptions): Offers {
  return {
    rungs: [
      'radio',
      ...(driver.reset === null ? [] : (['reset'] as const)),
      ...(power === undefined ? [] : (['power'] as const)),
    ],
    healthMs: driver.pollCardMs > 0 ? Math.min(driver.pollCardMs, HEALTH_MS) : HEALTH_MS,
    smsReady: driver.smsReady !== null,
  };
}

async function isSmsReady(at: Dialogue, { smsReady }: Driver): Promise<boolean> {
  if (smsReady === null) return true;
  try {
    return (await at.once(smsReady.ask)).some((line) => smsReady.ready.test(line));
  } catch (error) {
    // A firmware without the question is ready when it says nothing against it.
    if (isRefusal(error)) return error.code !== 'at.busy';
    throw error;
  }
}

/** A card that was taken without a word, or settings that are gone; null when all is as it was. */
async function whatChanged(at: Dialogue, driver: Driver, facts: Facts): Promise<Input | null> {
  const { card, settings } = facts;
  if (card === null || settings === null) return null;
  if (driver.pollCardMs > 0) {
    if ((await probe.simState(at)) !== 'ready') return { type: 'sim-event' };
    if (!(await probe.holdsCard(at, card))) return { type: 'sim-event' };
  }
  return (await keepsSettings(at, settings)) ? null : { type: 'settings-lost' };
}
