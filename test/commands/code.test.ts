/** `simbankd code`: the real program, its lines and its streams. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** Runs the program with what its standard input says, through a pipe and in these chunks. */
async function run(args: readonly string[], input: readonly (string | Buffer)[] = []) {
  const child = spawn(process.execPath, [MAIN, 'code', ...args], { stdio: 'pipe' });
  const taken = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    taken.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    taken.err += text;
  });
  // It may end before it has read all.
  child.stdin.on('error', () => {});
  for (const chunk of input) child.stdin.write(chunk);
  child.stdin.end();
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, ...taken };
}

const linesOf = (out: string): unknown[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('code --jsonl', () => {
  test('answers one line for each line, in order, whatever it holds', async () => {
    const requests = [
      { id: 1, text: 'G-190224 is your Google verification code.' },
      { id: 'two', text: 'Your parcel 99120034 comes today' },
      '',
      'not JSON',
      '[1]',
      { id: 3 },
      { id: 4, text: 7 },
      { id: 5, text: 'x', sender: 7 },
      { text: 'رمز التحقق: ٤٨٢٩١٥', sender: null },
      { id: 6, text: 'Verify with 46645', sender: '46645', more: 'members are ignored' },
      { id: { any: ['value'] }, text: 'Your code: 738-204\nDo not share' },
    ];
    const lines = requests.map((request) =>
      typeof request === 'string' ? request : JSON.stringify(request),
    );
    const { status, out, err } = await run(['--jsonl'], [`${lines.join('\n')}\n`]);
    expect([status, err]).toEqual([0, '']);
    const code = (value: string, raw: string) => ({ value, raw, confidence: expect.any(Number) });
    expect(linesOf(out)).toEqual([
      { id: 1, code: code('190224', 'G-190224') },
      { id: 'two', code: null },
      { id: null, error: 'the line is not JSON' },
      { id: null, error: 'the line is not JSON' },
      { id: null, error: 'the line is not a JSON object' },
      { id: 3, error: '"text" is not a string' },
      { id: 4, error: '"text" is not a string' },
      { id: 5, error: '"sender" is not a string' },
      { id: null, code: code('482915', '٤٨٢٩١٥') },
      { id: 6, code: null },
      { id: { any: ['value'] }, code: code('738204', '738-204') },
    ]);
  });

  test('reads characters that come in two chunks, a last line without its end, and lines that are too long', async () => {
    const line = Buffer.from('{"id":1,"text":"验证码：448190"}');
    const { out } = await run(
      ['--jsonl'],
      [line.subarray(0, 17), line.subarray(17), '\n', 'x'.repeat(2_000_000), '\n', line],
    );
    expect(linesOf(out)).toMatchObject([
      { code: { value: '448190' } },
      { id: null, error: 'the line is longer than 1048576 characters' },
      { code: { value: '448190' } },
    ]);
  });

  test('takes texts from the command line under their position', async () => {
    const { out } = await run(['--jsonl', 'Your code is 4821', 'no code here']);
    expect(linesOf(out)).toMatchObject([
      { id: 1, code: { value: '4821' } },
      { id: 2, code: null },
    ]);
  });
});

describe('code for a person', () => {
  test('prints the code of each text, and a dash for none', async () => {
    const { status, out } = await run(['Your code is 738-204', 'See you at 1930']);
    expect([status, out]).toEqual([0, '738204\n-\n']);
  });

  test('reads one text of several lines from a pipe', async () => {
    const { status, out } = await run([], ['Your Acme code:\n', '\n482915\n\nDo not share it.\n']);
    expect([status, out]).toEqual([0, '482915\n']);
  });

  test('refuses more than a text can be', async () => {
    const { status, err } = await run([], ['code 4821\n'.repeat(200_000)]);
    expect(status).toBe(1);
    expect(err).toContain('longer than 1048576 characters');
  });

  test('refuses an option that it does not have', async () => {
    expect((await run(['--pdu', 'x'])).status).toBe(2);
  });
});
