/** What a statement is given. Knows no statement, and no database. */

const NUL = '\0';
/** REPLACEMENT CHARACTER: what also UTF-8 says for half a surrogate pair. */
const INSTEAD = '\ufffd';

/**
 * Values as either database takes and gives them back: U+0000, which PostgreSQL takes in no text (its manual, 8.3), becomes U+FFFD.
 * A message may well hold one, for UCS-2 has it (23.038 §6.2.3), and a customer may write one anywhere; JSON escapes it, and is
 * left alone. On SQLite it is the same, so that nobody sees on which of them the hub runs.
 */
export function storable(values: readonly unknown[]): unknown[] {
  return values.map((value) => {
    if (typeof value === 'string') return value.includes(NUL) ? value.replaceAll(NUL, INSTEAD) : value;
    return Array.isArray(value) ? storable(value) : value;
  });
}
