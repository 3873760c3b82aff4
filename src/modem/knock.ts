/**
 * Whether a modem answers on a port. The least that can be said to something that may be none: `AT`, and where that is
 * answered, whether there is a card (27.007 §8.3), which a tty for anything but commands does not know.
 */
import { LineSplitter } from '../at/line.ts';
import { openTraced } from '../at/trace.ts';

const ANSWER_MS = 2_500;
/** A UART that finds the speed by itself needs to hear it more than once (V.250 §4.2). */
const AGAIN_MS = 800;

const FINAL = /^(OK|ERROR|\+CM[ES] ERROR\b.*|0|4)$/;
const CARD = /^(\+CPIN:.*|ERROR|\+CM[ES] ERROR\b.*|4)$/;

/** @throws SimbankError as `openPort`, and `port.lost`. */
export async function answers(path: string, options: { baudRate: number }): Promise<boolean> {
  const splitter = new LineSplitter();
  let heard: (line: string) => void = () => {};
  let lost: (error: Error) => void = () => {};
  const gone = new Promise<never>((_, reject) => {
    lost = reject;
  });
  gone.catch(() => {});
  const port = await openTraced(path, options, {
    data: (chunk) => {
      for (const token of splitter.push(chunk.toString('latin1'))) if (token.kind === 'line') heard(token.text);
    },
    lost: (error) => lost(error),
  });
  const ask = (command: string, answer: RegExp): Promise<boolean> =>
    new Promise((resolve) => {
      const say = (): void => port.write(`${command}\r`);
      const again = setInterval(say, AGAIN_MS);
      const over = (answered: boolean): void => {
        clearInterval(again);
        clearTimeout(deadline);
        resolve(answered);
      };
      const deadline = setTimeout(() => over(false), ANSWER_MS);
      heard = (line) => {
        if (answer.test(line.trim())) over(true);
      };
      say();
    });
  try {
    const both = async (): Promise<boolean> => (await ask('AT', FINAL)) && (await ask('AT+CPIN?', CARD));
    return await Promise.race([both(), gone]);
  } finally {
    await port.close();
  }
}
