/** The message stores of a modem, 27.005 §3 and §4, in PDU mode. */
import type { Dialogue } from '../at/channel.ts';
import { fields } from '../at/urc.ts';
import { hasCode, SimbankError } from '../errors.ts';
import type { StorageUse } from '../protocol/state.ts';
import { isRefusal } from './ask.ts';
import type { Driver } from './driver.ts';
import { type Card, holdsCard } from './probe.ts';
import { parseUse, type Settings, selectCommand } from './settings.ts';

export interface StoredMessage {
  readonly index: number;
  /** 0 received unread (or nobody knows), 1 received read, 2 and 3 our own, unsent and sent. */
  readonly state: number;
  /** Hex as the modem gives it, with the SMSC prefix; null when it is no hex, or when the modem refuses to read the place. */
  readonly pdu: string | null;
  /** Octets of the TPDU by the modem's count, without the SMSC prefix. */
  readonly length: number;
  /** The PDU is not as long as the modem says: something was lost on the line. */
  readonly damaged: boolean;
}

/** What may be done with the stores while nobody else speaks to the modem. */
export interface MessageAccess {
  /** The store that was selected last in this readiness, as far as this program knows. */
  readonly selected: string | null;
  /** Makes `store` the one that is read and deleted from. */
  select(store: string): Promise<void>;
  /** Whether the modem itself says that `store` is the one that is read and deleted from. It tells how full each is, too. */
  isSelected(store: string): Promise<boolean>;
  /** Whether the modem still holds the card it was made ready with. */
  holdsCard(): Promise<boolean>;
  /** Places that the modem refuses to read are among them where it counts more messages than it shows. */
  list(): Promise<StoredMessage[]>;
  /** Null when the place is empty. What is refused for the place's own sake is an entry without a PDU. */
  read(index: number): Promise<StoredMessage | null>;
  /** Also done when the place is empty. @throws SimbankError `modem.delete_refused` */
  delete(index: number): Promise<void>;
}

/** What is remembered between jobs. */
export interface StoreMemory {
  selected: string | null;
  /** How full each store is. */
  readonly use: Map<string, StorageUse>;
  /** Stores whose listing is broken: they are read place by place. */
  readonly byPlace: Set<string>;
  /** Listings of a store without an answer, in a row. */
  readonly unanswered: Map<string, number>;
  /**
   * Stores that hold more than they list, though no place of them tells more (SR counted in, say): at which «used/listed»,
   * and the places that the modem refused to read.
   */
  readonly unlisted: Map<string, { readonly seen: string; readonly refused: readonly StoredMessage[] }>;
}

export function noMemory(): StoreMemory {
  return {
    selected: null,
    use: new Map(),
    byPlace: new Set(),
    unanswered: new Map(),
    unlisted: new Map(),
  };
}

/** Another card, or the same one made ready anew; how the modem lists is its own, and stays known. */
export function forgetStores(memory: StoreMemory): void {
  memory.selected = null;
  memory.use.clear();
  memory.unlisted.clear();
}

/** Another modem, or another firmware. */
export function forgetListing(memory: StoreMemory): void {
  memory.byPlace.clear();
  memory.unanswered.clear();
}

/** A listing without an answer may be a modem that hangs; a second one is a listing that is broken. */
const MAX_UNANSWERED = 2;
/** A question; to select a store on a slow card takes longer. */
const USE_MS = 5_000;
/** Where a modem does not say how many places a store has. */
const USUAL_PLACES = 50;

