/** Which card is where, and whether it may serve. */
import type { GivenState } from '../../protocol/commands.ts';
import type { Database } from '../../sqlite.ts';
import type { NumberSource } from '../numbers/claims.ts';
import type { Order, Outcome } from './commands.ts';
import type { eventStore, StoredEvent } from './events.ts';
import { type numberStore, unknownSim } from './numbers.ts';

export interface SimRow {
  readonly iccid: string;
  readonly imsi: string | null;
  readonly slot: string | null;
  readonly insertedAt: string;
  readonly msisdn: string | null;
  readonly msisdnSource: NumberSource | null;
  readonly countryIso: string | null;
  /** As the operator's list names it. */
  readonly operator: string | null;
  /** The operator keeps it out of use. */
  readonly held: 'quarantined' | 'retired' | null;
}

/** SIMs by their ICCID, and those that were last seen in a slot. */
export interface SimFilter {
  readonly iccids?: readonly string[];
  readonly slots?: readonly string[];
}

export const SIM_COLUMNS = `iccid, imsi, slot, inserted_at AS insertedAt, msisdn, msisdn_source AS msisdnSource,
  country_iso AS countryIso, operator, held`;

/** 27.005 §3.1: what belongs to the modem and not to the card. */
const MODEM_MEMORY = ['ME', 'MT', 'SR'] as const;

export function simStore(
  db: Database,
  events: ReturnType<typeof eventStore>,
  { decide }: Pick<ReturnType<typeof numberStore>, 'decide'>,
) {
  const byIccid = db.prepare<[string], SimRow>(`SELECT ${SIM_COLUMNS} FROM sim WHERE iccid = ?`);
  const inSlot = db.prepare<[string], { iccid: string }>('SELECT iccid FROM sim WHERE slot = ?');
  const leave = db.prepare('UPDATE sim SET slot = NULL WHERE slot = ?');
  const arrive = db.prepare(`
    INSERT INTO sim (iccid, imsi, slot, inserted_at) VALUES (@iccid, @imsi, @slot, @now)
    ON CONFLICT (iccid) DO UPDATE SET imsi = coalesce(@imsi, imsi), slot = @slot, inserted_at = @now`);
  const setImsi = db.prepare('UPDATE sim SET imsi = ? WHERE iccid = ?');
  const hold = db.prepare('UPDATE sim SET held = ? WHERE iccid = ?');
  const doubt = db.prepare('INSERT INTO doubt (slot, store) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const doubts = db.prepare<[string], { store: string }>('SELECT store FROM doubt WHERE slot = ?');
  const settle = db.prepare('DELETE FROM doubt WHERE slot = ? AND store = ?');
  const swept = db.prepare('UPDATE sim SET swept_at = ? WHERE iccid = ?');

  return {
    /**
     * A card was read in a slot. Of the `doubtful` stores the first listing since another card was there is still to come,
     * also over a restart.
     */
    simPresent(arg: { slot: string; iccid: string; imsi: string | null; now: string }): {
      doubtful: string[];
      events: StoredEvent[];
    } {
      const previous = inSlot.get(arg.slot)?.iccid ?? null;
      const unchanged = previous === arg.iccid;
      const out: StoredEvent[] = [];
      if (!unchanged) {
        leave.run(arg.slot);
        for (const store of MODEM_MEMORY) doubt.run(arg.slot, store);
        arrive.run({ iccid: arg.iccid, imsi: arg.imsi, slot: arg.slot, now: arg.now });
        const moved = { slot: arg.slot, iccid: arg.iccid, previousIccid: previous, insertedAt: arg.now };
        out.push(events.append(previous === null ? 'sim.inserted' : 'sim.changed', moved, arg.now));
      } else if (arg.imsi !== null) setImsi.run(arg.imsi, arg.iccid);
      // Its country, where no number tells it.
      out.push(...decide([arg.iccid], [], arg.now).events);
      return { doubtful: doubts.all(arg.slot).map(({ store }) => store), events: out };
    },

    /** What the first listing found is committed: from here on a store holds only what came to this card. */
    storeListed(arg: { slot: string; store: string }): null {
      settle.run(arg.slot, arg.store);
      return null;
    },

    /** The slot says that it holds no card. */
    simAbsent(arg: { slot: string; now: string }): { events: StoredEvent[] } {
      const previous = inSlot.get(arg.slot)?.iccid;
      if (previous === undefined) return { events: [] };
      const { insertedAt } = byIccid.get(previous)!;
      leave.run(arg.slot);
      const moved = { slot: arg.slot, iccid: previous, previousIccid: null, insertedAt };
      return { events: [events.append('sim.removed', moved, arg.now)] };
    },

    /** Every store of the card's modem was listed to its end, by a sweep that began at `from`. */
    simSwept(arg: { iccid: string; from: string }): null {
      swept.run(arg.from, arg.iccid);
      return null;
    },

    /** A retired one claims its number from nobody any more. @throws SimbankError `sim.unknown` */
    giveState({ order, args }: { order: Order; args: { iccid: string; state: GivenState } }): Outcome {
      const { iccid, state } = args;
      if (hold.run(state === 'ready' ? null : state, iccid).changes === 0) throw unknownSim(iccid);
      const { events: told, sims } = decide([iccid], [], order.now);
      return { result: {}, events: told, sims: [...new Set([iccid, ...sims])] };
    },
  };
}
