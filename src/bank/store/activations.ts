/** Activations: assigned, armed again and ended, each in one transaction with its events and its audit. */
import { SimbankError } from '../../errors.ts';
import type { MatchPatterns, OpenActivations, OpenResult } from '../../protocol/commands.ts';
import type { ActivationMode, EndReason } from '../../protocol/events.ts';
import type { Database } from '../../sqlite.ts';
import type { Activation, Policy } from '../activations/activation.ts';
import { type Candidate, chooseSim, type OnAir, operatorOf } from '../activations/eligibility.ts';
import { endOf, type Situation } from '../activations/ends.ts';
import { numberParts } from '../numbers/parts.ts';
import type { auditStore } from './audit.ts';
import type { Order, Outcome } from './commands.ts';
import type { eventStore, StoredEvent } from './events.ts';

/** An activation as it is on disk. */
export interface ActivationRow {
  readonly id: string;
  readonly iccid: string;
  readonly msisdn: string;
  readonly service: string | null;
  readonly mode: ActivationMode;
  /** JSON. */
  readonly match: string | null;
  readonly openedAt: string;
  readonly expiresAt: string;
  readonly matchedAt: string | null;
}

export const ACTIVATION_COLUMNS = `id, iccid, msisdn, service, mode, match, opened_at AS openedAt, expires_at AS expiresAt,
  matched_at AS matchedAt`;

export interface SimSituation extends Situation {
  readonly iccid: string;
}

type StoredCandidate = Omit<Candidate, 'air' | 'open' | 'used' | 'national'>;

