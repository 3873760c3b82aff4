/** What is said of each SIM's number, and what of it counts: decided anew with every word that changes. */
import { SimbankError } from '../../errors.ts';
import { countryOfImsi } from '../../sim/mcc.ts';
import type { Database } from '../../sqlite.ts';
import { type Claim, type NumberSource, SOURCES, settle } from '../numbers/claims.ts';
import { numberParts } from '../numbers/parts.ts';
import type { alarmStore } from './alarms.ts';
import type { Outcome } from './commands.ts';
import type { StoredEvent } from './events.ts';

/** A line of the operator's list. */
export interface NumberRow {
  readonly iccid: string;
  readonly msisdn: string;
  readonly country: string | null;
  readonly operator: string | null;
  readonly label: string | null;
}

/** What a word has changed. */
export interface Noted {
  /** Conflicts that have begun or ended. */
  readonly events: readonly StoredEvent[];
  /** SIMs that show another number or country than before. */
  readonly sims: readonly string[];
}

interface StoredClaim extends Claim {
  readonly countryIso: string | null;
  /** Of a SIM that the operator has put away for good. */
  readonly retired: 0 | 1;
}

interface ShownNumber {
  readonly imsi: string | null;
  readonly msisdn: string | null;
  readonly source: NumberSource | null;
  readonly countryIso: string | null;
}

/** The alarm of a SIM of which different things are said; its subject is the ICCID. */
export const CONFLICT = 'number.conflict';

