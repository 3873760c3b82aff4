/**
 * One modem's life in a storm: a quiet moment, one trouble or several, and how long it takes after the last until the modem
 * does its work again.
 *
 * Well again is: the gateway shows it ready, a message sent after the last trouble has arrived, and nothing is left on the
 * card or in the network. Three clocks, because not all of the way is the gateway's:
 * - since the trouble ended;
 * - since the modem could be reached: a boot is over, and a treatment that was under way (off the air for ten seconds, a reset);
 * - since the last command that the trouble had swallowed was given up: before its deadline nobody can know.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { personasOf } from '../../src/emulator/personas.ts';
import type { Random } from '../fuzz/random.ts';
import type { Gateway } from './gateway.ts';
import type { Place } from './host.ts';
import type { Listener } from './listener.ts';
import type { Traffic } from './traffic.ts';
import { type Ending, type Part, TROUBLES, type Trouble, untilReachable } from './troubles.ts';

export interface Weather {
  readonly gateway: Gateway;
  readonly listener: Listener;
  readonly traffic: Traffic;
  /** When troubles end, and none begins any more, in ms of performance.now(). */
  readonly until: number;
  /** A trouble that waits for a cure lasts up to so long, in ms. */
  readonly patience: number;
  /** The kinds of trouble there are. */
  readonly only: RegExp;
  /** The broker was away since then. */
  brokerAway(since: number): boolean;
  /** Two cards change places; null when there is no modem to change with now. */
  swap(life: Life, random: Random): Ending | null;
}

export interface Recovery {
  /** The troubles of the episode, in the order they began. */
  readonly kinds: readonly string[];
  readonly slot: string;
  readonly persona: string;
  /** The gateway cured it before it was to end. */
  readonly cured: boolean;
  /** In ms by the three clocks; null when it never was well again. */
  readonly ended: number | null;
  readonly reachable: number | null;
  readonly known: number | null;
  /** What was seen meanwhile, for whoever looks for a cause. */
  readonly diary: readonly string[];
}

/** So long a modem may take before the storm goes on without it. */
const PATIENCE_MS = 120_000;
const LOOK_MS = 20;
/** Some modems never see what is asked of them before this is over: a treatment that began before the end. */
const REACHABLE_MS = 60_000;
const USUAL_MS = 12_000;

export class Life {
  readonly place: Place;
  readonly recoveries: Recovery[] = [];
  /** In the middle of something. */
  busy = false;
  /** It was not well again in time: it is left alone. */
  givenUp = false;
  readonly #random: Random;
  readonly #weather: Weather;
  readonly #possible: readonly Trouble[];
  readonly #began = performance.now();
  #diary: string[] = [];

