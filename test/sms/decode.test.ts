/** `simbankd decode`: the contract of its lines, its streams, and that the host changes nothing. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { PassThrough, Readable, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { decode } from '../../src/commands/decode.ts';
import type { Vector } from '../vectors/vector.ts';
import { ascii, deliver, hex, smsc, utf16 } from '../vectors/writer.ts';

const HELLO = hex(...smsc(0x91, '12025550199'), ...deliver({ septets: ascii('Hello') }));

interface Run {
  status: number;
  out: string;
  err: string;
}

async function run(
  input: string | Iterable<string | Uint8Array>,
  options: { jsonl?: boolean; tpdu?: boolean; pdus?: string[] } = {},
): Promise<Run> {
  const taken = { out: '', err: '' };
  const sink = (name: 'out' | 'err'): Writable =>
    new Writable({
      write(chunk, _encoding, done) {
        taken[name] += chunk;
        done();
      },
    });
  const status = await decode(
    options.pdus ?? [],
    { jsonl: options.jsonl ?? true, ...(options.tpdu === undefined ? {} : { tpdu: options.tpdu }) },
    {
      input: Readable.from(typeof input === 'string' ? [input] : input),
      output: sink('out'),
      error: sink('err'),
    },
  );
  return { status, ...taken };
}

async function answers(...requests: unknown[]): Promise<Record<string, unknown>[]> {
  const lines = requests.map((request) => (typeof request === 'string' ? request : JSON.stringify(request)));
  const { out, status } = await run(`${lines.join('\n')}\n`);
  expect(status).toBe(0);
  return out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('decode --jsonl', () => {
  test('answers each vector with its record', async () => {
    const vectors = JSON.parse(
      readFileSync(new URL('../vectors/tpdu.json', import.meta.url), 'utf8'),
    ) as Vector[];
    const got = await answers(...vectors.map(({ pdu, tpdu, len }, id) => ({ id, pdu, tpdu, len })));
    expect(got).toEqual(vectors.map(({ record }, id) => ({ id, ...record })));
  });

  test('answers one line for each line, in order, whatever it holds', async () => {
    const got = await answers(
      { id: 1, pdu: HELLO },
      '',
      'not JSON',
      '[1]',
      'null',
      { id: 'two', pdu: '00' },
      { id: 3 },
      { id: 4, pdu: 7 },
      { pdu: HELLO },
      { id: { any: ['value'] }, pdu: HELLO },
      { id: 5, pdu: HELLO, len: -1 },
      { id: 6, pdu: HELLO, tpdu: 'yes' },
      { id: 7, pdu: HELLO, more: 'members are ignored' },
    );
    expect(got.map(({ id, text, error }) => [id, text ?? error])).toEqual([
      [1, 'Hello'],
      [null, 'the line is not JSON'],
      [null, 'the line is not JSON'],
      [null, 'the line is not a JSON object'],
      [null, 'the line is not a JSON object'],
      ['two', 'PDU TP-MTI at octet 1: the data ends here'],
      [3, '"pdu" is not a string'],
      [4, '"pdu" is not a string'],
      [null, 'Hello'],
      [{ any: ['value'] }, 'Hello'],
      [5, '"len" is not a number of octets'],
      [6, '"tpdu" is neither true nor false'],
      [7, 'Hello'],
    ]);
    expect(got[5]).toMatchObject({ field: 'TP-MTI', octet: 1 });
  });

  test('reads lines across chunks, bytes of a character too, with either line end and without the last', async () => {
    const bytes = Buffer.from(`\ufeff{"id":"ё1","pdu":"${HELLO}"}\r\n{"id":"ё2","pdu":"${HELLO}"}`);
    for (const size of [1, 2, 3, 7, 64]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(size * index, size * (index + 1)),
      );
      const { out } = await run(chunks);
      expect(
        out
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).id),
      ).toEqual(['ё1', 'ё2']);
    }
  });

  test('answers a line that is too long, and goes on', async () => {
    const { out } = await run([
      'x'.repeat(3_000_000),
      'y'.repeat(3_000_000),
      `\n{"id":2,"pdu":"${HELLO}"}\n${'z'.repeat(2_000_000)}\n`,
      'w'.repeat(2_000_000),
    ]);
    const got = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(got.map(({ id, text, error }) => [id, text ?? error])).toEqual([
      [null, 'the line is longer than 1048576 characters'],
      [2, 'Hello'],
      [null, 'the line is longer than 1048576 characters'],
      [null, 'the line is longer than 1048576 characters'],
    ]);
  });

  test('takes PDUs from the command line under their position', async () => {
    const { out, status } = await run('', { pdus: [HELLO, 'XX', HELLO.slice(16)], tpdu: false });
    expect(status).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual([1, 2, 3]);
    const bare = await run('', { pdus: [HELLO.slice(16)], tpdu: true });
    expect(JSON.parse(bare.out)).toMatchObject({ smsc: null, text: 'Hello' });
  });

  test('holds back its input while nobody reads its output', async () => {
    let read = 0;
    const input = new Readable({
      highWaterMark: 1024,
      read() {
        read++;
        this.push(read > 1000 ? null : `{"id":${read},"pdu":"${HELLO}"}\n`);
      },
    });
    const output = new PassThrough({ highWaterMark: 1024 });
    const done = decode([], { jsonl: true }, { input, output, error: new PassThrough() });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(read).toBeLessThan(100);
    let lines = 0;
    output.on('data', (chunk) => {
      lines += String(chunk).split('\n').length - 1;
    });
    expect(await done).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(lines).toBe(1000);
  });

  test('ends in peace when its reader goes away', async () => {
    const output = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
      },
    });
    const input = Readable.from([`{"pdu":"${HELLO}"}\n`, `{"pdu":"${HELLO}"}\n`]);
    expect(await decode([], { jsonl: true }, { input, output, error: new PassThrough() })).toBe(0);
  });
});

describe('decode --jsonl with the parts of a message', () => {
  const part = (total: number, seq: number, octets: number[], ref = 7): string =>
    hex(0, ...deliver({ dcs: 0x08, udh: [0x00, 3, ref, total, seq], octets }));
  const emoji = utf16('A😀B');
  const first = part(2, 1, emoji.slice(0, 4));
  const second = part(2, 2, emoji.slice(4));

  test('answers with the message, in any order and with repeats', async () => {
    const [forward, backward] = await answers(
      { id: 1, pdus: [first, second] },
      { id: 1, pdus: [second, first, second] },
    );
    expect(forward).toEqual(backward);
    expect(forward).toMatchObject({
      id: 1,
      text: 'A😀B',
      from: '+12025550143',
      from_type: 'international',
      encoding: 'ucs2',
      total: 2,
      received: 2,
      complete: true,
      missing: [],
      timestamp: '2026-11-21T07:30:01+01:00',
    });
    expect(forward).not.toHaveProperty('partial');
  });

  test('shows what is missing', async () => {
    expect(await answers({ id: 1, pdus: [second] })).toMatchObject([
      { text: '[…]\ufffdB', received: 1, total: 2, complete: false, missing: [1], partial: true },
    ]);
  });

  test('answers with an error where no one message comes of it', async () => {
    const got = await answers(
      { id: 1, pdus: [] },
      { id: 2, pdus: [first, HELLO] },
      { id: 3, pdus: [first, part(2, 2, [], 8)] },
      { id: 4, pdus: [first, '00'] },
      { id: 5, pdus: 'x' },
      { id: 6, pdus: [first, 7] },
      { id: 7, pdus: [HELLO, HELLO] },
    );
    expect(got.map(({ id, text, error }) => [id, text ?? error])).toEqual([
      [1, 'there is no PDU to assemble'],
      [2, 'the PDUs are of more than one message'],
      [3, 'the PDUs are of more than one message'],
      [4, 'PDU TP-MTI at octet 1: the data ends here'],
      [5, '"pdus" is not a list'],
      [6, '"pdu" is not a string'],
      [7, 'Hello'],
    ]);
  });
});

describe('decode for a person', () => {
  test('shows the fields of a PDU', async () => {
    const { out, err, status } = await run('', { jsonl: false, pdus: [HELLO] });
    expect([status, err]).toEqual([0, '']);
    expect(out).toBe(
      [
        'SMS-DELIVER',
        '  SMSC        +12025550199',
        '  From        +12025550143 (international)',
        '  Sent        2026-11-21T07:30:01+01:00',
        '  Protocol    0x00',
        '  Coding      0x00 (GSM 7-bit)',
        '  Text        Hello',
        '',
      ].join('\n'),
    );
  });

  test('says which PDU cannot be read, and goes on', async () => {
    const { out, err, status } = await run(`${HELLO}\n\nXX\n${HELLO}\n`, { jsonl: false });
    expect(status).toBe(1);
    expect(err).toBe('PDU 3: PDU hex at octet 0: not two hexadecimal digits\n');
    expect(out.match(/Hello/g)).toHaveLength(2);
  });

  test('shows control characters instead of obeying them, and keeps the lines of a text apart', async () => {
    const text = utf16('one\r\ntwo\u001b[31m\u202ered');
    const { out } = await run('', { jsonl: false, pdus: [hex(0, ...deliver({ dcs: 0x08, octets: text }))] });
    expect(out).toContain('  Text        one\n              two\\u001b[31m\\u202ered\n');
    expect(out).not.toContain('\u001b');
  });

  test('shows the message that several PDUs make', async () => {
    const parts = [1, 2].map((seq) =>
      hex(0, ...deliver({ udh: [0x00, 3, 7, 2, seq], septets: ascii(seq === 1 ? 'Hel' : 'lo') })),
    );
    const { out } = await run('', { jsonl: false, pdus: parts });
    expect(out).toContain('  Part        1 of 2, reference 7 (8 bit)');
    expect(out).toContain(
      'Message, 2 of 2 parts\n  From        +12025550143 (international)\n  Text        Hello\n',
    );
  });
});

test('the answers are the same whatever zone and language the host has', () => {
  const script = `
    import { decode } from ${JSON.stringify(new URL('../../src/commands/decode.ts', import.meta.url).href)};
    process.exitCode = await decode([], { jsonl: true }, { input: process.stdin, output: process.stdout, error: process.stderr });
  `;
  const requests = ['tpdu.json', 'dcs.json', 'malformed.json']
    .flatMap(
      (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8')) as Vector[],
    )
    .map(({ pdu, tpdu, len }, id) => JSON.stringify({ id, pdu, tpdu, len }))
    .join('\n');
  const hosts: Record<string, string>[] = [
    { TZ: 'UTC', LANG: 'C', LC_ALL: 'C' },
    { TZ: 'Asia/Kolkata', LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8' },
    { TZ: 'America/St_Johns', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
  ];
  const [one, ...others] = hosts.map((host) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      input: requests,
      env: { ...process.env, ...host },
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    }),
  );
  expect(one?.split('\n').length).toBe(requests.split('\n').length + 1);
  for (const other of others) expect(other).toBe(one);
});
