/** One message memory (27.005 §2.2.1): numbered slots from 1, a SIM's (SM) or a modem's (ME). */

/** 27.005 §3.1 <stat>: received unread, received read, stored unsent, stored sent. */
export type Stat = 0 | 1 | 2 | 3;

export interface StoredMessage {
  readonly index: number;
  readonly tpdu: string;
  stat: Stat;
}

export class MessageStore {
  readonly capacity: number;
  readonly #slots: (StoredMessage | undefined)[];
  #used = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#slots = new Array<StoredMessage | undefined>(capacity + 1);
  }

  get used(): number {
    return this.#used;
  }

  get full(): boolean {
    return this.#used >= this.capacity;
  }

  /** True for an index that the memory has, empty or not. */
  has(index: number): boolean {
    return Number.isInteger(index) && index >= 1 && index <= this.capacity;
  }

  get(index: number): StoredMessage | undefined {
    return this.#slots[index];
  }

  /** Puts it into the lowest free slot, as modems do, so that numbers are used again at once; null when full. */
  add(tpdu: string, stat: Stat): StoredMessage | null {
    for (let index = 1; index <= this.capacity; index += 1) {
      if (this.#slots[index] === undefined) {
        const message = { index, tpdu, stat };
        this.#slots[index] = message;
        this.#used += 1;
        return message;
      }
    }
    return null;
  }

  delete(index: number): StoredMessage | null {
    const message = this.#slots[index];
    if (message === undefined) return null;
    this.#slots[index] = undefined;
    this.#used -= 1;
    return message;
  }

  /** In the order of the slots. */
  list(): StoredMessage[] {
    if (this.#used === 0) return [];
    return this.#slots.filter((message) => message !== undefined);
  }
}
