/**
 * A modem's plug and power: its ttys come and go, it boots, restarts, vanishes from the bus and comes back.
 *
 * It knows nothing of what the modem says.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Device } from './device.ts';
import { onceReopened } from './reopen.ts';
import { Tty } from './tty.ts';

/** From the answer to a reset until it begins. */
const ANSWERED_MS = 20;

export class Plug {
  readonly #basePath: string;
  readonly #device: Device;
  readonly #vanishMs: number;
  #tty: Tty | null = null;
  #urcTty: Tty | null = null;
  /** The other tty was asked for: it comes back with every plug. */
  #wantsUrcTty = false;
  #renamed = 0;
  #boot: { timer: NodeJS.Timeout; done: Promise<void>; end: () => void } | null = null;
  #turn: Promise<void> = Promise.resolve();
  #chatter: NodeJS.Timeout | undefined;
  #bootLoop: { everyMs: number; timer: NodeJS.Timeout } | null = null;
  #stopWatching: (() => void) | null = null;
  /** Counts the times it was pulled out or put in by hand. */
  #hand = 0;

  constructor(path: string, device: Device, vanishMs: number) {
    this.#basePath = path;
    this.#device = device;
    this.#vanishMs = vanishMs;
    device.restart = (how) => void this.#restart(how).catch(() => {});
    device.faults.whenChanged(() => this.#faultsChanged());
  }

  get path(): string {
    return this.#renamed === 0 ? this.#basePath : `${this.#basePath}-r${this.#renamed}`;
  }

  get plugged(): boolean {
    return this.#tty !== null;
  }

  async start(): Promise<void> {
    await this.#inTurn(() => this.#open());
    this.#device.start();
  }

  unplug(): Promise<void> {
    this.#hand += 1;
    return this.#inTurn(() => this.#close());
  }

  async replug(): Promise<void> {
    this.#hand += 1;
    await this.#replug();
  }

  async reboot(): Promise<void> {
    this.#endBoot();
    this.#device.powerOff();
    this.#bootUp();
    await this.#boot?.done;
  }

  async urcTty(): Promise<string> {
    this.#wantsUrcTty = true;
    await this.#inTurn(() => this.#openUrcTty());
    return `${this.path}-urc`;
  }

  async #replug(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#tty !== null) return;
      if (this.#device.faults.renameOnReplug) this.#renamed += 1;
      await this.#open();
      this.#device.faults.cure('power');
      this.#bootUp();
    });
    await this.#boot?.done;
  }

  /** A vendor's reset takes a USB modem off the bus; a crash, and any module on a UART, keeps its tty. */
  async #restart(how: 'reset' | 'crash'): Promise<void> {
    const hand = this.#hand;
    // The OK of the command is with the client before the power goes; one who crashes says nothing any more.
    await sleep(how === 'crash' ? 0 : ANSWERED_MS);
    if (this.#tty === null || hand !== this.#hand) return;
    this.#device.faults.cure('reset');
    if (how === 'crash' || this.#device.persona.onUart) {
      await this.reboot();
      return;
    }
    await this.#inTurn(() => this.#close());
    await sleep(this.#vanishMs);
    if (hand === this.#hand) await this.#replug();
  }

  async #open(): Promise<void> {
    const { line } = this.#device;
    const tty = await Tty.open(this.path, {
      onInput: (text) => {
        if (this.#device.powered) line.receive(text);
      },
      onRoom: () => line.onRoom(),
    });
    this.#tty = tty;
    line.connect(tty.pty);
    this.#faultsChanged();
    if (this.#wantsUrcTty) await this.#openUrcTty();
    this.#startChatter();
  }

  async #openUrcTty(): Promise<void> {
    if (this.#tty === null || this.#urcTty !== null) return;
    this.#urcTty = await Tty.open(`${this.path}-urc`, { onInput: () => {}, onRoom: () => {} });
    const { pty } = this.#urcTty;
    this.#device.otherTty = (text) => {
      // Nobody there: as in a real modem, nothing waits for them.
      if (!pty.hasReader()) return false;
      pty.notice(text);
      return true;
    };
  }

  async #close(): Promise<void> {
    const ttys = [this.#tty, this.#urcTty];
    this.#tty = null;
    this.#urcTty = null;
    this.#device.otherTty = null;
    this.#endBoot();
    clearInterval(this.#chatter);
    clearInterval(this.#bootLoop?.timer);
    this.#bootLoop = null;
    this.#watchReopen();
    this.#device.powerOff();
    this.#device.line.disconnect();
    for (const tty of ttys) await tty?.close();
  }

  #bootUp(): void {
    let end = () => {};
    const done = new Promise<void>((resolve) => {
      end = resolve;
    });
    const timer = setTimeout(() => {
      this.#endBoot();
      this.#device.powerOn();
    }, this.#device.persona.bootMs);
    this.#boot = { timer, done, end };
  }

  #endBoot(): void {
    if (this.#boot === null) return;
    clearTimeout(this.#boot.timer);
    this.#boot.end();
    this.#boot = null;
  }

  /** One line of the persona's chatter a turn, until the client has ended it. */
  #startChatter(): void {
    const { noise } = this.#device.persona;
    if (noise === null) return;
    let turn = 0;
    this.#chatter = setInterval(() => {
      if (!this.#device.powered || this.#device.quieted) return;
      this.#device.urc(noise.lines[turn % noise.lines.length] ?? '');
      turn += 1;
    }, noise.everyMs);
  }

  #faultsChanged(): void {
    const { faults, radio, slot } = this.#device;
    slot.revived();
    radio.update();
    this.#watchReopen();
    if (faults.bootLoop === (this.#bootLoop?.everyMs ?? 0)) return;
    clearInterval(this.#bootLoop?.timer);
    this.#bootLoop = null;
    if (faults.bootLoop === 0) return;
    if (!this.plugged) return;
    const timer = setInterval(() => void this.reboot(), faults.bootLoop);
    this.#bootLoop = { everyMs: faults.bootLoop, timer };
  }

  /** Only while a fault waits for it is the tty watched. */
  #watchReopen(): void {
    const wanted = this.#tty !== null && this.#device.faults.awaitsReopen;
    if (wanted === (this.#stopWatching !== null)) return;
    this.#stopWatching?.();
    this.#stopWatching =
      wanted && this.#tty !== null
        ? onceReopened(this.#tty.pty.slavePath, () => {
            this.#stopWatching = null;
            this.#device.faults.cure('reopen');
          })
        : null;
  }

  /** Plugs and unplugs one after the other, however they are called. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }
}
