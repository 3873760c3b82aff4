/**
 * Whether a modem answers on a port. The least that can be said to something that may be none: `AT`, and where that is
 * answered, whether there is a card (27.007 §8.3), which a tty for anything but commands does not know.
 */
import { LineSplitter } from '../at/line.ts';
import type { Port } from '../at/serial.ts';
import { openTraced } from '../at/trace.ts';
import { SimbankError } from '../errors.ts';

const ANSWER_MS = 2_500;
/** Opening waits its turn, and a tty whose driver hangs never comes back from it. */
const OPEN_MS = 10_000;
/** A UART that finds the speed by itself needs to hear it more than once (V.250 §4.3). */
const AGAIN_MS = 800;

const FINAL = /^(OK|ERROR|\+CM[ES] ERROR\b.*)$/;
/** No OK among them: a second one may still come from the question before. */
const CARD = /^(\+CPIN:.*|ERROR|\+CM[ES] ERROR\b.*)$/;

/** @throws SimbankError as `openPort`, `port.lost`, and `port.failed` when it cannot be opened in time. */
export async function answers(path: string, options: { baudRate: number }): Promise<boolean> {
  const splitter = new LineSplitter();
  let heard: (line: string) => void = () => {};
  let settle: (result: boolean | SimbankError) => void = () => {};
  const port = await inTime(
    path,
    openTraced(path, options, {
      data: (chunk) => {
        for (const token of splitter.push(chunk.toString('latin1')))
          if (token.kind === 'line') heard(token.text);
      },
      lost: (error) => settle(error),
    }),
  );
  const ask = (command: string, answer: RegExp): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const say = (): void => port.write(`${command}\r`);
      const again = setInterval(say, AGAIN_MS);
      const deadline = setTimeout(() => settle(false), ANSWER_MS);
      settle = (result) => {
        clearInterval(again);
        clearTimeout(deadline);
        if (typeof result === 'boolean') resolve(result);
        else reject(result);
      };
      heard = (line) => {
        if (answer.test(line.trim())) settle(true);
      };
      say();
    });
  try {
    return (await ask('AT', FINAL)) && (await ask('AT+CPIN?', CARD));
  } finally {
    await port.close();
  }
}

async function inTime(path: string, opening: Promise<Port>): Promise<Port> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `${path} cannot be opened within ${OPEN_MS / 1000} s`;
    timer = setTimeout(() => reject(new SimbankError('port.failed', message, { path })), OPEN_MS);
  });
  let over = false;
  opening.then(
    async (port) => {
      if (over) await port.close();
    },
    () => {},
  );
  try {
    return await Promise.race([opening, late]);
  } catch (error) {
    over = true;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
