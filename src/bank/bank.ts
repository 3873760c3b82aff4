/**
 * The gateway: all slots of one host, their store, and the uplink.
 *
 * Knows no AT, no SQL and no MQTT; it says which slot is on which port, and shows what they are.
 */
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import type { Config, PortConfig } from '../config.ts';
import { messageOf } from '../errors.ts';
import { type Logger, maskCodes } from '../log.ts';
import type { Driver } from '../modem/driver.ts';
import { type SmsReceived, VERSION } from '../protocol/events.ts';
import type { GatewayView, MessageGlance, SimState, SlotState } from '../protocol/state.ts';
import { SLOT_NAME } from '../protocol/topics.ts';
import { lockDataDirectory } from '../sqlite.ts';
import { commandRunner } from './commands.ts';
import { readNumbers } from './numbers.ts';
import { Outbox } from './outbox.ts';
import { Slot } from './slot.ts';
import type { StoredEvent } from './store/events.ts';
import { type BankStore, openBankStore } from './store/store.ts';
import { Uplink } from './uplink.ts';

export interface BankOptions {
  readonly config: Config;
  readonly drivers: readonly Driver[];
  readonly log: Logger;
  readonly version: string;
}

const PUBLISH_AFTER_MS = 250;
const RECEIVED_AFTER_MS = 5_000;
const LOOK_FOR_PORTS_MS = 5_000;
const PURGE_EVERY_MS = 3_600_000;
const COMMANDS_KEPT_MS = 86_400_000;
const DAY_MS = 86_400_000;

/** Opens the data directory and starts everything. */
export async function startBank(options: BankOptions): Promise<Bank> {
  const { dataDir, numbers } = options.config.gateway;
  const list = numbers === undefined ? null : readNumbers(numbers);
  for (const fault of list?.faults ?? []) options.log.warn({ file: numbers }, fault);
  const lock = lockDataDirectory(dataDir);
  try {
    const store = await openBankStore(dataDir);
    const now = new Date().toISOString();
    const numbering = await store.write.begin({ now });
    if (list !== null) await store.write.importNumbers({ numbers: list.numbers, now });
    const bank = new Bank(options, store, numbering, lock);
    bank.start();
    return bank;
  } catch (error) {
    lock.release();
    throw error;
  }
}

export class Bank {
  readonly #options: BankOptions;
  readonly #store: BankStore;
  readonly #lock: { release(): void };
  readonly #startedAt = new Date().toISOString();
  readonly #outbox: Outbox;
  readonly #uplink: Uplink;
  readonly #slots = new Map<string, Slot>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #dirty = new Set<Slot>();
  #publishing: NodeJS.Timeout | undefined;
  #namesakeAlarmed = false;
  /** Revisions go on over restarts: the count of starts in front, a counter behind. */
  #rev: number;

  constructor(
    options: BankOptions,
    store: BankStore,
    numbering: Awaited<ReturnType<BankStore['write']['begin']>>,
    lock: { release(): void },
  ) {
    const { config, log, version } = options;
    this.#options = options;
    this.#store = store;
    this.#lock = lock;
    this.#rev = numbering.boots * 2 ** 32;
    this.#outbox = new Outbox({ store, confirm: config.uplink.confirm, numbering, log });
    this.#uplink = new Uplink({
      mqtt: config.mqtt,
      gateway: config.gateway.id,
      version,
      instance: numbering.instance,
      startedAt: this.#startedAt,
      outbox: this.#outbox,
      log,
      command: commandRunner({ store, outbox: this.#outbox, log, refresh: () => this.#uplink.refresh() }),
      namesake: (detail) => this.#alarmNamesake(detail),
    });
  }

  start(): void {
    const { gateway } = this.#options.config;
    this.#lookForPorts();
    for (const slot of this.#slots.values()) slot.start();
    this.#publishSims();
    this.#uplink.start();
    if (gateway.hotplug)
      this.#every(LOOK_FOR_PORTS_MS, () => {
        for (const slot of this.#lookForPorts()) slot.start();
      });
    // «Last received» changes with every message; the event tells of it at once, the slot's state is in no hurry.
    this.#every(RECEIVED_AFTER_MS, () => this.#publishDirty());
    const timeoutMs = gateway.partTimeoutSeconds * 1_000;
    this.#every(Math.min(30_000, timeoutMs / 4), () => this.#publishOverdue(timeoutMs));
    this.#every(PURGE_EVERY_MS, () => this.#purge(gateway.retention.days));
  }

