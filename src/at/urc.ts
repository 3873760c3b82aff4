/** Unsolicited result codes: whose line is it, the running command's or the world's? */

export interface Urc {
  /**
   * What the line starts with, `+CMTI:`, or the whole line, `RDY`. One that ends in a letter or a digit is always a whole
   * line; the longest that fits is taken.
   */
  readonly prefix: string;
  /** What it means to the owner; the channel does not read it. */
  readonly kind: string;
  /**
   * Lines that follow and belong to it: 1 for `+CMT:`, whose TPDU comes on the next line. Another URC, or a second of
   * silence, in their place says that they were lost: the event has fewer then.
   */
  readonly body?: number;
  /**
   * For names that are both a URC and an answer (`+CREG`, `+CUSD`): the fewest fields of the answer form. A running
   * command of the same name gets lines with as many; fewer is the URC.
   */
  readonly answerFields?: number;
  /**
   * A text between its quotes may hold line ends (`+CUSD:`): the lines up to the closing quote are one, joined by `\n`,
   * in a URC and in an answer alike. A quote that stays open ends before another URC, or after a second of silence, and
   * then before what ends the running command.
   */
  readonly quoted?: boolean;
}

export interface UrcEvent {
  readonly kind: string;
  /** The line without its prefix, trimmed: `"SM",7`. */
  readonly rest: string;
  readonly body: readonly string[];
}

/** The URCs of a dialect, to be found by name: a bank of modems says thousands of lines a second. */
export interface UrcTable {
  /** Whole lines. */
  readonly lines: ReadonlyMap<string, Urc>;
  /** By what is before the colon, with it; the longest prefix first: `+QIND: SMS DONE` before `+QIND:`. */
  readonly names: ReadonlyMap<string, readonly Urc[]>;
  /** Prefixes without a colon, the longest first. */
  readonly others: readonly Urc[];
  /** No whole line and no name is longer. */
  readonly longest: number;
}

/** Of two with the same prefix, the first that was declared counts. */
export function sortUrcs(urcs: readonly Urc[]): UrcTable {
  const lines = new Map<string, Urc>();
  const names = new Map<string, Urc[]>();
  const others: Urc[] = [];
  const sorted = [...urcs].sort((a, b) => b.prefix.length - a.prefix.length);
  for (const urc of sorted) {
    const { prefix } = urc;
    const colon = prefix.indexOf(':');
    if (/[A-Za-z0-9]$/.test(prefix)) {
      if (!lines.has(prefix)) lines.set(prefix, urc);
    } else if (colon === -1) others.push(urc);
    else {
      const name = prefix.slice(0, colon + 1);
      names.set(name, [...(names.get(name) ?? []), urc]);
    }
  }
  return { lines, names, others, longest: sorted[0]?.prefix.length ?? 0 };
}

/** The URC this line has the shape of, whoever has a claim to it. */
export function urcShape(table: UrcTable, line: string): Urc | null {
  if (line.length <= table.longest) {
    const whole = table.lines.get(line);
    if (whole !== undefined) return whole;
  }
  const colon = line.indexOf(':');
  if (colon !== -1 && colon < table.longest) {
    const named = table.names.get(line.slice(0, colon + 1))?.find((urc) => line.startsWith(urc.prefix));
    if (named !== undefined) return named;
  }
  return table.others.find((urc) => line.startsWith(urc.prefix)) ?? null;
}

/** Whether a line with the shape of `urc` is the answer of the running command (`+CREG`) all the same. */
export function isClaimed(urc: Urc, line: string, running: string | null): boolean {
  const { prefix } = urc;
  if (running === null || prefix.length !== running.length + 1 || !prefix.startsWith(running)) return false;
  return urc.answerFields === undefined || fields(line.slice(prefix.length)).length >= urc.answerFields;
}

/** The URC this line is, given the name of the running command (`+CREG`, or null); null when it is the command's. */
export function matchUrc(table: UrcTable, line: string, running: string | null): Urc | null {
  const urc = urcShape(table, line);
  return urc === null || isClaimed(urc, line, running) ? null : urc;
}

/** `AT+CREG?` is `+CREG`, `AT+CMGL=4` is `+CMGL`, `ATE0` and `AT` have no answer prefix. */
export function commandName(command: string): string | null {
  return /^AT([+^*#!$&][A-Z0-9_]+)/i.exec(command)?.[1]?.toUpperCase() ?? null;
}

/** Splits `"SM",7,,"a,b"` into its fields; quotes are taken off, commas in them kept. */
export function fields(rest: string): string[] {
  const out: string[] = [];
  let field = '';
  let quoted = false;
  for (const char of rest.trim()) {
    if (char === '"') quoted = !quoted;
    else if (char === ',' && !quoted) {
      out.push(field.trim());
      field = '';
    } else field += char;
  }
  out.push(field.trim());
  return out;
}

/** Whether a quoted field goes on behind this text: quotes open at the start of a field and close at its end. */
export function hasOpenQuote(text: string): boolean {
  const opening = /[:,] *"/g;
  const closing = /" *(?=,|$)/g;
  while (opening.exec(text) !== null) {
    closing.lastIndex = opening.lastIndex;
    if (closing.exec(text) === null) return true;
    opening.lastIndex = closing.lastIndex;
  }
  return false;
}
