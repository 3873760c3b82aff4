/** A modem's port while it is open, and the dialogue over it. A port that is opened anew has a dialogue of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Channel } from '../at/channel.ts';
import type { Port } from '../at/serial.ts';
import { openTraced } from '../at/trace.ts';
import type { UrcEvent } from '../at/urc.ts';
import { SimbankError } from '../errors.ts';
import { UNKNOWN } from './steps.ts';

const DRAIN_MS = 300;

export interface Heard {
  /** Commands, time-outs, lines that were nobody's, and so on: how many. */
  readonly line: Readonly<Record<string, number>>;
  /** Names of notices that the driver does not know: how often. */
  readonly unknownUrcs: Readonly<Record<string, number>>;
}

const NOTHING: Heard = { line: {}, unknownUrcs: {} };

export interface ConnectionEvents {
  urc(event: UrcEvent): void;
  /** A command got no answer in time; nothing read before this moment may be acted upon. */
  outOfStep(problem: SimbankError): void;
  /** The port is gone, for whatever reason but a close of ours. */
  lost(error: SimbankError): void;
}

export class Connection {
  channel: Channel | null = null;
  readonly #events: ConnectionEvents;
  #port: Port | null = null;
  #path = '';
  /** What dialogues counted that are no more. */
  #counted = NOTHING;

  constructor(events: ConnectionEvents) {
    this.#events = events;
  }

  /** What passed on the line since the start. */
  get heard(): Heard {
    return withMore(this.#counted, this.channel);
  }

  /** @throws SimbankError of at/serial.ts. */
  async open(path: string, baudRate: number): Promise<void> {
    this.#path = path;
    const channel = new Channel(UNKNOWN, {
      write: (bytes) => this.#port?.write(bytes),
      urc: (event) => this.#events.urc(event),
      outOfStep: (problem) => this.#events.outOfStep(problem),
    });
    const port = await openTraced(
      path,
      { baudRate },
      {
        data: (chunk) => channel.feed(chunk),
        lost: (error) => {
          channel.end(error);
          if (this.#port === port) this.#port = null;
          if (this.channel === channel) this.#events.lost(error);
        },
      },
    );
    this.#port = port;
    this.channel = channel;
  }

  /** From here on nobody begins to speak through the present dialogue; what is then done with it is up to the caller. */
  detach(): Detached {
    const [channel, port] = [this.channel, this.#port];
    this.#counted = withMore(this.#counted, channel);
    this.channel = null;
    const end = (why: string): void => channel?.end(new SimbankError('port.lost', `${this.#path}: ${why}`));
    const close = async (): Promise<void> => {
      if (this.#port === port) this.#port = null;
      await port?.close();
    };
    return {
      end,
      close,
      async reset(command, blind) {
        if (command !== null && blind) {
          port?.write(`\r${command}\r`);
          // What is not out when the port is closed is thrown away.
          await sleep(DRAIN_MS);
        } else if (command !== null)
          // Many vanish in the middle of the answer.
          await channel?.command(command, 3_000).catch(() => {});
        end('reset');
        await close();
      },
    };
  }
}

export interface Detached {
  /** Tells whoever waits for an answer that there will be none. */
  end(why: string): void;
  close(): Promise<void>;
  /** Sends the reset, `blind` when no answer can be hoped for, and closes the port. */
  reset(command: string | null, blind: boolean): Promise<void>;
}

function withMore(heard: Heard, channel: Channel | null): Heard {
  if (channel === null) return heard;
  const unknown = channel.unknownUrcs().map(({ prefix, count }) => [prefix, count]);
  return {
    line: sum(heard.line, { ...channel.counters }),
    unknownUrcs: sum(heard.unknownUrcs, Object.fromEntries(unknown)),
  };
}

function sum(
  counted: Readonly<Record<string, number>>,
  more: Readonly<Record<string, number>>,
): Record<string, number> {
  const out = { ...counted };
  for (const [name, count] of Object.entries(more)) out[name] = (out[name] ?? 0) + count;
  return out;
}
