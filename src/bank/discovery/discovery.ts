/**
 * Which ports a gateway has: those its configuration names, as they come and go.
 *
 * Opens no slot and knows no card: it says «here is a port» once for each, and the bank makes a slot of it.
 */
import type { Config } from '../../config.ts';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { type NamedPort, namedPorts, slotNameOf } from './named.ts';

/** A port that is to become a slot. */
export interface FoundPort extends Omit<NamedPort, 'byGlob' | 'slot'> {
  /** What the slot is to be called, unless that name is taken. */
  readonly name: string;
}

export interface DiscoveryOptions {
  readonly gateway: Pick<Config['gateway'], 'ports' | 'hotplug'>;
  readonly log: Logger;
  readonly found: (port: FoundPort) => void;
}

const LOOK_EVERY_MS = 5_000;

export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #known = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  /** Resolves when every port that is there now has been told. */
  async start(): Promise<void> {
    this.#look();
    if (!this.#options.gateway.hotplug) return;
    this.#timer = setInterval(() => {
      try {
        this.#look();
      } catch (error) {
        this.#options.log.error(messageOf(error));
      }
    }, LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const { byGlob: _, slot, ...port } of namedPorts(this.#options.gateway.ports ?? [])) {
      if (this.#known.has(port.path)) continue;
      this.#known.add(port.path);
      this.#options.found({ ...port, name: slot ?? slotNameOf(port.path) });
    }
  }
}
