/** Where messages were announced in the stores of one modem: hints that are still to be followed, and when each came. */

export class Announcements {
  /** By store: places at which something was announced that is not read yet. */
  readonly #hints = new Map<string, Set<number>>();
  /** By store and place: when what is there was announced; until it is deleted, or is seen not to be there. */
  readonly #times = new Map<string, Map<number, string>>();

  /** Nothing is to be followed. */
  get none(): boolean {
    return this.#hints.size === 0;
  }

  add(store: string, index: number): void {
    const places = this.#hints.get(store) ?? new Set();
    this.#hints.set(store, places.add(index));
    this.timesIn(store).set(index, new Date().toISOString());
  }

  /** The places of one store, which are not hints any more. */
  take(): { readonly store: string; readonly places: ReadonlySet<number> } | null {
    for (const [store, places] of this.#hints) {
      this.#hints.delete(store);
      return { store, places };
    }
    return null;
  }

  /** Hints in a store. */
  count(store: string): number {
    return this.#hints.get(store)?.size ?? 0;
  }

  /** A listing will show what was announced: of this store, or of all. */
  dropHints(store?: string): void {
    if (store === undefined) this.#hints.clear();
    else this.#hints.delete(store);
  }

  /** When what is at each place was announced; whoever empties a place takes it out. */
  timesIn(store: string): Map<number, string> {
    const times = this.#times.get(store) ?? new Map<number, string>();
    this.#times.set(store, times);
    return times;
  }

  /** A listing that was `asked` for then shows only these places: what was announced before it at others was deleted by somebody else. */
  listed(store: string, asked: string, places: ReadonlySet<number>): void {
    const times = this.timesIn(store);
    for (const [index, at] of times) if (at < asked && !places.has(index)) times.delete(index);
  }

  forget(): void {
    this.#hints.clear();
    this.#times.clear();
  }
}
