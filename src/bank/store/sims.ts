/** Which card is where, and which number it has. */
import { SimbankError } from '../../errors.ts';
import type { GivenState } from '../../protocol/commands.ts';
import type { Database } from '../../sqlite.ts';
import { numberParts } from '../numbers/parts.ts';
import type { Outcome } from './commands.ts';
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
  /** The operator keeps it out of use. */
  readonly held: 'quarantined' | 'retired' | null;
}

/** SIMs by their ICCID, and those that were last seen in a slot. */
export interface SimFilter {
  readonly iccids?: readonly string[];
  readonly slots?: readonly string[];
}

export interface NumberRow {
  readonly iccid: string;
  readonly msisdn: string;
  readonly country: string | null;
  readonly operator: string | null;
  readonly label: string | null;
}

export const SIM_COLUMNS = `iccid, imsi, slot, inserted_at AS insertedAt, msisdn, msisdn_source AS msisdnSource,
  country_iso AS countryIso, operator, held`;

/** 27.005 §3.1: what belongs to the modem and not to the card. */
const MODEM_MEMORY = ['ME', 'MT', 'SR'] as const;

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
  const giveNumber = db.prepare(
    "UPDATE sim SET msisdn = ?, msisdn_source = 'operator', country_iso = coalesce(?, country_iso) WHERE iccid = ?",
  );
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
      }
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

    /** What the operator's list says outranks every other source. */
    importNumbers(arg: { numbers: readonly NumberRow[]; now: string }): null {
      for (const number of arg.numbers) {
        const country = number.country ?? numberParts(number.msisdn).countryIso;
        setNumber.run({ ...number, country, now: arg.now });
      }
      return null;
    },

    /** Holds until the list of numbers says otherwise, at the next start. @throws SimbankError `sim.unknown` */
    giveNumber({ args: { iccid, msisdn } }: { args: { iccid: string; msisdn: string } }): Outcome {
      if (giveNumber.run(msisdn, numberParts(msisdn).countryIso, iccid).changes === 0) throw unknown(iccid);
      return { result: {}, sims: [iccid] };
    },

    /** @throws SimbankError `sim.unknown` */
    giveState({ args: { iccid, state } }: { args: { iccid: string; state: GivenState } }): Outcome {
      if (hold.run(state === 'ready' ? null : state, iccid).changes === 0) throw unknown(iccid);
      return { result: {}, sims: [iccid] };
    },
  };
}

function unknown(iccid: string): SimbankError {
  return new SimbankError('sim.unknown', `this bank has never seen a SIM with the ICCID ${iccid}`);
}
