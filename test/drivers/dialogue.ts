/** The dialogue in a driver file, read for tests: what the modem says by itself, then commands with their whole answers. */

export interface Exchange {
  readonly command: string;
  readonly answer: readonly string[];
}

export interface Dialogue {
  readonly boot: readonly string[];
  readonly exchanges: readonly Exchange[];
}

/** @throws Error with the line that is neither `> command`, `< answer` nor empty, or that answers nothing. */
export function readDialogue(text: string): Dialogue {
  const boot: string[] = [];
  const exchanges: { command: string; answer: string[] }[] = [];
  for (const line of text.trim().split('\n')) {
    if (line === '') continue;
    const [mark, content] = [line.slice(0, 2), line.slice(2)];
    if (content.trim() === '' || (mark !== '> ' && mark !== '< '))
      throw new Error(`not a line of a dialogue: "${line}"`);
    if (mark === '> ') exchanges.push({ command: content, answer: [] });
    else (exchanges.at(-1)?.answer ?? boot).push(content);
  }
  const mute = exchanges.find(({ answer }) => answer.length === 0);
  if (mute !== undefined) throw new Error(`${mute.command} has no answer`);
  return { boot, exchanges };
}

/** What a command is answered with, without the final OK; undefined when the dialogue does not have it. */
export function answerTo({ exchanges }: Dialogue, command: string): readonly string[] | undefined {
  return exchanges.find((exchange) => exchange.command === command)?.answer.filter((line) => line !== 'OK');
}

/** An identity as people see it: `+CGMI: "Fibocom"` is Fibocom. */
export function wordOf(answer: readonly string[] | undefined): string {
  return (answer?.[0] ?? '')
    .replace(/^\+[A-Z]+: ?/, '')
    .replace(/"/g, '')
    .trim();
}

/** The line with the digits of every ICCID, IMEI and IMSI made alike: their shape stays, and where their filler is. */
export function masked(line: string): string {
  return line.replace(/[0-9A-F]{15,}/gi, (number) => {
    const kept = /^(8999|9899)?/.exec(number)?.[0] ?? '';
    return kept + number.slice(kept.length).replace(/[0-9A-E]/gi, '0');
  });
}

/** The declared beginning of a line that a modem says by itself, the longest that fits; undefined when there is none. */
export function declared(prefixes: readonly string[], line: string): string | undefined {
  const fitting = prefixes.filter((prefix) =>
    /\w$/.test(prefix) ? line === prefix : line.startsWith(prefix),
  );
  return fitting.sort((a, b) => b.length - a.length)[0];
}
