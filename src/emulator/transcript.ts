/**
 * A dialogue with a real modem as drivers carry it: `> ` is what was sent, `< ` what came, one line each.
 *
 * Read here on its own: the emulator shares no parser with the code it tests.
 */
import { cme, cms, ERROR, type Refusal } from './reply.ts';

export interface Exchange {
  readonly lines: readonly string[];
  /** Null when it ended with OK, or without a final result. */
  readonly refusal: Refusal | null;
}

export interface Transcript {
  /** What a modem says by itself when it starts: all that stands before the first command. */
  readonly boot: readonly string[];
  /** By the command as it was sent, from behind its AT and in upper case: `+CPMS=?`. */
  readonly exchanges: ReadonlyMap<string, Exchange>;
}

export function parseTranscript(text: string): Transcript {
  const [boot = '', ...blocks] = text.split(/^> ?AT/im);
  const exchanges = new Map<string, Exchange>();
  for (const block of blocks) {
    const [command = '', ...rest] = block.split('\n');
    const lines = received(rest);
    const end = lines.findIndex((line) => line === 'OK' || refusalOf(line) !== null);
    exchanges.set(command.trim().toUpperCase(), {
      lines: end < 0 ? lines : lines.slice(0, end),
      refusal: refusalOf(lines[end] ?? ''),
    });
  }
  return { boot: received(boot.split('\n')), exchanges };
}

/** Spaces at both ends are the modem's own. */
function received(lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith('<')).map((line) => line.replace(/^< ?/, ''));
}

function refusalOf(line: string): Refusal | null {
  const [, kind, code] = /^\+(CM[ES]) ERROR: ?(\d+)$/.exec(line) ?? [];
  if (code !== undefined) return kind === 'CME' ? cme(Number(code)) : cms(Number(code));
  if (line === 'ERROR') return ERROR;
  if (line === 'COMMAND NOT SUPPORT' || line === 'TOO MANY PARAMETERS') return { refused: 'line', line };
  return null;
}
