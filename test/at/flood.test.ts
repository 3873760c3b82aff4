import { randomFillSync } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { Channel } from '../../src/at/channel.ts';
import { code, DIALECT, settle } from './wire.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
const heapMb = (): number => {
  gc();
  return process.memoryUsage().heapUsed / 1_048_576;
};
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const MB = 10;
const CHUNK = 65_536;
/** A tenth of what is fed; a channel may hold a chunk and a line. */
const LIMIT_MB = 1;

/** A channel whose owner keeps nothing, in step. */
async function idle() {
  let written = '';
  const channel = new Channel(DIALECT, {
    write: (bytes) => {
      written = bytes;
    },
    urc: () => {},
    outOfStep: () => {},
  });
  const say = (text: string): void => channel.feed(Buffer.from(text, 'latin1'));
  /** Asks, with a marker before it where one is needed. */
  const ask = async (command: string): Promise<string[]> => {
    const answer = channel.command(command);
    answer.catch(() => {});
    for (let last = ''; last !== `${command}\r`; ) {
      await settle();
      while (written === last) await sleep(20);
      last = written;
      say(`\r\n${/\+\w+/.exec(written)?.[0]}: 1\r\n\r\nOK\r\n`);
    }
    return answer;
  };
  await ask('AT+CSQ');
  return { channel, say, ask };
}

/** Feeds ten megabytes, a chunk at a time, each made by `fill`. */
function flood(channel: Channel, fill: (chunk: Buffer) => void): void {
  for (let fed = 0; fed < MB * 1_048_576; fed += CHUNK) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    fill(chunk);
    channel.feed(chunk);
  }
}

describe('ten megabytes', () => {
  it.each([
    ['of noise', (chunk: Buffer) => void randomFillSync(chunk)],
    ['without a line end', (chunk: Buffer) => void chunk.fill('x')],
    ['of lines that nobody knows', (chunk: Buffer) => void chunk.fill('^NOISE: 17\r\n')],
    ['of quotes that never close', (chunk: Buffer) => void chunk.fill('+CUSD: 0,"\r\n')],
    ['of prompts', (chunk: Buffer) => void chunk.fill('\r\n> ')],
  ])('%s stay nowhere, whether a command runs or not', async (_, fill) => {
    const { channel, say, ask } = await idle();
    const before = heapMb();
    flood(channel, fill);
    expect(heapMb() - before).toBeLessThan(LIMIT_MB);
    say('\r\n');
    const endless = channel.command('AT+CMGL=4', 60_000).catch(code);
    await settle();
    flood(channel, fill);
    expect(heapMb() - before).toBeLessThan(LIMIT_MB);
    say('\r\nOK\r\n');
    await sleep(1_100);
    await endless;
    // It is still there for who asks next.
    expect(await ask('AT+CSQ')).toEqual(['+CSQ: 1']);
  });

  it('of an answer are none', async () => {
    const { channel } = await idle();
    const answer = channel.command('AT+CMGL=4', 60_000).catch(code);
    await settle();
    flood(channel, (chunk) => void chunk.fill(`+CMGL: 1,1,,160\r\n${'07'.repeat(170)}\r\n`));
    expect(await answer).toBe('at.garbage');
  });
});