  constructor(place: Place, random: Random, weather: Weather) {
    this.place = place;
    this.#random = random;
    this.#weather = weather;
    const [persona] = personasOf(place.modem.persona);
    this.#possible = TROUBLES.filter(
      ({ kind, befalls }) => weather.only.test(kind) && (befalls?.(persona!) ?? true),
    ).flatMap((trouble) => Array.from({ length: trouble.weight ?? 1 }, () => trouble));
  }

  async run(): Promise<void> {
    // Not all at once.
    await this.#rest(4_000);
    while (!this.givenUp && performance.now() < this.#weather.until) {
      // A card of its own is being exchanged by another.
      if (!this.busy) await this.#episode();
      await this.#rest(4_000);
    }
  }

  /** One trouble, or several that begin one after another and end as they like. */
  async #episode(): Promise<void> {
    const { below, chance } = this.#random;
    this.busy = true;
    this.#diary = [];
    const kinds: string[] = [];
    const parts = new Set<Part>();
    const running: Promise<boolean>[] = [];
    const isSwap = chance(15) && this.#weather.only.test('SIMs swapped');
    for (let i = 0, count = chance(3) && !isSwap ? 2 + below(2) : 1; i < count; i++) {
      if (i > 0) await this.#rest(3_000);
      const drawn = isSwap ? this.#swap() : this.#draw(parts);
      if (drawn === null) continue;
      kinds.push(drawn.kind);
      running.push(this.#last(drawn));
    }
    const cured = (await Promise.all(running)).some(Boolean);
    if (kinds.length > 0) await this.recover(kinds, cured);
    this.busy = false;
  }

  #draw(parts: Set<Part>): Begun | null {
    const trouble = this.#random.pick(this.#possible) as Trouble | undefined;
    if (trouble === undefined) return null;
    const lasts = trouble.curable === true ? this.#weather.patience : USUAL_MS;
    const ms = 300 + this.#random.below(this.#random.chance(2) ? lasts : lasts / 4);
    const { part, alone = [] } = trouble;
    if ([part, ...alone].some((one) => parts.has(one))) return null;
    for (const one of [part, ...alone]) parts.add(one);
    this.note(`${trouble.kind} for ${ms} ms`);
    return { kind: trouble.kind, ms, ending: trouble.begin(this.place, this.#random) };
  }

  #swap(): Begun | null {
    const ending = this.#weather.swap(this, this.#random);
    return ending === null ? null : { kind: 'SIMs swapped', ms: this.#random.below(3_000), ending };
  }

  /** Waits until a trouble has been cured, or is to end; whether it was cured. */
  async #last({ kind, ms, ending }: Begun): Promise<boolean> {
    const end = Math.min(performance.now() + ms, this.#weather.until);
    const isCured = (): boolean => ending.cured?.() === true;
    while (performance.now() < end && !isCured()) await sleep(LOOK_MS);
    const cured = isCured();
    await ending.end();
    this.note(`${kind} ${cured ? 'was cured' : 'is over'}`);
    return cured;
  }

  /** The trouble has ended: how long until the modem does its work. */
  async recover(kinds: readonly string[], cured: boolean): Promise<void> {
    const { gateway, listener, traffic } = this.#weather;
    const { modem, slot } = this.place;
    const ended = performance.now();
    if (!(await untilReachable(modem, REACHABLE_MS))) this.note('cannot be reached');
    const reachable = performance.now();
    const probe = traffic.send(modem, this.#random, 'short');
    this.note(`can be reached; ${this.#shown()}`);
    const swallowed = this.#swallowed(reachable);
    const deadline = reachable + PATIENCE_MS;
    let well = 0;
    let shown = '';
    while (well === 0 && performance.now() < deadline) {
      await sleep(LOOK_MS);
      const now = this.#shown();
      if (now !== shown) this.note(now);
      shown = now;
      const isEmpty = modem.pending() === 0 && modem.stored().length === 0;
      const isThere = probe === null || listener.arrivals.has(probe.text);
      // What waits for a broker is on disk, and all that the modem is there for is done.
      if (!isEmpty || !(isThere || this.#weather.brokerAway(ended))) continue;
      if (gateway.slot(slot)?.phase === 'ready') well = performance.now();
    }
    const known = Math.max(reachable, await swallowed.stop());
    this.givenUp = well === 0;
    const since = (from: number): number | null => (well === 0 ? null : Math.max(0, well - from));
    this.recoveries.push({
      kinds,
      slot,
      persona: modem.persona,
      cured,
      ended: since(ended),
      reachable: since(reachable),
      known: since(known),
      diary: this.#diary,
    });
  }

  note(what: string): void {
    const seconds = (performance.now() - this.#began) / 1_000;
    this.#diary.push(`${seconds.toFixed(2)} ${what}`);
  }

  /**
   * Until when the gateway waited for a command that was sent before `from`: it sends no other until then, and counts a
   * time-out.
   */
  #swallowed(from: number): { stop(): Promise<number> } {
    const { gateway } = this.#weather;
    const { slot } = this.place;
    let stopped = false;
    const watch = async (): Promise<number> => {
      await gateway.looked();
      const first = gateway.slot(slot)?.line;
      while (!stopped) {
        await gateway.looked();
        const now = gateway.slot(slot)?.line;
        if (now?.timeouts !== first?.timeouts) return performance.now();
        if (now?.commands !== first?.commands) return from;
      }
      return from;
    };
    const watching = watch();
    return {
      stop: () => {
        stopped = true;
        return watching;
      },
    };
  }

  #shown(): string {
    const state = this.#weather.gateway.slot(this.place.slot);
    if (state === undefined) return 'no such slot';
    const { phase, problem, recoveries = {} } = state;
    const rungs = Object.entries(recoveries).flatMap(([rung, times]) =>
      times > 0 ? [`${rung} ${times}`] : [],
    );
    return `${phase}${problem === null ? '' : ` (${problem.code})`} ${rungs.join(' ')}`;
  }

  async #rest(upToMs: number): Promise<void> {
    const until = Math.min(performance.now() + this.#random.below(upToMs), this.#weather.until);
    while (performance.now() < until) await sleep(LOOK_MS);
  }
}

interface Begun {
  readonly kind: string;
  readonly ms: number;
  readonly ending: Ending;
}