export function messageAccess(
  at: Dialogue,
  driver: Driver,
  card: Card,
  settings: Settings,
  memory: StoreMemory,
): MessageAccess {
  const remember = (uses: readonly StorageUse[]): void => {
    for (const use of uses) memory.use.set(use.name, use);
  };
  /** What is at a place: an entry, nothing, or the modem refuses to read this one. */
  const askFor = async (index: number): Promise<StoredMessage | null | 'refused'> => {
    try {
      return parseEntries(await at.command(`AT+CMGR=${index}`), '+CMGR:', index)[0] ?? null;
    } catch (error) {
      if (isEmptyPlace(error)) return null;
      if (!isRefusal(error) || error.code === 'at.busy') throw error;
      const { reason } = error.detail;
      // A record may be what «SIM failure» is said of, and then the card still tells its number.
      const isOfTheCard = typeof reason === 'string' && reason.startsWith('sim-');
      if (isOfTheCard && !(reason === 'sim-failure' && (await holdsCard(at, card)))) throw error;
      return 'refused';
    }
  };
  const readPlaces = async (use: StorageUse | undefined): Promise<StoredMessage[]> => {
    const entries: StoredMessage[] = [];
    const refused: StoredMessage[] = [];
    const last = use?.total ?? USUAL_PLACES;
    // Modems that count from 0 in their own memory may count from 1 on a card: there the last place is one further on.
    for (let index = driver.firstIndex; index <= last && entries.length < (use?.used ?? last); index++) {
      const found = await askFor(index);
      if (found !== 'refused') entries.push(...(found === null ? [] : [found]));
      else if (index !== driver.firstIndex + last) refused.push(unreadable(index));
    }
    // When as many were read as there are, what was refused is empty: not all say so with an invalid index.
    return entries.length < (use?.used ?? 0) ? [...entries, ...refused] : entries;
  };
  /** What the modem counts in a store and does not list: seen on Huawei E3531 and E303 (gammu/gammu#369, #486, #517). */
  const readUnlisted = async (
    use: StorageUse,
    entries: readonly StoredMessage[],
  ): Promise<StoredMessage[]> => {
    const seen = `${use.used}/${entries.length}`;
    const before = memory.unlisted.get(use.name);
    let found: readonly StoredMessage[];
    if (before?.seen === seen) found = before.refused;
    else {
      // Should it fall silent over a place, what it lists is taken the next time without asking for the rest.
      memory.unlisted.set(use.name, { seen, refused: [] });
      try {
        found = await readPlaces(use);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        memory.unlisted.delete(use.name);
        // What was listed is here whatever is refused now; the rest is asked for when that was taken.
        if (entries.length === 0) throw error;
        return [];
      }
    }
    const more = found.filter(({ index }) => !entries.some((entry) => entry.index === index));
    if (more.some(({ pdu }) => pdu !== null)) memory.byPlace.add(use.name);
    else memory.unlisted.set(use.name, { seen, refused: more });
    return more;
  };
  return {
    get selected() {
      return memory.selected;
    },
    async select(store) {
      memory.selected = null;
      remember(parseUse(await at.command(selectCommand(settings, store)), [store]));
      memory.selected = store;
    },
    async isSelected(store) {
      const line = (await at.command('AT+CPMS?', USE_MS)).find((l) => l.startsWith('+CPMS:'));
      // +CPMS: <mem1>,<used1>,<total1>,<mem2>,…
      const members = fields(line?.slice(6) ?? '');
      for (let i = 0; i + 2 < members.length; i += 3) {
        const [name = '', used = '', total = ''] = members.slice(i);
        if (settings.stores.includes(name) && /^\d+$/.test(used) && /^\d+$/.test(total))
          remember([{ name, used: Number(used), total: Number(total) }]);
      }
      if (members[0] !== store) memory.selected = null;
      return members[0] === store;
    },
    holdsCard: () => holdsCard(at, card),
    async list() {
      const store = memory.selected ?? '';
      const use = memory.use.get(store);
      if (driver.list === 'cmgr' || memory.byPlace.has(store)) return readPlaces(use);
      let entries: StoredMessage[];
      try {
        // 4 is «all»: a listing marks messages as read, so asking for the unread ones misses what a crash left behind.
        entries = parseEntries(await at.command('AT+CMGL=4', listDeadlineMs(use)), '+CMGL:');
        memory.unanswered.delete(store);
      } catch (error) {
        if (hasCode(error, 'at.timeout')) {
          const times = (memory.unanswered.get(store) ?? 0) + 1;
          memory.unanswered.set(store, times);
          if (times >= MAX_UNANSWERED) memory.byPlace.add(store);
        }
        // Refused, not busy: CMGL is broken on some, and CMGR works (gammu's F_DISABLE_CMGL, F_BROKEN_CMGL).
        if (!isRefusal(error) || error.code === 'at.busy') throw error;
        memory.byPlace.add(store);
        return readPlaces(use);
      }
      if (use === undefined || use.used <= entries.length) return entries;
      return [...entries, ...(await readUnlisted(use, entries))];
    },
    async read(index) {
      const found = await askFor(index);
      return found === 'refused' ? unreadable(index) : found;
    },
    async delete(index) {
      try {
        await at.command(`AT+CMGD=${index}`);
      } catch (error) {
        if (isEmptyPlace(error)) return;
        if (!isRefusal(error)) throw error;
        throw new SimbankError('modem.delete_refused', error.message, error.detail, { cause: error });
      }
      const use = memory.use.get(memory.selected ?? '');
      if (use !== undefined) remember([{ ...use, used: Math.max(0, use.used - 1) }]);
    },
  };
}

