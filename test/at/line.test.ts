import { describe, expect, it } from 'vitest';
import { LineSplitter, type Token } from '../../src/at/line.ts';

function split(chunks: readonly string[]): Token[] {
  const splitter = new LineSplitter();
  return chunks.flatMap((chunk) => splitter.push(chunk));
}
const line = (text: string): Token => ({ kind: 'line', text });

describe('lines', () => {
  it('come out without their framing', () => {
    expect(split(['\r\n+CSQ: 20,99\r\n\r\nOK\r\n'])).toEqual([line('+CSQ: 20,99'), line('OK')]);
  });

  it('keep an echo whatever its frame', () => {
    expect(split(['AT+CGMM\r\r\nEC25\r\n', 'AT\r\n\r\nOK\r\n'])).toEqual([
      line('AT+CGMM'),
      line('EC25'),
      line('AT'),
      line('OK'),
    ]);
  });

  it('show the prompt, which has no line end', () => {
    expect(split(['\r\n> '])).toEqual([{ kind: 'prompt' }]);
    expect(split(['\r\n>', ' '])).toEqual([{ kind: 'prompt' }]);
  });

  it('do not take a > inside a line for the prompt', () => {
    expect(split(['a > b\r\n'])).toEqual([line('a > b')]);
  });

  it('stay bounded when no line end comes, and recover at the next one', () => {
    const splitter = new LineSplitter();
    for (let i = 0; i < 1_000; i++) expect(splitter.push('x'.repeat(1_000))).toEqual([]);
    expect(splitter.dropped).toBeGreaterThan(990_000);
    expect(splitter.push('\r\nOK\r\n')).toEqual([line('OK')]);
  });
});
