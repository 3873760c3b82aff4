/** What must hold of every line and every dialogue; run short by the tests, long by `npm run fuzz`. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { mock } from 'node:test';
import fc from 'fast-check';
import { LineSplitter, type Token } from '../../src/at/line.ts';
import { code, settle, wire } from './wire.ts';

function cut(text: string, lengths: readonly number[]): string[] {
  const chunks: string[] = [];
  let from = 0;
  for (const length of lengths) {
    chunks.push(text.slice(from, from + length));
    from += length;
  }
  return [...chunks, text.slice(from)];
}

const cuts = fc.array(fc.integer({ min: 1, max: 30 }));

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
  'x'.repeat(3_000),
);

/** Tokens when every `nth` prompt is one that is waited for, and the characters thrown away. */
function read(chunks: readonly string[], nth: number): [Token[], number] {
  const splitter = new LineSplitter();
  const tokens: Token[] = [];
  let asked = 0;
  const sink = {
    line: (text: string) => void tokens.push({ kind: 'line', text }),
    prompt: () => asked++ % nth === 0 && tokens.push({ kind: 'prompt' }) > 0,
  };
  for (const chunk of chunks) splitter.read(chunk, sink);
  return [tokens, splitter.dropped];
}

/** Lines and prompts do not depend on how bytes were cut. */
export const linesHold = fc.property(
  fc.array(piece),
  fc.array(fc.oneof(fc.nat(40), fc.nat(4_000))),
  fc.integer({ min: 1, max: 3 }),
  (pieces, lengths, nth) => {
    const text = pieces.join('');
    deepStrictEqual(read(cut(text, lengths), nth), read([text], nth));
  },
);

/** Moves a clock of its own, so that seconds of a dialogue cost nothing; a step lets whoever waited go on. */
async function onVirtualTime<T>(run: (pass: (ms: number) => Promise<void>) => Promise<T>): Promise<T> {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    await settle();
    return await run(async (ms) => {
      for (let left = ms; left > 0; left -= STEP_MS) {
        mock.timers.tick(STEP_MS);
        await settle();
      }
    });
  } finally {
    mock.timers.reset();
  }
}

const STEP_MS = 50;

/** Commands, and the lines of their answers as the caller is to see them. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  'AT+CMGL=4': ['+CMGL: 1,0,,24', '07911234', '+CMGL: 2,1,,30', 'OKAY', '> no prompt', '+CSQ: 20,99'],
  'AT+CREG?': ['+CREG: 1,5'],
  'AT+CUSD=1,"*100#",15': ['+CUSD: 0,"first\nERROR\nlast",15'],
  'AT+CGMM': ['EC25'],
  'AT+CPMS="SM"': ['+CPMS: 1,2'],
  AT: [],
};
/** Each with its lines on the wire. Not +CUSD: while a command of that name runs, it is the answer. */
const URC_LINES = [
  ['+CMTI: "SM",3'],
  ['+CREG: 5'],
  ['RDY'],
  ['+CMT: ,24', '0791AB'],
  ['+CUSD: 0,"of its own\nOK\n+CMGL: 7",15'],
] as const;
const ECHOES = [
  () => '',
  (command: string) => `${command}\r\r\n`,
  (command: string) => `${command}\r\n\r\n`,
  (command: string) => `${command}\r`,
  (command: string) => `${command.slice(0, 2)}${command.slice(3)}\r\r\n`,
] as const;

const turn = fc.record({
  command: fc.constantFrom(...Object.keys(ANSWERS)),
  echo: fc.constantFrom(...ECHOES),
  final: fc.constantFrom('OK', '+CME ERROR: 100', 'COMMAND NOT SUPPORT', '+CMS ERROR:321'),
  urcs: fc.array(fc.tuple(fc.nat(8), fc.constantFrom(...URC_LINES)), { maxLength: 5 }),
  lengths: cuts,
});

/** An answer is the same wherever URCs are put and however the bytes are cut; every URC arrives once. */
export const dialogueHolds = fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 4 }), (turns) =>
  onVirtualTime(async (pass) => {
    const { channel, urcs, inStep, say } = wire(pass);
    await inStep();
    let expectedUrcs = 0;
    for (const { command, echo, final, urcs: put, lengths } of turns) {
      const answer = channel.command(command).catch(code);
      await settle();
      const lines = ANSWERS[command]!;
      const blocks = [...lines, final].map((line) => `\r\n${line}\r\n`);
      for (const [at, urc] of put) {
        if (command.startsWith('AT+CUSD') && urc[0].startsWith('+CUSD')) continue;
        blocks.splice(Math.min(at, blocks.length), 0, ...[`\r\n${urc.join('\r\n')}\r\n`]);
        expectedUrcs += 1;
      }
      const text = blocks.join('').replaceAll(/(?<!\r)\n/g, '\r\n');
      for (const chunk of cut(echo(command) + text, lengths)) say(chunk);
      const refused = /^\+(CM[ES])/.exec(final)?.[1]?.toLowerCase() ?? 'refused';
      deepStrictEqual(await answer, final === 'OK' ? lines : `at.${refused}`);
    }
    deepStrictEqual(urcs.length, expectedUrcs);
    deepStrictEqual(channel.counters.strays, 0);
  }),
);

