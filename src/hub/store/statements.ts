/**
 * PostgreSQL's own form of connection.ts: a statement that comes again is parsed and planned once for each connection, under a
 * name. Half of what a short statement costs the server is saved.
 */
import { codeOf } from './away.ts';
import { storable } from './parameters.ts';
import type { Client } from './transaction.ts';

/** A batch's statement is long, and one of a kind for each number of rows. */
const MAX_LENGTH = 1_500;
/** What a server keeps for each connection. */
const MAX_STATEMENTS = 400;

/** The same statement has the same name on every connection. */
export class Statements {
  readonly #names = new Map<string, string>();
  #count = 0;
  #isOff = false;

  /** From now on what this connection is asked goes by names, and with values that it takes. */
  nameOn(client: Client): void {
    const ask = client.query.bind(client) as unknown as Ask;
    const query: Ask = async (text, given) => {
      const values = given && storable(given);
      const name = typeof text === 'string' && (values?.length ?? 0) > 0 ? this.#nameOf(text) : null;
      if (name === null) return await ask(text, values);
      try {
        return await ask({ name, text, values });
      } catch (error) {
        if (!isStale(error)) throw error;
        this.#forget(error);
        // In a transaction it fails once more, and whoever runs that does all of it again (isStale).
        return await ask(text, values).catch(() => {
          throw error;
        });
      }
    };
    client.query = query as unknown as typeof client.query;
  }

  #nameOf(text: string): string | null {
    if (this.#isOff || text.length > MAX_LENGTH) return null;
    let name = this.#names.get(text);
    if (name === undefined && this.#names.size < MAX_STATEMENTS) {
      name = `s${this.#count++}`;
      this.#names.set(text, name);
    }
    return name ?? null;
  }

  #forget(error: unknown): void {
    this.#names.clear();
    // A pooler in between hands each transaction to another connection: there no name means anything.
    if (codeOf(error) !== CHANGED) this.#isOff = true;
  }
}

type Ask = (text: unknown, values?: readonly unknown[]) => Promise<unknown>;

/** «cached plan must not change result type»: a hub of a later version has brought the schema forward. */
const CHANGED = '0A000';
/** No statement of that name, or one already. */
const STRANGE: ReadonlySet<string> = new Set(['26000', '42P05']);

/** What a statement's name has led to, and not the statement: it succeeds when it is tried again. */
export function isStale(error: unknown): boolean {
  const code = codeOf(error);
  return STRANGE.has(code) || (code === CHANGED && /cached plan/.test((error as Error).message));
}
