/** What must hold of every line and every dialogue; run short by the tests, long by `npm run fuzz`. */
import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { Channel } from '../../src/at/channel.ts';
import { LineSplitter, type Token } from '../../src/at/line.ts';

function split(chunks: readonly string[]): Token[] {
  const splitter = new LineSplitter();
  return chunks.flatMap((chunk) => splitter.push(chunk));
}

function cut(text: string, lengths: readonly number[]): string[] {
  const chunks: string[] = [];
  let from = 0;
  for (const length of lengths) {
    chunks.push(text.slice(from, from + length));
    from += length;
  }
  return [...chunks, text.slice(from)];
}

const piece = fc.constantFrom(
  '\r',
  '\n',
  '> ',
  '>',
  ' ',
  'OK',
  '+CMTI: "SM",3',
  '\r\n',
  'é',
  '\u0000',
  '\u001a',
);

export const linesHold = fc.property(fc.array(piece), fc.array(fc.nat(40)), (pieces, lengths) => {
  const text = pieces.join('');
  deepStrictEqual(split(cut(text, lengths)), split([text]));
});

const ANSWER = ['+CMGL: 1,0,,24', '07911234', '+CMGL: 2,1,,30', 'OKAY', '+CSQ: 20,99'];
const URCS = [
  { prefix: '+CMTI:', kind: 'message-stored' },
  { prefix: '+CREG:', kind: 'registration', answerFields: 2 },
  { prefix: 'RDY', kind: 'restarted' },
];
const urcLine = fc.constantFrom('+CMTI: "SM",3', '+CREG: 5', 'RDY');

/** An answer is the same wherever URCs are put and however the bytes are cut; every URC arrives. */
export const dialogueHolds = fc.asyncProperty(
  fc.array(fc.tuple(fc.nat(ANSWER.length), urcLine), { maxLength: 6 }),
  fc.array(fc.integer({ min: 1, max: 30 })),
  async (insertions, lengths) => {
    let urcs = 0;
    const channel = new Channel(
      { urcs: URCS, deadlines: {}, withoutOk: [], refusals: [] },
      {
        write: () => {},
        urc: () => {
          urcs += 1;
        },
        outOfStep: () => {},
      },
    );
    const settle = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) await Promise.resolve();
    };
    const say = (text: string): void => channel.feed(Buffer.from(text, 'latin1'));
    const answer = channel.command('AT+CMGL=4');
    await settle();
    say('\r\n+CMEE: 1\r\n\r\nOK\r\n');
    await settle();
    const lines = [...ANSWER, 'OK'];
    for (const [at, urc] of insertions) lines.splice(Math.min(at, lines.length - 1), 0, urc);
    for (const chunk of cut(lines.map((line) => `\r\n${line}\r\n`).join(''), lengths)) say(chunk);
    deepStrictEqual(await answer, ANSWER);
    deepStrictEqual(urcs, insertions.length);
  },
);