  /** Ends in the order that loses nothing: ports first, so that nothing new comes; then the uplink; then the disk. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#publishing);
    await Promise.all([...this.#slots.values()].map((slot) => slot.stop()));
    await this.#uplink.stop();
    await this.#store.close();
    this.#lock.release();
  }

  view(): GatewayView {
    return {
      gateway: this.#options.config.gateway.id,
      version: this.#options.version,
      startedAt: this.#startedAt,
      slots: () => [...this.#slots.values()].map((slot) => this.#slotState(slot)),
      sims: () => this.#sims(),
      messages: (limit) => this.#store.recentMessages(limit).map(glance),
      uplink: () => this.#uplink.view(),
    };
  }

  readonly #committed = (events: readonly StoredEvent[]): void => this.#outbox.offer(events);

  #every(ms: number, action: () => void | Promise<void>): void {
    const timer = setInterval(() => {
      Promise.resolve()
        .then(action)
        .catch((error) => this.#options.log.error({ err: error }, messageOf(error)));
    }, ms);
    this.#timers.push(timer);
  }

  /** Slots for ports that were named, and for those that globs find now; the new ones. */
  #lookForPorts(): Slot[] {
    const { config, drivers, log } = this.#options;
    const found = (config.gateway.ports ?? []).flatMap((port): PortConfig[] => {
      if (typeof port !== 'string') return [port];
      const paths = /[*?[{]/.test(port) ? globSync(port).sort() : [port];
      return paths.map((path) => ({ path, baudRate: 115_200 }));
    });
    const known = new Set([...this.#slots.values()].map((slot) => slot.modem.path));
    const fresh: Slot[] = [];
    for (const port of found) {
      if (known.has(port.path)) continue;
      known.add(port.path);
      const slot = new Slot({
        ...port,
        name: this.#freeName(port.slot ?? slotNameOf(port.path)),
        drivers,
        store: this.#store,
        log,
        sweepSeconds: config.gateway.sweepSeconds,
        committed: this.#committed,
        changed: (changed) => this.#changed(changed),
        received: (receiver) => this.#dirty.add(receiver),
      });
      this.#slots.set(slot.name, slot);
      fresh.push(slot);
    }
    return fresh;
  }

  #freeName(wanted: string): string {
    for (let name = wanted, i = 2; ; name = `${wanted}-${i++}`) if (!this.#slots.has(name)) return name;
  }

  async #publishOverdue(timeoutMs: number): Promise<void> {
    const before = new Date(Date.now() - timeoutMs).toISOString();
    const { events } = await this.#store.write.publishOverdue({ before, now: new Date().toISOString() });
    this.#outbox.offer(events);
  }

  async #purge(days: number): Promise<void> {
    const eventsBefore = new Date(Date.now() - days * DAY_MS).toISOString();
    const commandsBefore = new Date(Date.now() - COMMANDS_KEPT_MS).toISOString();
    while ((await this.#store.write.purge({ eventsBefore, commandsBefore })) > 0);
  }

  #alarmNamesake(detail: string): void {
    if (this.#namesakeAlarmed) return;
    this.#namesakeAlarmed = true;
    this.#store.write
      .raiseAlarm({ alarm: 'gateway.namesake', detail, now: new Date().toISOString() })
      .then(({ events }) => this.#outbox.offer(events))
      .catch((error) => this.#options.log.error({ err: error }, 'cannot record an alarm'));
  }

  /** Changes come in bursts: a slot's state is published a moment later, once. */
  #changed(slot: Slot): void {
    this.#dirty.add(slot);
    this.#publishing ??= setTimeout(() => {
      this.#publishing = undefined;
      this.#publishDirty();
      this.#publishSims();
    }, PUBLISH_AFTER_MS);
  }

  #publishDirty(): void {
    for (const slot of this.#dirty) {
      this.#uplink.retain('slot', slot.name, JSON.stringify(this.#slotState(slot)));
    }
    this.#dirty.clear();
  }

  readonly #published = new Map<string, string>();

  #publishSims(): void {
    for (const sim of this.#sims()) {
      const { rev: _rev, updatedAt: _at, ...content } = sim;
      const now = JSON.stringify(content);
      if (this.#published.get(sim.iccid) === now) continue;
      this.#published.set(sim.iccid, now);
      this.#uplink.retain('sim', sim.iccid, JSON.stringify(sim));
    }
  }

  #slotState(slot: Slot): SlotState {
    return { ...slot.state(), epoch: this.#outbox.epoch, rev: ++this.#rev };
  }

  #sims(): SimState[] {
    const holders = new Map<string, Slot>();
    for (const slot of this.#slots.values()) {
      if (slot.modem.card !== null) holders.set(slot.modem.card.iccid, slot);
    }
    return this.#store.sims().map((sim): SimState => {
      const slot = holders.get(sim.iccid);
      const phase = slot?.modem.state.phase;
      return {
        v: VERSION,
        epoch: this.#outbox.epoch,
        rev: ++this.#rev,
        iccid: sim.iccid,
        imsi: sim.imsi,
        msisdn: sim.msisdn,
        msisdnSource: sim.msisdnSource,
        countryIso: sim.countryIso,
        mccmnc: sim.imsi?.slice(0, 5) ?? null,
        operator: sim.operator ?? slot?.modem.network?.operator ?? null,
        eid: null,
        slot: slot?.name ?? null,
        insertedAt: sim.insertedAt,
        state: phase === 'ready' ? 'ready' : slot === undefined ? 'absent' : 'registering',
        activations: [],
        usedServices: [],
        updatedAt: new Date().toISOString(),
      };
    });
  }
}

/** `/dev/serial/by-path/pci-0000:00:14.0-usb-0:4.2:1.2-port0` is the slot `pci-0000:00:14.0-usb-0:4.2:1.2-port0`. */
function slotNameOf(path: string): string {
  const name = (path.startsWith('tcp://') ? path.slice(6) : basename(path))
    .replace(/[/+#]/g, '-')
    .slice(0, 64);
  return SLOT_NAME.test(name) ? name : 'slot';
}

function glance(data: string): MessageGlance {
  const { receivedAt, slot, iccid, from, text, dataHex, parts } = JSON.parse(data) as SmsReceived;
  const shown = text === null ? `(${dataHex === null ? 'unreadable' : 'data'})` : maskCodes(text);
  return { receivedAt, slot, iccid, from, text: shown, parts };
}
