/**
 * `simbankd decode [PDU…] [--jsonl]`: PDUs from the arguments, or from the lines of standard input, as something a
 * person or a program can read. Streams: the input may be longer than the memory.
 */
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { hasCode, SimbankError } from '../errors.ts';
import { assembledRecordOf, type PduRecord, recordOf } from '../sms/record.ts';
import { type DecodedPdu, type DecodeOptions, decodePdu } from '../sms/tpdu.ts';
import { viewOf, viewOfMessage } from '../sms/view.ts';

export interface DecodeCommandOptions {
  jsonl: boolean;
  /** The PDUs have no SMSC in front. */
  tpdu?: boolean;
}

export interface CommandStreams {
  input: Readable;
  output: Writable;
  error: Writable;
}

/** A line that is longer answers with an error and is never held in memory. */
const MAX_LINE = 1 << 20;

/** The exit status: 0 done, 1 when a PDU could not be read (with `--jsonl` that is an answer like any other). */
export async function decode(
  pdus: string[],
  options: DecodeCommandOptions,
  io: CommandStreams,
): Promise<number> {
  // The write that failed reports it; without a listener the stream would end the process first.
  const ignore = (): void => {};
  io.output.on('error', ignore);
  try {
    return options.jsonl ? await decodeLines(pdus, options, io) : await decodeForPerson(pdus, options, io);
  } catch (error) {
    // A reader that has seen enough (`| head`) is no failure.
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return 0;
    throw error;
  } finally {
    io.output.off('error', ignore);
  }
}

async function decodeLines(
  pdus: string[],
  options: DecodeCommandOptions,
  { input, output }: CommandStreams,
): Promise<number> {
  const tpdu = options.tpdu === true;
  const answer = (line: string | null): string => `${JSON.stringify(answerLine(line, tpdu))}\n`;
  // PDUs from the command line are answered under their position.
  const given = pdus.map((pdu, index) => JSON.stringify({ id: index + 1, pdu }));
  if (given.length > 0) await write(output, given.map(answer).join(''));
  else for await (const lines of linesOf(input)) await write(output, lines.map(answer).join(''));
  return 0;
}

async function decodeForPerson(
  pdus: string[],
  options: DecodeCommandOptions,
  { input, output, error }: CommandStreams,
): Promise<number> {
  const tpdu = options.tpdu === true;
  let failed = false;
  let position = 0;
  const read = (line: string | null): DecodedPdu | null => {
    position++;
    try {
      if (line === null) throw lineTooLong();
      return line.trim() === '' ? null : decodePdu(line.trim(), { tpdu });
    } catch (fault) {
      failed = true;
      error.write(`PDU ${position}: ${readable(fault).error}\n`);
      return null;
    }
  };
  if (pdus.length > 0) {
    const decoded = pdus.map(read).filter((pdu) => pdu !== null);
    const whole = decoded.length > 1 ? viewOfMessage(decoded) : null;
    await write(output, [...decoded.map(viewOf), ...(whole === null ? [] : [whole])].join('\n'));
  } else {
    for await (const lines of linesOf(input)) {
      const views = lines.map(read).map((pdu) => (pdu === null ? '' : `${viewOf(pdu)}\n`));
      await write(output, views.join(''));
    }
  }
  return failed ? 1 : 0;
}

/** One answer for one line; null stands for a line that was too long. */
function answerLine(line: string | null, tpdu: boolean): PduRecord {
  let id: unknown = null;
  try {
    if (line === null) throw lineTooLong();
    const request = parseLine(line);
    id = request.id ?? null;
    const inherited = request.tpdu ?? tpdu;
    if (typeof inherited !== 'boolean') throw invalidLine('"tpdu" is neither true nor false');
    const options: DecodeOptions = { tpdu: inherited };
    if (request.pdus !== undefined) {
      if (!Array.isArray(request.pdus)) throw invalidLine('"pdus" is not a list');
      return { id, ...assembledRecordOf(request.pdus.map((pdu) => decodePdu(pduOf(pdu), options))) };
    }
    if (request.len !== undefined && request.len !== null) options.length = lengthOf(request.len);
    return { id, ...recordOf(decodePdu(pduOf(request.pdu), options)) };
  } catch (error) {
    return { id, ...readable(error) };
  }
}

function parseLine(line: string): Record<string, unknown> {
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch {
    throw invalidLine('the line is not JSON');
  }
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    throw invalidLine('the line is not a JSON object');
  }
  return request as Record<string, unknown>;
}

function pduOf(pdu: unknown): string {
  if (typeof pdu !== 'string') throw invalidLine('"pdu" is not a string');
  return pdu.trim();
}

function lengthOf(length: unknown): number {
  if (typeof length !== 'number' || !Number.isInteger(length) || length < 0) {
    throw invalidLine('"len" is not a number of octets');
  }
  return length;
}

/** The error of a PDU or of a line. Anything else is a fault of this program and is not hidden. */
function readable(error: unknown): { error: string; field?: unknown; octet?: unknown } {
  if (hasCode(error, 'sms.malformed')) {
    return { error: error.message, field: error.detail.field, octet: error.detail.octet };
  }
  if (error instanceof SimbankError) return { error: error.message };
  throw error;
}

function invalidLine(message: string): SimbankError {
  return new SimbankError('decode.invalid_line', message);
}

function lineTooLong(): SimbankError {
  return invalidLine(`the line is longer than ${MAX_LINE} characters`);
}

/** The lines of a stream, those of one chunk together; null for a line that is too long. */
async function* linesOf(input: Readable): AsyncGenerator<(string | null)[]> {
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

/** Resolves when the stream has taken the text, so that a slow reader slows the decoder down. */
function write(stream: Writable, text: string): Promise<void> {
  if (text === '') return Promise.resolve();
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
