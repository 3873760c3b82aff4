/** What is done every so often: messages whose parts do not come are told of, what is old goes, the disk is looked at. */
import type { Config } from '../config.ts';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type Disk, LOW_BYTES } from './disk.ts';
import { type Claimed, duplicateImeis } from './duplicates.ts';
import type { AlarmChange } from './store/alarms.ts';
import type { StoredEvent } from './store/events.ts';
import type { BankStore } from './store/store.ts';

export interface ChoreOptions {
  readonly gateway: Config['gateway'];
  readonly store: Pick<BankStore, 'write'>;
  readonly disk: Disk;
  readonly log: Logger;
  readonly committed: (events: readonly StoredEvent[]) => void;
  readonly alarm: (alarm: Omit<AlarmChange, 'now'>) => void;
  readonly slots: () => Iterable<Claimed>;
}

const LOOK_AT_DISK_MS = 30_000;
const LOOK_AT_IMEIS_MS = 10_000;
const GIVE_UP_MS = 600_000;
const PURGE_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** How long after its text a message is still known when it is seen again. */
const IDENTITY_DAYS = 730;
/** How long it can be told who had which SIM for what. */
const AUDIT_DAYS = 400;

export class Chores {
  readonly #options: ChoreOptions;
  readonly #timers: NodeJS.Timeout[] = [];
  /** What was last told of IMEIs; undefined before the first look. */
  #imeis: string | null | undefined;

  constructor(options: ChoreOptions) {
    this.#options = options;
  }

  start(): void {
    const timeoutMs = this.#options.gateway.partTimeoutSeconds * 1_000;
    this.every(Math.min(30_000, timeoutMs / 4), () => this.#publishOverdue(timeoutMs));
    this.every(PURGE_EVERY_MS, () => this.#purge());
    this.every(LOOK_AT_DISK_MS, () => this.#lookAtDisk());
    void this.#giveUpSends().catch((error) => this.#options.log.error(messageOf(error)));
    this.every(GIVE_UP_MS, () => this.#giveUpSends());
    this.every(LOOK_AT_IMEIS_MS, () => this.#lookAtImeis());
    this.#lookAtDisk();
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  every(ms: number, action: () => void | Promise<void>): void {
    const timer = setInterval(() => {
      Promise.resolve()
        .then(action)
        .catch((error) => this.#options.log.error(messageOf(error)));
    }, ms);
    this.#timers.push(timer);
  }

  async #publishOverdue(timeoutMs: number): Promise<void> {
    const { store, committed } = this.#options;
    const now = new Date().toISOString();
    const { events } = await store.write.publishOverdue({ before: daysAgo(timeoutMs / DAY_MS), now });
    committed(events);
  }

  /** Step by step, each a commit of its own, so that reception never waits for it. */
  async #purge(): Promise<void> {
    const { days } = this.#options.gateway.retention;
    const purge = {
      before: daysAgo(days),
      identitiesBefore: daysAgo(days + IDENTITY_DAYS),
      commandsBefore: daysAgo(1),
      auditBefore: daysAgo(AUDIT_DAYS),
    };
    while ((await this.#options.store.write.purge(purge)) > 0);
    await this.#options.store.write.purgeOutgoing({ before: purge.before });
  }

  /** Messages that waited a day for their SIM. */
  async #giveUpSends(): Promise<void> {
    const { store, committed } = this.#options;
    const { events } = await store.write.giveUpSends({ now: new Date().toISOString() });
    committed(events);
  }

  #lookAtImeis(): void {
    const detail = duplicateImeis(this.#options.slots());
    if (detail === this.#imeis) return;
    this.#imeis = detail;
    if (detail !== null) this.#options.log.warn(detail);
    this.#options.alarm({
      alarm: 'imei.duplicate',
      detail: detail ?? 'each modem has its own',
      active: detail !== null,
    });
  }

  #lookAtDisk(): void {
    const { disk, gateway, alarm } = this.#options;
    const free = disk.free();
    const detail = `${gateway.dataDir} has ${Math.floor(free / 2 ** 20)} MB left`;
    // Between the two it stays as it is, so that it does not come and go with every message.
    if (free < LOW_BYTES) alarm({ alarm: 'disk.low', detail, active: true });
    else if (free > 2 * LOW_BYTES) alarm({ alarm: 'disk.low', detail, active: false });
  }
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString();
}
