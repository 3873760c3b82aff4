/**
 * `simbankd code [TEXT…] [--jsonl]`: the one-time code in each text, from the arguments or from standard input, which
 * is one text for a person and one JSON line a text with `--jsonl`.
 */
import { SimbankError } from '../errors.ts';
import { type Code, findCode } from '../sms/code.ts';
import {
  type CommandStreams,
  invalidLine,
  linesOf,
  lineTooLong,
  MAX_LINE,
  objectOf,
  write,
  writing,
} from './lines.ts';

export interface CodeCommandOptions {
  jsonl: boolean;
}

type Answer = { id: unknown; code: Code | null } | { id: unknown; error: string };

/** The exit status: 0. That there is no code is an answer, and with `--jsonl` so is a line that cannot be read. */
export async function code(
  texts: readonly string[],
  { jsonl }: CodeCommandOptions,
  { input, output }: CommandStreams,
): Promise<number> {
  return writing(output, async () => {
    if (!jsonl) {
      const given = texts.length > 0 ? texts : [await wholeOf(input)];
      await write(output, given.map((text) => `${findCode(text)?.value ?? '-'}\n`).join(''));
      return 0;
    }
    const answer = (line: string | null): string => `${JSON.stringify(answerLine(line))}\n`;
    // Texts from the command line are answered under their position.
    const given = texts.map((text, index) => JSON.stringify({ id: index + 1, text }));
    if (given.length > 0) await write(output, given.map(answer).join(''));
    else for await (const lines of linesOf(input)) await write(output, lines.map(answer).join(''));
    return 0;
  });
}

/** One answer for one line; null stands for a line that was too long. */
function answerLine(line: string | null): Answer {
  let id: unknown = null;
  try {
    const request = objectOf(line, 'code');
    id = request.id ?? null;
    const { text, sender = null } = request;
    if (typeof text !== 'string') throw invalidLine('code', '"text" is not a string');
    if (sender !== null && typeof sender !== 'string') throw invalidLine('code', '"sender" is not a string');
    return { id, code: findCode(text, sender === null ? {} : { sender }) };
  } catch (error) {
    if (error instanceof SimbankError) return { id, error: error.message };
    throw error;
  }
}

async function wholeOf(input: CommandStreams['input']): Promise<string> {
  let whole = '';
  for await (const lines of linesOf(input)) {
    for (const line of lines) {
      if (line === null || whole.length + line.length > MAX_LINE) throw lineTooLong('code');
      whole += `${line}\n`;
    }
  }
  return whole;
}
