/** Which card is where, and which number it has. */
import type { Database } from '../../sqlite.ts';
import type { eventStore, StoredEvent } from './events.ts';

export interface SimRow {
  readonly iccid: string;
  readonly imsi: string | null;
  readonly slot: string | null;
  readonly insertedAt: string;
  readonly msisdn: string | null;
  readonly msisdnSource: 'operator' | 'sim' | 'ussd' | 'sms' | null;
  readonly countryIso: string | null;
  readonly operator: string | null;
}

export interface NumberRow {
  readonly iccid: string;
  readonly msisdn: string;
  readonly country: string | null;
  readonly operator: string | null;
  readonly label: string | null;
}

export const SIM_COLUMNS = `iccid, imsi, slot, inserted_at AS insertedAt, msisdn, msisdn_source AS msisdnSource,
  country_iso AS countryIso, operator`;

export function simStore(db: Database, events: ReturnType<typeof eventStore>) {
  const byIccid = db.prepare<[string], SimRow>(`SELECT ${SIM_COLUMNS} FROM sim WHERE iccid = ?`);
  const inSlot = db.prepare<[string], { iccid: string }>('SELECT iccid FROM sim WHERE slot = ?');
  const leave = db.prepare('UPDATE sim SET slot = NULL WHERE slot = ?');
  const arrive = db.prepare(`
    INSERT INTO sim (iccid, imsi, slot, inserted_at) VALUES (@iccid, @imsi, @slot, @now)
    ON CONFLICT (iccid) DO UPDATE SET imsi = coalesce(@imsi, imsi), slot = @slot, inserted_at = @now`);
  const setNumber = db.prepare(`
    INSERT INTO sim (iccid, inserted_at, msisdn, msisdn_source, country_iso, operator, label)
    VALUES (@iccid, @now, @msisdn, 'operator', @country, @operator, @label)
    ON CONFLICT (iccid) DO UPDATE SET msisdn = @msisdn, msisdn_source = 'operator',
      country_iso = coalesce(@country, country_iso), operator = coalesce(@operator, operator), label = @label`);
  const swept = db.prepare('UPDATE sim SET swept_at = ? WHERE iccid = ?');

  return {
    /** A card was read in a slot. `unchanged`: it is the one that was there before, also before a restart. */
    simPresent(arg: { slot: string; iccid: string; imsi: string | null; now: string }): {
      unchanged: boolean;
      sim: SimRow;
      events: StoredEvent[];
    } {
      const previous = inSlot.get(arg.slot)?.iccid ?? null;
      const unchanged = previous === arg.iccid;
      const out: StoredEvent[] = [];
      if (!unchanged) {
        leave.run(arg.slot);
        arrive.run({ iccid: arg.iccid, imsi: arg.imsi, slot: arg.slot, now: arg.now });
        const moved = { slot: arg.slot, iccid: arg.iccid, previousIccid: previous, insertedAt: arg.now };
        out.push(events.append(previous === null ? 'sim.inserted' : 'sim.changed', moved, arg.now));
      }
      return { unchanged, sim: byIccid.get(arg.iccid)!, events: out };
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

    /** Every store of the card's modem was listed to its end. */
    simSwept(arg: { iccid: string; now: string }): null {
      swept.run(arg.now, arg.iccid);
      return null;
    },

    /** What the operator's list says outranks every other source. */
    importNumbers(arg: { numbers: readonly NumberRow[]; now: string }): null {
      for (const number of arg.numbers) setNumber.run({ ...number, now: arg.now });
      return null;
    },
  };
}
