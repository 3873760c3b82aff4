/** Reads a command line into its commands (V.250 clause 5.2): basic, S-parameter and extended syntax, one after another. */

export interface Call {
  /** Upper case, with its prefix: `E`, `&C`, `S0`, `+CMGR`. */
  readonly name: string;
  readonly form: 'run' | 'read' | 'test' | 'set';
  /** What follows `=`, or the digits of a basic command. */
  readonly args: string;
}

const EXTENDED = '+^#$*%!';

/** From its AT on (V.250 §5.2.1: what comes before is ignored), corrected by backspaces; '' when it is no command. */
export function commandLine(line: string): string {
  if (line.startsWith('AT') && !line.includes('\b')) return line;
  let text = line;
  while (text.includes('\b')) text = text.replace(/[^\b]?[\b]/, '');
  const start = text.search(/at/i);
  return start < 0 ? '' : `AT${text.slice(start + 2)}`;
}

/** The commands of a line without its `AT`; null when it has no form at all. */
export function parseCommands(body: string): Call[] | null {
  const calls: Call[] = [];
  let at = 0;
  while (at < body.length) {
    const character = body[at] ?? '';
    if (character === ' ' || character === ';') {
      at += 1;
    } else if (EXTENDED.includes(character)) {
      const end = endOfCommand(body, at);
      calls.push(extendedCall(body.slice(at, end)));
      at = end;
    } else {
      const match = /^(S\d+(?:=\d*|\?)?|D[^;]*|&?[A-Z]\d*\??)/i.exec(body.slice(at));
      if (match === null) return null;
      calls.push(basicCall(match[0].toUpperCase()));
      at += match[0].length;
    }
  }
  return calls;
}

/** A `;` ends an extended command unless it is inside quotes. */
function endOfCommand(body: string, start: number): number {
  let semicolon = body.indexOf(';', start);
  if (semicolon < 0) return body.length;
  let quote = body.indexOf('"', start);
  while (quote >= 0 && quote < semicolon) {
    const closing = body.indexOf('"', quote + 1);
    if (closing < 0) return body.length;
    if (closing > semicolon) semicolon = body.indexOf(';', closing);
    if (semicolon < 0) return body.length;
    quote = body.indexOf('"', closing + 1);
  }
  return semicolon;
}

function extendedCall(text: string): Call {
  const equals = text.indexOf('=');
  if (equals >= 0) {
    const name = text.slice(0, equals).trimEnd().toUpperCase();
    const args = text.slice(equals + 1).trim();
    return args === '?' ? { name, form: 'test', args: '' } : { name, form: 'set', args };
  }
  const name = text.trimEnd().toUpperCase();
  return name.endsWith('?')
    ? { name: name.slice(0, -1).trimEnd(), form: 'read', args: '' }
    : { name, form: 'run', args: '' };
}

function basicCall(text: string): Call {
  if (text.startsWith('D')) return { name: 'D', form: 'run', args: text.slice(1) };
  const form = text.endsWith('?') ? 'read' : 'run';
  const [head = '', value] = text.replace('?', '').split('=');
  if (head.startsWith('S'))
    return { name: head, form: value === undefined ? form : 'set', args: value ?? '' };
  const letters = head.startsWith('&') ? 2 : 1;
  return { name: head.slice(0, letters), form, args: head.slice(letters) };
}

/** Arguments between commas, quotes taken off. */
export function splitArguments(args: string): string[] {
  if (args === '') return [];
  if (!args.includes('"')) return args.split(',').map((part) => part.trim());
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (const character of args) {
    if (character === '"') quoted = !quoted;
    else if (character === ',' && !quoted) {
      parts.push(part);
      part = '';
    } else if (character !== ' ' || quoted) part += character;
  }
  parts.push(part);
  return parts;
}
