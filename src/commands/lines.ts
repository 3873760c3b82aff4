/** What commands share that read JSON lines from standard input and answer each with one. */
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { SimbankError } from '../errors.ts';

export interface CommandStreams {
  input: Readable;
  output: Writable;
  error: Writable;
}

/** A line that is longer answers with an error and is never held in memory. */
export const MAX_LINE = 1 << 20;

/** The lines of a stream, those of one chunk together; null for a line that is too long. */
export async function* linesOf(input: Readable): AsyncGenerator<(string | null)[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let tooLong = false;
  let atStart = true;
  for await (const chunk of input) {
    let text = typeof chunk === 'string' ? chunk : decoder.write(chunk);
    if (atStart && text !== '') {
      if (text.startsWith('\ufeff')) text = text.slice(1);
      atStart = false;
    }
    const pieces = (rest + text).split('\n');
    rest = pieces.pop() ?? '';
    const lines: (string | null)[] = pieces;
    if (tooLong && lines.length > 0) {
      lines[0] = null;
      tooLong = false;
    }
    if (tooLong || rest.length > MAX_LINE) {
      tooLong = true;
      rest = '';
    }
    if (lines.length > 0) yield lines.map((line) => (line !== null && line.length > MAX_LINE ? null : line));
  }
  rest += decoder.end();
  if (tooLong) yield [null];
  else if (rest !== '') yield [rest];
}

/**
 * The object of a line; null stands for one that was too long.
 *
 * @throws SimbankError `<command>.invalid_line`
 */
export function objectOf(line: string | null, command: string): Record<string, unknown> {
  if (line === null) throw lineTooLong(command);
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch {
    throw invalidLine(command, 'the line is not JSON');
  }
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    throw invalidLine(command, 'the line is not a JSON object');
  }
  return request as Record<string, unknown>;
}

export function invalidLine(command: string, message: string): SimbankError {
  return new SimbankError(`${command}.invalid_line`, message);
}

export function lineTooLong(command: string): SimbankError {
  return invalidLine(command, `the line is longer than ${MAX_LINE} characters`);
}

/** Runs what writes to `output`. A reader that has seen enough (`| head`) is no failure. */
export async function writing(output: Writable, run: () => Promise<number>): Promise<number> {
  // The write that failed reports it; without a listener the stream would end the process first.
  const ignore = (): void => {};
  output.on('error', ignore);
  try {
    return await run();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return 0;
    throw error;
  } finally {
    output.off('error', ignore);
  }
}

/** Resolves when the stream has taken the text, so that a slow reader slows the work down. */
export function write(stream: Writable, text: string): Promise<void> {
  if (text === '') return Promise.resolve();
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
