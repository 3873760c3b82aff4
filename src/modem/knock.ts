/**
 * Whether a modem answers on a port. The least that can be said to something that may be none: `AT`, and where that is
 * answered, whether there is a card (27.007 §8.3), which a tty for anything but commands does not know.
 */
import { LineSplitter } from '../at/line.ts';
import { openTraced } from '../at/trace.ts';
import type { SimbankError } from '../errors.ts';

const ANSWER_MS = 2_500;
/** A UART that finds the speed by itself needs to hear it more than once (V.250 §4.3). */
const AGAIN_MS = 800;

const FINAL = /^(OK|ERROR|\+CM[ES] ERROR\b.*)$/;
/** No OK among them: a second one may still come from the question before. */
const CARD = /^(\+CPIN:.*|ERROR|\+CM[ES] ERROR\b.*)$/;

/** @throws SimbankError as `openPort`, and `port.lost`. */
export async function answers(path: string, options: { baudRate: number }): Promise<boolean> {
  const splitter = new LineSplitter();
  let heard: (line: string) => void = () => {};
  let settle: (result: boolean | SimbankError) => void = () => {};
  const port = await openTraced(path, options, {
    data: (chunk) => {
      for (const token of splitter.push(chunk.toString('latin1')))
        if (token.kind === 'line') heard(token.text);
    },
    lost: (error) => settle(error),
  });
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