export function numberStore(db: Database, { setAlarm }: ReturnType<typeof alarmStore>) {
  const claimOf = db.prepare<[string, string], { msisdn: string; countryIso: string | null; listed: 0 | 1 }>(
    'SELECT msisdn, country_iso AS countryIso, listed FROM number_claim WHERE iccid = ? AND source = ?',
  );
  const setClaim = db.prepare(`
    INSERT INTO number_claim (iccid, source, msisdn, country_iso, listed, at)
    VALUES (@iccid, @source, @msisdn, @countryIso, @listed, @now)
    ON CONFLICT (iccid, source) DO UPDATE SET msisdn = @msisdn, country_iso = @countryIso, listed = @listed, at = @now`);
  const dropClaim = db.prepare('DELETE FROM number_claim WHERE iccid = ? AND source = ?');
  const listedClaims = db.prepare<[], { iccid: string; msisdn: string }>(
    'SELECT iccid, msisdn FROM number_claim WHERE listed = 1',
  );
  // Whoever shares a number with one of them, or with one who does: nobody else is touched by what is decided of them.
  const around = db.prepare<[{ iccids: string; numbers: string }], StoredClaim>(`
    WITH RECURSIVE near (iccid) AS (
      SELECT value FROM json_each(@iccids)
      UNION SELECT iccid FROM number_claim WHERE msisdn IN (SELECT value FROM json_each(@numbers))
      UNION SELECT other.iccid FROM near JOIN number_claim AS own ON own.iccid = near.iccid
        JOIN number_claim AS other ON other.msisdn = own.msisdn)
    SELECT iccid, source, claim.msisdn, claim.country_iso AS countryIso, held IS 'retired' AS retired
    FROM number_claim AS claim JOIN sim USING (iccid) WHERE iccid IN near`);
  const shown = db.prepare<[string], ShownNumber>(
    'SELECT imsi, msisdn, msisdn_source AS source, country_iso AS countryIso FROM sim WHERE iccid = ?',
  );
  const show = db.prepare(
    'UPDATE sim SET msisdn = @msisdn, msisdn_source = @source, country_iso = @countryIso WHERE iccid = @iccid',
  );
  const addSim = db.prepare(
    'INSERT INTO sim (iccid, inserted_at) VALUES (?, ?) ON CONFLICT (iccid) DO NOTHING',
  );
  const describe = db.prepare('UPDATE sim SET operator = @operator, label = @label WHERE iccid = @iccid');

  /** True where this SIM shows something else from now on. */
  const apply = (iccid: string, claim: StoredClaim | null): boolean => {
    const before = shown.get(iccid);
    if (before === undefined) return false;
    const msisdn = claim?.msisdn ?? null;
    const source = claim?.source ?? null;
    const countryIso = claim?.countryIso ?? (before.imsi === null ? null : countryOfImsi(before.imsi));
    if (before.msisdn === msisdn && before.source === source && before.countryIso === countryIso)
      return false;
    show.run({ iccid, msisdn, source, countryIso });
    return true;
  };

  /** Decides anew for these SIMs, for those that have to do with these numbers, and for whoever has to do with them. */
  const decide = (iccids: readonly string[], numbers: readonly string[], now: string): Noted => {
    const claims = around.all({ iccids: JSON.stringify(iccids), numbers: JSON.stringify(numbers) });
    const verdicts = settle(claims.filter(({ retired }) => retired === 0));
    const events: StoredEvent[] = [];
    const sims: string[] = [];
    const bySim = Map.groupBy(claims, ({ iccid }) => iccid);
    for (const iccid of new Set([...iccids, ...bySim.keys()])) {
      const own = bySim.get(iccid) ?? [];
      // A retired one claims nothing from anybody, and shows what was said of it last.
      const claim = own[0]?.retired === 1 ? bestOf(own) : (verdicts.get(iccid)?.claim ?? null);
      const conflict = verdicts.get(iccid)?.conflict ?? null;
      if (apply(iccid, claim)) sims.push(iccid);
      const detail = conflict ?? 'nothing contradicts it any more';
      events.push(...setAlarm({ alarm: CONFLICT, iccid, detail, active: conflict !== null, now }).events);
    }
    return { events, sims };
  };

  /** Writes a word down; which numbers it has to do with, none where it was said before. */
  const claim = (iccid: string, source: NumberSource, word: Word, now: string): string[] => {
    const { msisdn, country = null, listed = false } = word;
    const before = claimOf.get(iccid, source);
    const countryIso = country ?? numberParts(msisdn).countryIso;
    const next = { msisdn, countryIso, listed: listed ? (1 as const) : (0 as const) };
    if (
      before !== undefined &&
      (['msisdn', 'countryIso', 'listed'] as const).every((k) => before[k] === next[k])
    )
      return [];
    setClaim.run({ iccid, source, ...next, now });
    return before === undefined ? [msisdn] : [msisdn, before.msisdn];
  };

  return {
    /** After something else has changed that numbers depend on: the IMSI, or whether it is retired. */
    decide,

    claim,

    /**
     * What the operator's list says now outranks every other source. What an earlier list said and this one does not is taken
     * back, unless it is not `complete`: a line that cannot be read may be the one.
     */
    importNumbers(arg: { numbers: readonly NumberRow[]; complete?: boolean; now: string }): Noted {
      const { numbers, complete = false, now } = arg;
      const touched = new Set<string>();
      const changed: string[] = [];
      for (const { iccid, operator, label, ...word } of numbers) {
        addSim.run(iccid, now);
        describe.run({ iccid, operator, label });
        const about = claim(iccid, 'operator', { ...word, listed: true }, now);
        if (about.length > 0) changed.push(iccid);
        for (const msisdn of about) touched.add(msisdn);
      }
      const named = new Set(numbers.map(({ iccid }) => iccid));
      for (const { iccid, msisdn } of complete ? listedClaims.all() : []) {
        if (named.has(iccid)) continue;
        dropClaim.run(iccid, 'operator');
        describe.run({ iccid, operator: null, label: null });
        changed.push(iccid);
        touched.add(msisdn);
      }
      return decide(changed, [...touched], now);
    },

    /** What the card or the network says; normalised before. */
    noteNumber(arg: { iccid: string; source: NumberSource; msisdn: string; now: string }): Noted {
      const { iccid, source, msisdn, now } = arg;
      const about = claim(iccid, source, { msisdn }, now);
      return about.length === 0 ? { events: [], sims: [] } : decide([iccid], about, now);
    },

    /** Holds until the list of numbers says otherwise, at the next start. @throws SimbankError `sim.unknown` */
    giveNumber({
      order,
      args,
    }: {
      order: { now: string };
      args: { iccid: string; msisdn: string };
    }): Outcome {
      const { iccid, msisdn } = args;
      if (shown.get(iccid) === undefined) throw unknownSim(iccid);
      const about = claim(iccid, 'operator', { msisdn }, order.now);
      const { events, sims } = decide([iccid], about, order.now);
      return { result: {}, events, sims: [...new Set([iccid, ...sims])] };
    },
  };
}

interface Word {
  readonly msisdn: string;
  /** Where it is known better than by the number. */
  readonly country?: string | null;
  /** From the operator's list, which may take it back. */
  readonly listed?: boolean;
}

function bestOf(own: readonly StoredClaim[]): StoredClaim | null {
  return SOURCES.map((source) => own.find((claim) => claim.source === source)).find(Boolean) ?? null;
}

export function unknownSim(iccid: string): SimbankError {
  return new SimbankError('sim.unknown', `this bank has never seen a SIM with the ICCID ${iccid}`);
}
