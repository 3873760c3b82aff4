/** The other end of the line: what was written, and a way to answer it. */
import { Channel, type Dialect } from '../../src/at/channel.ts';
import type { Urc, UrcEvent } from '../../src/at/urc.ts';
import { SimbankError } from '../../src/errors.ts';

export const URCS: readonly Urc[] = [
  { prefix: '+CMTI:', kind: 'message-stored' },
  { prefix: '+CMT:', kind: 'message-direct', body: 1 },
  { prefix: '+CREG:', kind: 'registration', answerFields: 2 },
  { prefix: '+CPIN:', kind: 'sim-state' },
  { prefix: '+CUSD:', kind: 'ussd', quoted: true },
  { prefix: 'RDY', kind: 'restarted' },
  { prefix: '^BOOT:', kind: 'restarted' },
];

export const DIALECT: Dialect = { urcs: URCS, deadlines: {}, withoutOk: [], refusals: [] };

export const code = (error: unknown): string => (error instanceof SimbankError ? error.code : String(error));

/** Lets queued jobs run up to their next write. */
export const settle = async (): Promise<void> => {
  for (let i = 0; i < 30; i++) await Promise.resolve();
};

/**
 * A channel whose clock `pass` moves.
 *
 * @param ownsRestarts - a URC of the kind `restarted` is passed on as an owner does.
 */
export function wire(
  pass: (ms: number) => Promise<unknown>,
  dialect: Partial<Dialect> = {},
  ownsRestarts = false,
) {
  const written: string[] = [];
  const urcs: UrcEvent[] = [];
  const problems: SimbankError[] = [];
  const channel: Channel = new Channel(
    { ...DIALECT, ...dialect },
    {
      write: (bytes) => void written.push(bytes),
      urc: (event) => {
        urcs.push(event);
        if (ownsRestarts && event.kind === 'restarted') channel.restarted();
      },
      outOfStep: (problem) => void problems.push(problem),
    },
  );
  const say = (text: string): void => channel.feed(Buffer.from(text, 'latin1'));
  /** The first thing a channel does is to get in step. */
  const inStep = async (): Promise<void> => {
    const first = channel.command('AT');
    await settle();
    say('\r\n+CMEE: 1\r\n\r\nOK\r\n');
    await pass(400);
    say('\r\nOK\r\n');
    await first;
    await settle();
    written.length = 0;
  };
  /** Sends a command, answers it at once, and resolves with its lines, or rejects. */
  const ask = async (command: string, answer: string): Promise<string[]> => {
    const asked = channel.command(command);
    asked.catch(() => {});
    await settle();
    say(answer);
    return asked;
  };
  return { channel, written, urcs, problems, say, inStep, ask };
}
