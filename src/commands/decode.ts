/**
 * `simbankd decode [PDU…] [--jsonl]`: PDUs from the arguments, or from the lines of standard input, as something a
 * person or a program can read. Streams: the input may be longer than the memory.
 */
import { hasCode, SimbankError } from '../errors.ts';
import { assembledRecordOf, type PduRecord, recordOf } from '../sms/record.ts';
import { type DecodedPdu, type DecodeOptions, decodePdu } from '../sms/tpdu.ts';
import { viewOf, viewOfMessage } from '../sms/view.ts';
import { type CommandStreams, invalidLine, linesOf, lineTooLong, objectOf, write, writing } from './lines.ts';

export interface DecodeCommandOptions {
  jsonl: boolean;
  /** The PDUs have no SMSC in front. */
  tpdu?: boolean;
}

/** The exit status: 0 done, 1 when a PDU could not be read (with `--jsonl` that is an answer like any other). */
export async function decode(
  pdus: string[],
  options: DecodeCommandOptions,
  io: CommandStreams,
): Promise<number> {
  return writing(io.output, () =>
    options.jsonl ? decodeLines(pdus, options, io) : decodeForPerson(pdus, options, io),
  );
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
      if (line === null) throw lineTooLong('decode');
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
    const request = objectOf(line, 'decode');
    id = request.id ?? null;
    const inherited = request.tpdu ?? tpdu;
    if (typeof inherited !== 'boolean') throw invalidLine('decode', '"tpdu" is neither true nor false');
    const options: DecodeOptions = { tpdu: inherited };
    if (request.pdus !== undefined) {
      if (!Array.isArray(request.pdus)) throw invalidLine('decode', '"pdus" is not a list');
      return { id, ...assembledRecordOf(request.pdus.map((pdu) => decodePdu(pduOf(pdu), options))) };
    }
    if (request.len !== undefined && request.len !== null) options.length = lengthOf(request.len);
    return { id, ...recordOf(decodePdu(pduOf(request.pdu), options)) };
  } catch (error) {
    return { id, ...readable(error) };
  }
}

function pduOf(pdu: unknown): string {
  if (typeof pdu !== 'string') throw invalidLine('decode', '"pdu" is not a string');
  return pdu.trim();
}

function lengthOf(length: unknown): number {
  if (typeof length !== 'number' || !Number.isInteger(length) || length < 0) {
    throw invalidLine('decode', '"len" is not a number of octets');
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
