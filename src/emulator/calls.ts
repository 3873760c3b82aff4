/** Calls that come in (27.007 clauses 6 and 7.11): rings until one side gives up. Nobody is meant to answer them. */
import type { Command } from './commands.ts';
import type { Device } from './device.ts';
import { OK } from './reply.ts';

const RING_MS = 1_000;

export type CallEnd = 'hung up' | 'given up' | 'lost';

export class IncomingCall {
  readonly from: string;
  rings = 0;
  answered = false;
  /** Null while it lasts: by whom it was ended, or lost with the power. */
  ended: CallEnd | null = null;
  readonly #device: Device;
  readonly #timer: NodeJS.Timeout;

  constructor(device: Device, from: string) {
    this.#device = device;
    this.from = from;
    this.#timer = setInterval(() => this.#ring(), RING_MS);
    this.#ring();
  }

  answer(): void {
    this.answered = true;
    clearInterval(this.#timer);
  }

  end(how: CallEnd): void {
    if (this.ended !== null) return;
    this.ended = how;
    clearInterval(this.#timer);
    if (how === 'given up') this.#device.urc('NO CARRIER');
  }

  #ring(): void {
    const { settings } = this.#device;
    this.rings += 1;
    this.#device.urc(settings.callKind ? '+CRING: VOICE' : 'RING');
    if (!settings.callerNumber) return;
    const type = this.from.startsWith('+') ? 145 : 129;
    this.#device.urc(`+CLIP: "${this.from}",${type}`);
  }
}

function current(device: Device): IncomingCall | undefined {
  return device.calls.find(({ ended }) => ended === null);
}

const hangUp: Command = (device) => {
  current(device)?.end('hung up');
  return OK;
};

const answer: Command = (device) => {
  const call = current(device);
  call?.answer();
  return call === undefined ? { refused: 'line', line: 'NO CARRIER' } : OK;
};

/** A switch that is 0 or 1. */
function onOff(name: 'callerNumber' | 'callKind', shown: (value: number) => string): Command {
  return (device, call) => {
    if (call.form === 'read') return [`${call.name}: ${shown(device.settings[name] ? 1 : 0)}`];
    if (call.form === 'test') return [`${call.name}: (0,1)`];
    if (call.form === 'set') device.settings[name] = call.args === '1';
    return OK;
  };
}

export const callCommands: Readonly<Record<string, Command>> = {
  A: answer,
  H: hangUp,
  '+CHUP': hangUp,
  // The network provides the number: 1.
  '+CLIP': onOff('callerNumber', (value) => `${value},1`),
  '+CRC': onOff('callKind', String),
};
