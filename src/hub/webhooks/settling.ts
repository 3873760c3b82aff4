/**
 * What attempts came to, on its way into the store: what comes while a transaction runs shares the next one, so that nothing waits
 * when little happens, and much costs few transactions. Knows neither queues nor HTTP.
 */
import type { Off, Settlement } from '../store/settlement.ts';
import type { HubStore } from '../store/store.ts';

/** Attempts of one transaction. */
const MOST = 64;

interface Waiting {
  readonly settlement: Settlement;
  readonly resolve: (off: Off) => void;
  readonly reject: (error: unknown) => void;
}

export class Settling {
  readonly #verbs: Pick<HubStore['verbs'], 'settleDeliveries'>;
  readonly #waiting: Waiting[] = [];
  #isWorking = false;

  constructor(verbs: Pick<HubStore['verbs'], 'settleDeliveries'>) {
    this.#verbs = verbs;
  }

  /**
   * Why the endpoint was turned off; resolves when the attempt is on disk.
   *
   * @param alone - in a transaction of its own. Those that share one are noted all or none.
   */
  async note(settlement: Settlement, alone: boolean): Promise<Off> {
    if (alone) return (await this.#verbs.settleDeliveries({ settlements: [settlement] }))[0]!;
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ settlement, resolve, reject });
      if (!this.#isWorking) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    // Answers that are read in this turn of the loop share the first one.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MOST);
      try {
        const off = await this.#verbs.settleDeliveries({
          settlements: batch.map(({ settlement }) => settlement),
        });
        for (const [i, { resolve }] of batch.entries()) resolve(off[i]!);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isWorking = false;
  }
}
