/** Finds out which tty of a modem speaks AT where no table tells: one after another is asked, until one answers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { answers } from '../../modem/knock.ts';
import { describeHolders, holdersOf, suspects } from './holders.ts';
import { type LeftAlone, titleOf } from './left-alone.ts';
import type { WantedPort } from './ports.ts';
import type { UsbDevice } from './sysfs.ts';

interface Asked {
  /** Another device at the same place is asked anew. */
  readonly device: UsbDevice;
  tries: number;
  againAt: number;
  /** What the last round has led to; null in the first one. */
  left: LeftAlone | null;
}

/** A modem that has just been plugged in needs 10 to 40 s until it answers. */
const FIRST_PAUSE_MS = 5_000;
const LAST_PAUSE_MS = 60_000;
const STOP_WITHIN_MS = 6_000;

export class Asking {
  readonly #log: Logger;
  readonly #answered: (port: WantedPort, path: string) => void;
  readonly #asked = new Map<string, Asked>();
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  /** @param answered - the path that is to be taken from here on. */
  constructor(log: Logger, answered: (port: WantedPort, path: string) => void) {
    this.#log = log;
    this.#answered = answered;
  }

  /** Asks, unless it is being asked or was just now. */
  ask(port: WantedPort, except: string | null = null): void {
    const { key, device } = port;
    const before = this.#asked.get(key);
    const again = before !== undefined && before.device.id === device?.id ? before : null;
    if (this.#stopped || device === null || (again !== null && again.againAt > Date.now())) return;
    const asked: Asked = {
      device,
      tries: (again?.tries ?? 0) + 1,
      againAt: Infinity,
      left: again?.left ?? null,
    };
    this.#asked.set(key, asked);
    const work = this.#ask(port, asked, except).catch((error) => this.#log.error(messageOf(error)));
    this.#running.add(work);
    void work.then(() => this.#running.delete(work));
  }

  /** What was asked and did not answer, of what is still there. */
  left(devices: readonly UsbDevice[]): LeftAlone[] {
    const there = new Set(devices.map(({ place, devnum }) => `${place} ${devnum}`));
    return [...this.#asked.values()].flatMap(({ left, device }) =>
      left !== null && there.has(`${device.place} ${device.devnum}`) ? [left] : [],
    );
  }

  /** Resolves when nothing is being asked any more. */
  async quiet(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Waits for what is under way, but not for a tty that never comes back. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.race([this.quiet(), sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
  }

  async #ask(port: WantedPort, asked: Asked, except: string | null): Promise<void> {
    const busy: string[] = [];
    const silent: string[] = [];
    for (const { path } of port.candidates) {
      if (path === except || this.#stopped) continue;
      try {
        if (await answers(path, port)) {
          this.#asked.delete(port.key);
          this.#answered(port, path);
          return;
        }
        silent.push(path);
      } catch (error) {
        if (hasCode(error, 'port.busy')) busy.push(path);
        else silent.push(path);
      }
    }
    const pauseMs = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (asked.tries - 1));
    asked.againAt = Date.now() + pauseMs;
    // The port that is open already has its own say about its silence.
    if (except !== null) return;
    const holders = busy.length === 0 ? null : await holdersOf(busy);
    const why = [
      ...(silent.length === 0 ? [] : [`has answered on none of ${silent.join(', ')}`]),
      ...busy.map((path) => describeHolders(path, holders?.get(path) ?? [], suspects())),
    ].join('; ');
    asked.left = {
      code: busy.length > 0 ? 'port.busy' : 'usb.silent',
      what: titleOf(asked.device),
      where: asked.device.place,
      why,
      remedy: 'it is asked again from time to time; if you know the right tty, name it under gateway.ports',
    };
  }
}