export function activationStore(
  db: Database,
  events: ReturnType<typeof eventStore>,
  audit: ReturnType<typeof auditStore>,
  policy: Policy,
) {
  const byId = db.prepare<[string], ActivationRow>(
    `SELECT ${ACTIVATION_COLUMNS} FROM activation WHERE id = ?`,
  );
  const onSim = db.prepare<[string], ActivationRow>(
    `SELECT ${ACTIVATION_COLUMNS} FROM activation WHERE iccid = ?`,
  );
  const hasEnded = db.prepare<[string], { id: string }>('SELECT id FROM ended_activation WHERE id = ?');
  const candidates = db.prepare<[], StoredCandidate>(`
    SELECT iccid, imsi, msisdn, country_iso AS countryIso, operator, held, last_used_at AS lastUsedAt
    FROM sim ORDER BY last_used_at`);
  const usedOn = db.prepare<[string], { service: string }>(
    'SELECT service FROM used_service WHERE iccid = ?',
  );
  const insert = db.prepare(`
    INSERT INTO activation (id, iccid, msisdn, service, mode, match, opened_at, expires_at)
    VALUES (@id, @iccid, @msisdn, @service, @mode, @match, @openedAt, @expiresAt)`);
  const touch = db.prepare('UPDATE sim SET last_used_at = ? WHERE iccid = ?');
  const arm = db.prepare('UPDATE activation SET expires_at = ?, matched_at = NULL WHERE id = ?');
  const setMatched = db.prepare('UPDATE activation SET matched_at = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM activation WHERE id = ?');
  const setEnded = db.prepare('INSERT INTO ended_activation (id, at) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const setUsed = db.prepare(
    'INSERT INTO used_service (iccid, service, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const collecting = db.prepare<[string], { since: number | null }>(`
    SELECT min(arrived_ms) AS since FROM message
    WHERE state = 'collecting' AND attribution = 'certain' AND iccid = ?`);

  /** By ICCID: what modems said last of the SIMs they hold. Known only while this process lives. */
  let air: ReadonlyMap<string, OnAir> = new Map();
  const nationals = new Map<string, string | null>();
  const nationalOf = (msisdn: string): string | null => {
    let national = nationals.get(msisdn);
    if (national === undefined) {
      national = numberParts(msisdn).national;
      nationals.set(msisdn, national);
    }
    return national;
  };

  function* candidatesInOrder(): Iterable<Candidate> {
    for (const sim of candidates.iterate()) {
      const { iccid, msisdn } = sim;
      yield {
        ...sim,
        air: air.get(iccid) ?? null,
        national: () => (msisdn === null ? null : nationalOf(msisdn)),
        open: () => onSim.all(iccid),
        used: () => usedOn.all(iccid).map(({ service }) => service),
      };
    }
  }

  const end = (row: ActivationRow, reason: EndReason, now: string, commandId: string | null): StoredEvent => {
    const { id, iccid, msisdn, service, mode } = row;
    remove.run(id);
    setEnded.run(id, now);
    // Also where it received not through us: a call, or a code that was shown in an app.
    if (reason === 'completed') setUsed.run(iccid, service ?? '', now);
    audit.add({ at: now, what: 'closed', activationId: id, commandId, iccid, msisdn, service, mode, reason });
    return events.append('activation.closed', { activationId: id, iccid, reason }, now);
  };

  /** A message came for it, or more of one: while it is open, its number serves its service, or those the message may be of. */
  const noteUsed = (activationId: string, services: readonly string[], now: string): void => {
    const row = byId.get(activationId);
    if (row === undefined) return;
    const { iccid, service } = row;
    const known = service === null ? services : [service];
    for (const used of known.length === 0 ? [''] : known) setUsed.run(iccid, used, now);
  };

  /** Somebody asked for what this bank does not do: that is written down. */
  const refuse = (
    order: Order,
    { activationId, service }: { activationId: string; service: string | null },
    mode: ActivationMode,
  ): Outcome => {
    const reason = `the policy of this bank refuses the service ${service}`;
    audit.add({ at: order.now, what: 'refused', activationId, commandId: order.id, service, mode, reason });
    return { refusal: { code: 'activation.refused', message: reason } };
  };

  return {
    /** What is open on a SIM, as what decides over messages takes it. */
    openOn: (iccid: string): Activation[] => onSim.all(iccid).map(activationOf),

    /** A message was the first since it was opened or armed. */
    matched(
      { activationId, messageId, code }: { activationId: string; messageId: string; code: string | null },
      now: string,
    ): StoredEvent {
      const { iccid, msisdn, service, mode } = byId.get(activationId)!;
      setMatched.run(now, activationId);
      audit.add({ at: now, what: 'matched', activationId, iccid, msisdn, service, mode, messageId });
      return events.append('activation.matched', { activationId, messageId, code }, now);
    },

    noteUsed,

    /** What modems say now of the SIMs they hold, by ICCID: it counts until the next time. */
    onAir(arg: { sims: ReadonlyMap<string, OnAir> }): null {
      air = arg.sims;
      return null;
    },

    /**
     * Assigns a SIM to all of the activations, or to none.
     *
     * Refuses with `activation.refused` what the policy does not allow.
     *
     * @throws SimbankError `activation.exists`, `activation.no_sim`.
     */
    open({ order, args }: { order: Order; args: OpenActivations }): Outcome {
      const { activations, mode, ttlSeconds, select } = args;
      const refused = activations.find(
        ({ service }) => service !== null && policy.services.includes(service),
      );
      if (refused !== undefined) return refuse(order, refused, mode);
      const openedAt = order.now;
      const expiresAt = new Date(Date.parse(openedAt) + ttlSeconds * 1_000).toISOString();
      const known = activations.find(({ activationId: id }) => byId.get(id) ?? hasEnded.get(id));
      if (known !== undefined) {
        const { activationId } = known;
        throw new SimbankError(
          'activation.exists',
          `the activation ${activationId} was opened or closed before`,
        );
      }
      const services = activations.map(({ service }) => service);
      const choice = chooseSim({ services, mode, select }, candidatesInOrder());
      if (choice.sim === null) throw new SimbankError('activation.no_sim', choice.why);
      const { iccid, countryIso } = choice.sim;
      const msisdn = choice.sim.msisdn!;
      const common = { iccid, msisdn, mode, expiresAt };
      touch.run(openedAt, iccid);
      const opened = activations.map(({ activationId, service, match }) => {
        const patterns = match === undefined ? null : JSON.stringify(match);
        insert.run({ ...common, id: activationId, service, match: patterns, openedAt });
        audit.add({ ...common, at: openedAt, what: 'opened', activationId, commandId: order.id, service });
        return events.append('activation.opened', { ...common, activationId, service, openedAt }, openedAt);
      });
      const operator = operatorOf(choice.sim);
      const result: OpenResult = { iccid, msisdn, operator, countryIso, openedAt, expiresAt };
      return { result, events: opened };
    },

    /** Ends an activation; one that is not open can never be opened afterwards. */
    close({ order, args }: { order: Order; args: { activationId: string; reason: EndReason } }): Outcome {
      const row = byId.get(args.activationId);
      if (row !== undefined) return { result: {}, events: [end(row, args.reason, order.now, order.id)] };
      setEnded.run(args.activationId, order.now);
      return { result: {} };
    },

    /** @throws SimbankError `activation.not_open`, also where it has expired and that is not yet told. */
    rearm({ order, args }: { order: Order; args: { activationId: string; ttlSeconds: number } }): Outcome {
      const { activationId } = args;
      const row = byId.get(activationId);
      if (row === undefined || row.expiresAt <= order.now) {
        throw new SimbankError('activation.not_open', `the activation ${activationId} is not open`);
      }
      const expiresAt = new Date(Date.parse(order.now) + args.ttlSeconds * 1_000).toISOString();
      arm.run(expiresAt, activationId);
      const { iccid, msisdn, service, mode } = row;
      const common = { iccid, msisdn, service, mode, expiresAt };
      audit.add({ ...common, at: order.now, what: 'rearmed', activationId, commandId: order.id });
      // Its expiry is retained state, and there is no event of it.
      return { result: { expiresAt }, sims: [iccid] };
    },

    /** Ends what is to end by itself on these SIMs, as they are now. */
    endDue(arg: { sims: readonly SimSituation[]; now: string }): { events: StoredEvent[] } {
      const told = arg.sims.flatMap((situation) => {
        const since = collecting.get(situation.iccid)?.since ?? null;
        return onSim.all(situation.iccid).flatMap((row): StoredEvent[] => {
          const reason = endOf(activationOf(row), situation, since);
          return reason === null ? [] : [end(row, reason, arg.now, null)];
        });
      });
      return { events: told };
    },
  };
}

function activationOf(row: ActivationRow): Activation {
  return {
    id: row.id,
    iccid: row.iccid,
    service: row.service,
    mode: row.mode,
    match: row.match === null ? null : (JSON.parse(row.match) as MatchPatterns),
    openedMs: Date.parse(row.openedAt),
    expiresMs: Date.parse(row.expiresAt),
    matched: row.matchedAt !== null,
  };
}