const DELAYS_MS = [0, 50, 300, 900, 1_900];
const slowCommand = fc.record({
  name: fc.constantFrom('CSQ', 'COPS', 'CPIN', 'CMEE', 'CMGF', 'CSMS', 'CNMI'),
  /** Null: it gets lost. Seven seconds: the modem hangs until all markers are given up. */
  delayMs: fc.constantFrom(...DELAYS_MS, 7_000, null),
  timeoutMs: fc.constantFrom(100, 1_000),
  answer: fc.constantFrom('OK', 'ERROR', 'none', 'slow'),
  pauseMs: fc.constantFrom(0, 500, 3_000),
});

/** A modem that works its input in order and takes its time: no answer is ever credited to another command. */
export const lateAnswersHold = fc.asyncProperty(
  fc.array(slowCommand, { minLength: 1, maxLength: 6, size: 'max' }),
  fc.array(fc.constantFrom(...DELAYS_MS, null), { minLength: 1 }),
  fc.boolean(),
  (commands, markerDelays, isHeldUp) =>
    onVirtualTime(async (pass) => {
      let markers = 0;
      let free: Promise<unknown> = Promise.resolve();
      const work = (delayMs: number | null, ...texts: string[]): void => {
        free = free.then(async () => {
          for (const [i, text] of texts.entries()) {
            if (delayMs !== null)
              await new Promise<void>((resolve) => setTimeout(resolve, i > 0 ? 700 : delayMs));
            if (delayMs !== null) say(text);
          }
        });
      };
      const { channel, written, say } = wire(pass, { withoutOk: ['+CPIN'] });
      const hear = (): void => {
        for (const bytes of written.splice(0)) {
          const [, name, tag] = /^AT\+(\w+)(?:=(\d+)|\?)\r$/.exec(bytes) ?? [];
          if (name === undefined) continue;
          const delay = isHeldUp ? 50 : markerDelays[markers++ % markerDelays.length]!;
          const marker = { delayMs: delay, answer: 'OK' };
          const { delayMs, answer } = tag === undefined ? marker : commands[Number(tag)]!;
          const line = `\r\n+${name}: ${tag ?? 'marker'}\r\n`;
          const final = answer === 'ERROR' ? '\r\nERROR\r\n' : '\r\nOK\r\n';
          if (name === 'CPIN' && answer === 'none') work(delayMs, line);
          else if (answer === 'slow') work(delayMs, line, final);
          else work(delayMs, line + final);
        }
      };
      // Whoever had the port before is still answered when this one opens it: in one go, for all that is guarded against.
      if (isHeldUp)
        for (const name of ['CMEE', 'CMGF', 'CSMS']) work(100, `\r\n+${name}: before\r\n\r\nOK\r\n`);
      for (const [tag, { name, timeoutMs, answer, pauseMs }] of commands.entries()) {
        let outcome: string[] | string | null = null;
        void channel.command(`AT+${name}=${tag}`, timeoutMs).then(
          (lines) => {
            outcome = lines;
          },
          (error) => {
            outcome = code(error);
          },
        );
        for (let i = 0; outcome === null && i < 2_000; i++) {
          await pass(STEP_MS);
          hear();
        }
        const refused = answer === 'ERROR' ? ['at.refused'] : [];
        const isOwn = Array.isArray(outcome) && String(outcome) === `+${name}: ${tag}`;
        const isNone = ['at.timeout', 'at.unresponsive', ...refused].includes(String(outcome));
        ok(isOwn || isNone, `AT+${name}=${tag}: ${outcome}`);
        await pass(pauseMs);
      }
    }),
);

const noise = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc.constantFrom(
    '\r\n',
    '+CUSD: 0,"open',
    '+CMT: ,24\r\n',
    '> ',
    '"',
    'RDY\r\n',
    'OK\r\n',
    '+CMGS: 1',
    'ERROR\r',
  ),
  fc.constantFrom('y'.repeat(5_000), '+CUSD: 0,"\r\n'.repeat(60), '^BOOT: 1\r\n'),
);

/** No bytes make a channel throw, and when they end it is as good as new. */
export const garbageHolds = fc.asyncProperty(fc.array(noise), fc.boolean(), (pieces, asksForText) =>
  onVirtualTime(async (pass) => {
    const { channel, written, inStep, say } = wire(pass, { withoutOk: ['+CPIN'] }, true);
    await inStep();
    const first = asksForText
      ? channel.use((at) => at.submit('AT+CMGS=10', 'ABCD', 1_000))
      : channel.command('AT+CMGL=4', 1_000);
    first.catch(() => {});
    await settle();
    for (const text of pieces) {
      say(text);
      await settle();
    }
    say('\r\n');
    await pass(6_000);
    written.length = 0;
    const next = channel.command('AT+CSQ').catch(code);
    for (let i = 0; i < 100; i++) {
      for (const bytes of written.splice(0)) {
        const name = /^AT(\+\w+)\??\r$/.exec(bytes)?.[1];
        if (name !== undefined) say(`\r\n${name}: 7\r\n\r\nOK\r\n`);
      }
      await pass(STEP_MS);
    }
    deepStrictEqual(await next, ['+CSQ: 7']);
  }),
);
