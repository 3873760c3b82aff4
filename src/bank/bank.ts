/**
 * The gateway: all slots of one host, their store, and the uplink.
 *
 * Knows no AT, no SQL and no MQTT; it says which slot is on which port, and wires the rest together.
 */
import type { Config } from '../config.ts';
import { messageOf, type SimbankError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Driver } from '../modem/driver.ts';
import type { GatewayView } from '../protocol/state.ts';
import { lockDataDirectory } from '../sqlite.ts';
import { Assignments } from './assignments.ts';
import { Chores } from './chores.ts';
import { commandTable } from './command-table.ts';
import { commandRunner } from './commands.ts';
import { Discovery, type FoundPort } from './discovery/discovery.ts';
import { type Ignored, ignored } from './discovery/ignored.ts';
import type { LeftAlone } from './discovery/left-alone.ts';
import { checkDrivers } from './discovery/named.ts';
import { Disk } from './disk.ts';
import { glance } from './glance.ts';
import { Inventory } from './inventory.ts';
import { NumberSeeker, type Pauses } from './numbers/seeker.ts';
import { type NumberSources, readNumberSources } from './numbers/sources.ts';
import { Outgoing } from './outgoing.ts';
import { readPolicy } from './policy.ts';
import { runAt } from './raw.ts';
import { Slot } from './slot.ts';
import type { AlarmChange } from './store/alarms.ts';
import type { StoredEvent } from './store/events.ts';
import { type BankStore, openBankStore } from './store/store.ts';
import { Outbox } from './uplink/outbox.ts';
import { Uplink } from './uplink/uplink.ts';
import { runUssd } from './ussd.ts';

export interface BankOptions {
  readonly config: Config;
  readonly drivers: readonly Driver[];
  readonly log: Logger;
  readonly version: string;
  /** Of those who ask for numbers, where a test cannot wait for them. */
  readonly pauses?: Partial<Pauses>;
}

const RECEIVED_AFTER_MS = 5_000;

/** Opens the data directory and starts everything. */
export async function startBank(options: BankOptions): Promise<Bank> {
  const { config, log } = options;
  const { dataDir, services } = config.gateway;
  const sources = readNumberSources(config.gateway, log);
  checkDrivers(config.gateway.ports, options.drivers);
  const policy = readPolicy(config.gateway.policy);
  const lock = lockDataDirectory(dataDir);
  let store: BankStore | null = null;
  try {
    let bank: Bank | null = null;
    const disk = new Disk({
      dataDir,
      log,
      changed: () => bank?.diskChanged(),
      recovered: () => bank?.diskRecovered(),
    });
    store = await openBankStore(dataDir, { services, policy }, disk.answered);
    disk.watch(store);
    const numbering = await store.write.begin({ now: new Date().toISOString() });
    store.markInUse(numbering.instance);
    if (numbering.boots === 1)
      log.info({ dataDir, instance: numbering.instance }, 'first start: the database was made');
    bank = new Bank(options, store, numbering, disk, lock, sources);
    await bank.start();
    return bank;
  } catch (error) {
    await store?.close();
    lock.release();
    throw error;
  }
}

export class Bank {
  readonly #options: BankOptions;
  readonly #store: BankStore;
  readonly #disk: Disk;
  readonly #lock: { release(): void };
  readonly #startedAt = new Date().toISOString();
  readonly #outbox: Outbox;
  readonly #uplink: Uplink;
  readonly #inventory: Inventory;
  readonly #assignments: Assignments;
  readonly #outgoing: Outgoing;
  readonly #seeker: NumberSeeker;
  readonly #discovery: Discovery;
  readonly #slots = new Map<string, Slot>();
  /** What most of these are made with. */
  readonly #common;
  #ignored: readonly Ignored[] = [];
  readonly #chores: Chores;

