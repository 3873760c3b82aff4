/** The message stores of a modem, 27.005 §3 and §4, in PDU mode. */
import type { Dialogue } from '../at/channel.ts';
import { fields } from '../at/urc.ts';
import { SimbankError } from '../errors.ts';
import type { StorageUse } from '../protocol/state.ts';
import type { Driver } from './driver.ts';
import { deadline, isRefusal, parseUse } from './probe.ts';

export interface StoredMessage {
  readonly index: number;
  /** 0 received unread, 1 received read, 2 and 3 our own, unsent and sent. */
  readonly state: number;
  /** Hex as the modem gives it, with the SMSC prefix. */
  readonly pdu: string;
  /** Octets of the TPDU by the modem's count, without the SMSC prefix. */
  readonly length: number;
}

/** What may be done with the stores while nobody else speaks to the modem. */
export interface MessageAccess {
  /** The store that was selected last in this readiness, as far as this program knows. */
  readonly selected: string | null;
  /** Makes `store` the one that is read and deleted from. */
  select(store: string): Promise<void>;
  /** Whether the modem itself says that `store` is the one that is read and deleted from. */
  isSelected(store: string): Promise<boolean>;
  list(): Promise<StoredMessage[]>;
  /** Null when the place is empty. */
  read(index: number): Promise<StoredMessage | null>;
  delete(index: number): Promise<void>;
}

/** What is remembered between jobs of one readiness: the selected store, and how full each is. */
export interface StoreMemory {
  selected: string | null;
  readonly use: Map<string, StorageUse>;
}

export function messageAccess(at: Dialogue, driver: Driver, memory: StoreMemory): MessageAccess {
  const remember = (uses: readonly StorageUse[]): void => {
    for (const use of uses) memory.use.set(use.name, use);
  };
  return {
    get selected() {
      return memory.selected;
    },
    async select(store) {
      memory.selected = null;
      remember(parseUse(await at.command(`AT+CPMS="${store}"`, deadline(driver, '+CPMS')), [store]));
      memory.selected = store;
    },
    async isSelected(store) {
      const line = (await at.command('AT+CPMS?', deadline(driver, '+CPMS'))).find((l) =>
        l.startsWith('+CPMS:'),
      );
      // +CPMS: <mem1>,<used1>,<total1>,<mem2>,…
      const [name = '', used = '', total = ''] = fields(line?.slice(6) ?? '');
      if (name !== '' && /^\d+$/.test(used) && /^\d+$/.test(total)) {
        remember([{ name, used: Number(used), total: Number(total) }]);
      }
      if (name !== store) memory.selected = null;
      return name === store;
    },
    // 4 is «all»: a listing marks messages as read, so asking for the unread ones misses what a crash left behind.
    async list() {
      return parseEntries(await at.command('AT+CMGL=4', deadline(driver, '+CMGL')), '+CMGL:');
    },
    async read(index) {
      try {
        const answer = await at.command(`AT+CMGR=${index}`, deadline(driver, '+CMGR'));
        return parseEntries(answer, '+CMGR:', index)[0] ?? null;
      } catch (error) {
        // 321: invalid memory index, which is how some say «empty».
        if (error instanceof SimbankError && error.detail.number === 321) return null;
        throw error;
      }
    },
    async delete(index) {
      try {
        await at.command(`AT+CMGD=${index}`, deadline(driver, '+CMGD'));
        const use = memory.use.get(memory.selected ?? '');
        if (use !== undefined) remember([{ ...use, used: Math.max(0, use.used - 1) }]);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        throw new SimbankError('modem.delete_refused', error.message, error.detail, { cause: error });
      }
    },
  };
}

/**
 * `+CMGL: <index>,<stat>,[<alpha>],<length>` and `+CMGR: <stat>,[<alpha>],<length>`, each with its PDU on the next line.
 * A header without hex behind it is an empty place (some modems list them so).
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
    if (index === undefined && !/^\d+$/.test(header[0] ?? '')) continue;
    const [place, state] = index === undefined ? [Number(header[0]), header[1]] : [index, header[0]];
    const length = Number(header.at(-1));
    const pdu = (lines[i + 1] ?? '').trim().toUpperCase();
    if (!/^([0-9A-F]{2})+$/.test(pdu) || pdu === '00') continue;
    entries.push({ index: place, state: Number(state), pdu, length: Number.isInteger(length) ? length : 0 });
  }
  return entries;
}
