/** Unsolicited result codes: whose line is it, the running command's or the world's? */

export interface Urc {
  /** What the line starts with, `+CMTI:`, or the whole line, `RDY`. */
  readonly prefix: string;
  /** What it means to the owner; the channel does not read it. */
  readonly kind: string;
  /** Lines that follow and belong to it: 1 for `+CMT:`, whose TPDU comes on the next line. */
  readonly body?: number;
  /**
   * For names that are both a URC and an answer (`+CREG`, `+CUSD`): the fewest fields of the answer form. A running
   * command of the same name gets lines with as many; fewer is the URC.
   */
  readonly answerFields?: number;
}

export interface UrcEvent {
  readonly kind: string;
  /** The line without its prefix, trimmed: `"SM",7`. */
  readonly rest: string;
  readonly body: readonly string[];
}

/** The longest declared prefix wins: `+CMTI:` before `+CMT`. */
export function sortUrcs(urcs: readonly Urc[]): readonly Urc[] {
  return [...urcs].sort((a, b) => b.prefix.length - a.prefix.length);
}

/** The URC this line is, given the name of the running command (`+CREG`, or null); null when it is the command's. */
export function matchUrc(urcs: readonly Urc[], line: string, running: string | null): Urc | null {
  for (const urc of urcs) {
    if (!line.startsWith(urc.prefix)) continue;
    // A declared whole line (`RDY`) must be the whole line.
    if (!urc.prefix.endsWith(':') && line.length !== urc.prefix.length && /[A-Za-z0-9]$/.test(urc.prefix))
      continue;
    const claimed = running !== null && urc.prefix === `${running}:`;
    if (claimed && (urc.answerFields === undefined || fieldCount(line) >= urc.answerFields)) return null;
    return urc;
  }
  return null;
}

/** `AT+CREG?` is `+CREG`, `AT+CMGL=4` is `+CMGL`, `ATE0` and `AT` have no answer prefix. */
export function commandName(command: string): string | null {
  return /^AT([+^*#!$&][A-Z0-9_]+)/i.exec(command)?.[1]?.toUpperCase() ?? null;
}

function fieldCount(line: string): number {
  return line.slice(line.indexOf(':') + 1).split(',').length;
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
