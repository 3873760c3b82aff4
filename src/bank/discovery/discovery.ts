/**
 * Which ports a gateway has, and when they come and go.
 *
 *   watch       says when something may have changed
 *   sysfs       what is plugged in, and named: what the configuration names
 *   ports       from both to the ports that are wanted and the devices that are left alone, and why (pure)
 *   asking      which tty of a modem speaks AT, where no table tells
 *   holders     who else has a port open
 *   power       the last thing to do about a modem
 *
 * A port is a place: what is plugged in there later is the same slot, whatever number its tty gets, so the path is looked up
 * at every opening. Opens no slot and knows no card; USB serial numbers mean nothing, for they are not unique. What is gone
 * keeps its slot until the next start.
 */
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { messageOf, SimbankError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { Driver } from '../../modem/driver.ts';
import type { TtyUse } from '../../protocol/state.ts';
import { Asking } from './asking.ts';
import { describeHolders, type Holder, holdersOf, suspects } from './holders.ts';
import { type LeftAlone, sentence } from './left-alone.ts';
import { foldersOf, type NamedPort, namedPorts, type PortList, slotNameOf, USB } from './named.ts';
import { type Plan, planPorts, type WantedPort } from './ports.ts';
import { canPowerCycle, powerCycle } from './power.ts';
import { ttyUse, type UsbDevice, type UsbPicture, UsbTree } from './sysfs.ts';
import { foldersOfUsb, Watch } from './watch.ts';

/** A port that is to become a slot. */
export interface FoundPort {
  /** What the slot is to be called, unless that name is taken. */
  readonly name: string;
  /** What to open now; null while nothing is there, or it must not be opened. */
  readonly path: () => string | null;
  readonly driver?: string | undefined;
  readonly baudRate: number;
  readonly pinFile?: string | undefined;
  /** Takes the power away and gives it back; only of a device that is one modem, and where we may. Errors as `powerCycle`. */
  readonly power?: () => Promise<void>;
  /** What discovery knows of a problem with the port, as a sentence; null where it knows no more than the problem says. */
  readonly explain: (problem: { readonly code: string }) => Promise<string | null>;
}

export interface DiscoveryOptions {
  readonly gateway: Pick<Config['gateway'], 'ports' | 'hotplug'>;
  readonly drivers: readonly Driver[];
  readonly log: Logger;
  /** Once for each port. */
  readonly found: (port: FoundPort) => void;
  /** What is there and not used has changed. */
  readonly leftAlone: (left: readonly LeftAlone[]) => void;
  /** The folder that stands for the host in tests. */
  readonly root?: string;
}

/** What is plugged in shows faces that do not last: a CD-ROM before its mode is switched, interfaces before their driver. */
const SETTLED_MS = 10_000;
/** MM looks at a port for so long after it was plugged in; who holds it is not asked for at every try to open it. */
const HOLDERS_KEPT_MS = 10_000;

const NOTHING: Plan = { wanted: [], taken: new Set(), leftAlone: [] };

export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #root: string;
  readonly #named: PortList;
  readonly #usb: boolean;
  readonly #tree: UsbTree;
  readonly #asking: Asking;
  readonly #told = new Set<string>();
  /** The interface that has answered, where that had to be found out. */
  readonly #chosen = new Map<
    string,
    { device: UsbDevice | null; path: string; interface: number | undefined }
  >();
  readonly #holders = new Map<string, { until: number; holders: Promise<Holder[]> }>();
  /** Since when something has been left alone. */
  #since = new Map<string, number>();
  #leftAlone: readonly LeftAlone[] = [];
  #plan: Plan = NOTHING;
  #picture: UsbPicture = { devices: [], ttys: { ttyUSB: 0, ttyACM: 0 } };
  #nodes: ReadonlySet<string> = new Set();
  /** What the plan was made of, beside the picture. */
  #input: readonly NamedPort[] = [];
  #wanted = new Map<string, WantedPort>();
  #watch: Watch | null = null;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #stopped = false;

  constructor(options: DiscoveryOptions) {
    const { gateway, log, root = process.env.SIMBANKD_SYSROOT ?? '' } = options;
    this.#options = options;
    this.#root = root;
    this.#named = gateway.ports ?? [USB];
    this.#usb = this.#named.includes(USB);
    this.#tree = new UsbTree(root);
    this.#asking = new Asking(log, (port, path) => {
      const tty = port.candidates.find((candidate) => candidate.path === path)?.tty;
      this.#chosen.set(port.key, { device: port.device, path, interface: tty?.interface });
      log.info({ slot: port.name, path }, 'the modem’s AT port was found by asking');
      this.#tell(port);
    });
  }

  /** Resolves when all is told that is there now, but for modems that have to be asked first: see `settled`. */
  async start(): Promise<void> {
    const dev = join(this.#root, '/dev');
    this.#watch = new Watch({
      log: this.#options.log,
      changed: () => void this.look(),
      // Sockets and loop devices come and go in it all day.
      ignored: (folder, name) => folder === dev && !/^(tty|serial|bus$)/.test(name),
    });
    await this.look();
  }

  /** Resolves when every modem that had to be asked has answered or not. */
  settled(): Promise<void> {
    return this.#asking.quiet();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watch?.stop();
    await this.#looking;
    await this.#asking.stop();
  }

  get ttys(): readonly TtyUse[] {
    return ttyUse(this.#picture);
  }

  /** Looks at everything once more; when a look is under way, once more after it. */
  look(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#lookAgain = true;
    this.#looking ??= this.#looks().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #looks(): Promise<void> {
    while (this.#lookAgain && !this.#stopped) {
      this.#lookAgain = false;
      try {
        await this.#look();
      } catch (error) {
        this.#options.log.error(`cannot look for ports: ${messageOf(error)}`);
      }
    }
  }

  async #look(): Promise<void> {
    const first = this.#plan === NOTHING;
    // Before anything is read: what comes from now on is told.
    this.#watch?.over([...foldersOfUsb(this.#root), ...foldersOf(this.#named)]);
    const before = this.#picture;
    this.#picture = await this.#tree.read();
    if (this.#picture !== before) this.#nodes = nodesOf(this.#picture);
    const named = await namedPorts(this.#named, (path) => this.#nodes.has(path));
    const { drivers, gateway } = this.#options;
    if (first || this.#picture !== before || !same(named, this.#input)) {
      this.#input = named;
      this.#plan = planPorts({ picture: this.#picture, drivers, named, usb: this.#usb });
      this.#wanted = new Map(this.#plan.wanted.map((port) => [port.key, port]));
    }
    for (const port of this.#plan.wanted) {
      if (this.#told.has(port.key) || (!first && !gateway.hotplug)) continue;
      if (port.certain || this.#choice(port) !== null) this.#tell(port);
      else this.#asking.ask(port);
    }
    this.#tellLeftAlone(first);
  }

  #tell(port: WantedPort): void {
    const { key, device, driver, baudRate, pinFile } = port;
    if (this.#stopped || this.#told.has(key)) return;
    this.#told.add(key);
    // Of the ttys that a glob has found of a modem, the slot has always been called like the one that answers.
    const answering = port.certain || key.startsWith('usb:') ? null : this.#choice(port);
    // A rung of the ladder that fails is worse than none.
    const hasPower = device !== null && port.isModem && canPowerCycle(device.dir);
    this.#options.found({
      name: answering === null ? port.name : slotNameOf(answering.path),
      path: () => this.#pathOf(port),
      driver,
      baudRate,
      pinFile,
      ...(hasPower ? { power: () => this.#power(key) } : {}),
      explain: (problem) => this.#explain(port, problem.code),
    });
  }

  /** What to open for the port as things are at this moment. */
  #pathOf(told: WantedPort): string | null {
    const port = this.#wanted.get(told.key);
    if (port === undefined) {
      const [first] = told.candidates;
      // Named, and not there: it says so itself. What is found on USB has no path without a device.
      return told.key.startsWith('usb:') || this.#plan.taken.has(first!.path) ? null : first!.path;
    }
    if (port.refusal !== undefined) return null;
    const { path, tty } = this.#choice(port) ?? port.candidates[0]!;
    // A number that was this modem's a moment ago may be another one's by now.
    if (tty !== null && port.device !== null && !this.#tree.isCurrent(port.device, tty)) {
      void this.look();
      return null;
    }
    return path;
  }

  /** The candidate that has answered when it was asked, on the same model at the same place. */
  #choice({ key, device, candidates, certain }: WantedPort): WantedPort['candidates'][number] | null {
    const chosen = this.#chosen.get(key);
    if (chosen?.device == null || chosen.device.id !== device?.id) return null;
    // Where a table names the best, another one stands in for it until the modem is plugged in again.
    if (certain && chosen.device.devnum !== device.devnum) return null;
    return (
      candidates.find(({ path, tty }) => (tty?.interface ?? path) === (chosen.interface ?? chosen.path)) ??
      null
    );
  }

  async #explain(told: WantedPort, code: string): Promise<string | null> {
    const port = this.#wanted.get(told.key);
    if (code === 'port.missing') {
      if (port?.refusal !== undefined) return port.refusal;
      const { place } = told.device ?? {};
      const left = this.#leftAlone.find(({ where }) => where === place || where === told.candidates[0]!.path);
      if (left !== undefined) return sentence(left);
      return port === undefined && told.key.startsWith('usb:') ? `nothing is plugged in at ${place}` : null;
    }
    const path = this.#pathOf(told);
    if (path === null || path.startsWith('tcp://')) return null;
    // Another of its ttys may do: the endpoints of one can be stuck while the others live.
    if (code === 'modem.silent' && port !== undefined && port.candidates.length > 1)
      this.#asking.ask(port, path);
    return code === 'port.busy' || code === 'modem.silent' ? this.#heldBy(path, code === 'port.busy') : null;
  }

  /** Root can open what somebody else has open, and no lock is honoured by everybody: silence may be two who listen. */
  async #heldBy(path: string, isCertain: boolean): Promise<string | null> {
    const now = Date.now();
    const known = this.#holders.get(path);
    const fresh = known !== undefined && known.until > now;
    const holders = fresh ? known.holders : holdersOf([path]).then((found) => found.get(path) ?? []);
    if (!fresh) this.#holders.set(path, { until: now + HOLDERS_KEPT_MS, holders });
    const found = await holders;
    if (found.length > 0) return describeHolders(path, found, []);
    return isCertain ? describeHolders(path, [], suspects()) : null;
  }

  async #power(key: string): Promise<void> {
    const device = this.#wanted.get(key)?.device;
    if (device == null) throw new SimbankError('usb.missing', 'the modem is not plugged in');
    await powerCycle(device.dir);
  }

  /** What nobody has named is no trouble of the gateway's. */
  #tellLeftAlone(first: boolean): void {
    const all = [...this.#plan.leftAlone, ...this.#asking.left(this.#picture.devices)];
    const now = Date.now();
    const since = new Map<string, number>();
    const settled: LeftAlone[] = [];
    for (const left of all.filter(({ code }) => code !== 'usb.unnamed')) {
      const mark = `${left.code} ${left.what} ${left.where}`;
      const sinceMs = this.#since.get(mark) ?? (first ? 0 : now);
      since.set(mark, sinceMs);
      if (now - sinceMs < SETTLED_MS) continue;
      settled.push(left);
      if (!this.#leftAlone.some((one) => one.why === left.why && one.where === left.where)) {
        this.#options.log.warn({ where: left.where, code: left.code }, sentence(left));
      }
    }
    this.#since = since;
    const before = JSON.stringify(this.#leftAlone);
    this.#leftAlone = settled;
    if (JSON.stringify(settled) !== before) this.#options.leftAlone(settled);
  }
}

function nodesOf({ devices }: UsbPicture): Set<string> {
  const ttys = devices.flatMap(({ interfaces }) => interfaces.flatMap((one) => one.ttys));
  return new Set(ttys.map(({ node }) => node));
}

function same(some: readonly NamedPort[], others: readonly NamedPort[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ path, node }, i) => path === others[i]!.path && node === others[i]!.node)
  );
}
