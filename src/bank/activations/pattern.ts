/**
 * Patterns people write: `*` stands for any characters, case does not count.
 *
 * Not regular expressions: a customer's pattern runs in the thread that commits every message, and must never need more
 * than a look at the text.
 */

/** Whether the pattern is the whole text. */
export function isWhole(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*');
  const said = text.toLowerCase();
  const last = rest.pop();
  if (last === undefined) return said === first;
  if (!said.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = said.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return said.length - last.length >= at && said.endsWith(last);
}

/** Whether the pattern is somewhere in the text. */
export function isWithin(pattern: string, text: string): boolean {
  return isWhole(`*${pattern}*`, text);
}