  constructor(
    options: BankOptions,
    store: BankStore,
    numbering: Awaited<ReturnType<BankStore['write']['begin']>>,
    disk: Disk,
    lock: { release(): void },
    sources: NumberSources,
  ) {
    const { config, log, version } = options;
    this.#options = options;
    this.#store = store;
    this.#disk = disk;
    this.#lock = lock;
    const slots = () => this.#slots.values();
    this.#common = { ...sources, gateway: config.gateway, store, slots, log, committed: this.#committed };
    this.#outbox = new Outbox({ store, confirm: config.uplink.confirm, numbering, log });
    this.#uplink = new Uplink({
      mqtt: config.mqtt,
      gateway: config.gateway.id,
      version,
      instance: numbering.instance,
      startedAt: this.#startedAt,
      outbox: this.#outbox,
      log,
      problem: () => disk.problem,
      command: commandRunner({
        store,
        log,
        handlers: commandTable({
          store,
          outbox: this.#outbox,
          tellAir: () => this.#assignments.tellAir(),
          slot: (name) => this.#slots.get(name),
          sendLimits: config.gateway.sendLimits,
          sendNow: () => this.#outgoing.look(),
          ussd: (iccid, code) => runUssd(slots(), iccid, code),
          at: (name, at) => runAt(config.gateway.allowAt, this.#slots.get(name), name, at),
          refresh: () => this.#uplink.refresh(),
        }),
        carriedOut: ({ events, sims }) => {
          this.#committed(events);
          for (const iccid of sims) this.#inventory.simChanged(iccid);
        },
      }),
      namesake: (detail) => this.#alarm({ alarm: 'gateway.namesake', detail, active: true }),
    });
    this.#inventory = new Inventory({
      ...this.#common,
      boots: numbering.boots,
      epoch: () => this.#outbox.epoch,
      ignored: () => this.#ignored,
      publish: (kind, name, payload) => this.#uplink.retain(kind, name, payload),
    });
    this.#assignments = new Assignments({ ...this.#common, discovered: () => this.#discovery.settled() });
    this.#outgoing = new Outgoing(this.#common);
    this.#seeker = new NumberSeeker({
      ...this.#common,
      simChanged: (iccid) => this.#inventory.simChanged(iccid),
      sendNow: () => this.#outgoing.look(),
      pauses: options.pauses,
    });
    this.#chores = new Chores({
      ...this.#common,
      disk,
      slots: () =>
        [...this.#slots.values()].map(({ name, modem }) => ({ name, imei: modem.identity?.imei ?? null })),
      alarm: (alarm) => this.#alarm(alarm),
    });
    this.#discovery = new Discovery({
      gateway: config.gateway,
      drivers: options.drivers,
      log,
      found: (port) => this.#addSlot(port),
      leftAlone: (devices) => this.#ignore(devices),
    });
  }

  async start(): Promise<void> {
    await this.#seeker.start();
    await this.#discovery.start();
    // Not before a modem that has to be asked has had the time to answer.
    void this.#discovery.settled().then(() => this.#forgetSlots());
    this.#inventory.publishSims();
    this.#uplink.start();
    this.#assignments.start();
    await this.#outgoing.start();
    this.#chores.every(RECEIVED_AFTER_MS, () => this.#inventory.publishSlots());
    this.#chores.start();
    this.#alarm({ alarm: 'gateway.namesake', detail: 'started anew', active: false });
  }

  /** Ends in the order that loses nothing: ports first, so that nothing new comes; then the uplink; then the disk. */
  async stop(): Promise<void> {
    this.#chores.stop();
    this.#assignments.stop();
    this.#outgoing.stop();
    this.#seeker.stop();
    await this.#discovery.stop();
    await Promise.all([...this.#slots.values()].map((slot) => slot.stop()));
    this.#inventory.stop();
    this.#disk.stop();
    await this.#uplink.stop();
    await this.#store.close();
    this.#lock.release();
  }

  /** Resolves when it can no longer do its work: what supervises the process should start it anew. */
  get failed(): Promise<SimbankError> {
    return this.#store.ended;
  }

  view(): GatewayView {
    return {
      gateway: this.#options.config.gateway.id,
      version: this.#options.version,
      startedAt: this.#startedAt,
      problem: () => this.#disk.problem,
      slots: () => this.#inventory.slots(),
      sims: () => this.#inventory.sims(),
      messages: (limit) => this.#store.recentMessages(limit).map(glance),
      uplink: () => this.#uplink.view(),
      ttys: () => this.#discovery.ttys,
    };
  }

  /** The disk began or ceased to refuse: told at once over MQTT, which needs no disk. */
  diskChanged(): void {
    this.#uplink.announce();
  }

  diskRecovered(): void {
    const detail = 'for a while nothing could be written: messages waited on their cards';
    this.#alarm({ alarm: 'store.failed', detail, active: true });
    this.#alarm({ alarm: 'store.failed', detail, active: false });
    for (const slot of this.#slots.values()) slot.sweep();
  }

  readonly #committed = (events: readonly StoredEvent[]): void => {
    this.#outbox.offer(events);
    this.#inventory.happened(events);
    this.#seeker.happened(events);
  };

  #addSlot(port: FoundPort): void {
    const { config, drivers } = this.#options;
    const slot = new Slot({
      ...this.#common,
      ...port,
      name: this.#freeName(port.name),
      drivers,
      policies: config.gateway.sims,
      sweepSeconds: config.gateway.sweepSeconds,
      changed: (changed) => {
        this.#inventory.changed(changed);
        if (changed.modem.state.phase === 'ready') this.#outgoing.look();
        this.#seeker.changed(changed);
      },
      received: (receiver) => this.#inventory.received(receiver),
      swept: (swept) => {
        this.#assignments.swept(swept);
        this.#seeker.changed(swept);
      },
      alarm: (alarm) => this.#alarm(alarm),
      holder: (iccid) => this.#holderOf(iccid),
      awaitsReport: (iccid) => this.#store.awaitsReport(iccid),
    });
    this.#slots.set(slot.name, slot);
    slot.start();
  }

  #ignore(devices: readonly LeftAlone[]): void {
    // A slot tells the trouble of its place itself.
    this.#ignored = devices.map(ignored).filter(({ name }) => !this.#slots.has(name));
    for (const place of this.#ignored) this.#inventory.ignored(place);
    void this.#discovery.settled().then(() => this.#forgetSlots());
  }

  /** What was published of places that are no more would stay with the broker for ever. */
  #forgetSlots(): void {
    this.#store.write
      .keepSlots({ slots: [...this.#slots.keys(), ...this.#ignored.map(({ name }) => name)] })
      .then((gone) => gone.forEach((slot) => void this.#uplink.retain('slot', slot, '')))
      .catch((error) => this.#options.log.warn(messageOf(error)));
  }

  #holderOf(iccid: string): Slot | null {
    return [...this.#slots.values()].find(({ claimed }) => claimed === iccid) ?? null;
  }

  #freeName(wanted: string): string {
    for (let name = wanted, i = 2; ; name = `${wanted}-${i++}`) if (!this.#slots.has(name)) return name;
  }

  #alarm(alarm: Omit<AlarmChange, 'now'>): void {
    this.#store.write
      .setAlarm({ ...alarm, now: new Date().toISOString() })
      .then(({ events }) => this.#outbox.offer(events))
      // What keeps it from being written down is told by the disk's own problem.
      .catch((error) => this.#options.log.warn({ alarm: alarm.alarm }, messageOf(error)));
  }
}