/**
 * Forty messages on a slow card take seconds, an empty store takes none: by how many there are, silence is told from work.
 */
function listDeadlineMs(use: StorageUse | undefined): number | undefined {
  return use === undefined ? undefined : 5_000 + 600 * use.used;
}

function unreadable(index: number): StoredMessage {
  return { index, state: 0, pdu: null, length: 0, damaged: true };
}

/** An invalid index is how some say «empty». */
function isEmptyPlace(error: unknown): boolean {
  return error instanceof SimbankError && error.detail.reason === 'invalid-index';
}

/**
 * `+CMGL: <index>,<stat>,[<alpha>],<length>` and `+CMGR: <stat>,[<alpha>],<length>`, each with its PDU on the next line.
 *
 * @throws SimbankError `modem.text_mode` when the answer is that of text mode: the modem has lost its settings.
 */
export function parseEntries(
  lines: readonly string[],
  prefix: '+CMGL:' | '+CMGR:',
  index?: number,
): StoredMessage[] {
  const entries: StoredMessage[] = [];
  for (const [i, line] of lines.entries()) {
    if (!line.startsWith(prefix)) continue;
    const header = fields(line.slice(prefix.length));
    const [place, state] = index === undefined ? [Number(header[0]), header[1]] : [index, header[0]];
    if (!Number.isInteger(place) || !/^[0-4]$/.test(state ?? '')) {
      throw new SimbankError(
        'modem.text_mode',
        `${prefix} is answered as in text mode: the settings are lost`,
      );
    }
    const length = Number(header.at(-1));
    const pdu = pduOf(lines[i + 1] ?? '');
    // An empty place: no PDU at all, «00», or nothing but filler (Siemens MC35i).
    if (/^(00)*$|^(FF)+$/.test(pdu) || pdu.startsWith(prefix)) continue;
    const isHex = HEX.test(pdu);
    entries.push({
      index: place,
      state: Number(state),
      pdu: isHex ? pdu : null,
      length: Number.isInteger(length) ? length : 0,
      damaged: !isHex || !hasLength(pdu, length),
    });
  }
  return entries;
}

const HEX = /^([0-9A-F]{2})+$/;

/** The PDU on a line, in upper-case hex, without the `,0` that some put behind it; the line itself when there is none on it. */
export function pduOf(line: string): string {
  const pdu = line.replace(/,\d*$/, '').trim().toUpperCase();
  return pdu === '' || HEX.test(pdu) ? pdu : line.trim();
}

/** The SMSC's own octets come before what `length` counts; some pad the end with FF. */
function hasLength(pdu: string, length: number): boolean {
  if (!Number.isInteger(length) || length === 0) return true;
  const end = 2 * (1 + Number.parseInt(pdu.slice(0, 2), 16) + length);
  return pdu.length >= end && /^(FF|00)*$/.test(pdu.slice(end));
}
