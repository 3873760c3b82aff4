/** Replies as they go over the line (V.250 §5.7.1): verbose or as digits, quiet or not. */
import { isInformation, type Prompt, type Reply, refusalLine } from './reply.ts';
import type { Settings } from './settings.ts';

export interface Answer {
  readonly text: string;
  /** Not null when a text is waited for now. */
  readonly onText: Prompt['onText'] | null;
}

/** The replies to the commands of one line, with their result code. */
export function answerOf(replies: readonly Reply[], settings: Settings, prompt: string): Answer {
  const { verbose, cmee } = settings;
  let text = '';
  for (const reply of replies) {
    if (isInformation(reply)) {
      if (reply.length > 0) text += information(reply, verbose);
    } else if ('onText' in reply) {
      return { text: text + prompt, onText: reply.onText };
    } else if ('unfinished' in reply) {
      if (reply.unfinished.length > 0) text += information(reply.unfinished, verbose);
      return { text: reply.brokenOff ? text.slice(0, -2) : text, onText: null };
    } else {
      return { text: text + result(refusalLine(reply, cmee), '4', settings), onText: null };
    }
  }
  return { text: text + result('OK', '0', settings), onText: null };
}

function information(lines: readonly string[], verbose: boolean): string {
  return `${(verbose ? '\r\n' : '') + lines.join('\r\n')}\r\n`;
}

function result(text: string, code: string, { quiet, verbose }: Settings): string {
  if (quiet) return '';
  return verbose ? frame(text) : `${code}\r`;
}

/** A line of its own: `\r\n…\r\n`. */
export function frame(text: string): string {
  return `\r\n${text}\r\n`;
}
