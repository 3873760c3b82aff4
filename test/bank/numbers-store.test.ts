import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claim, type NumberSource, SOURCES, settle } from '../../src/bank/numbers/claims.ts';
import { probeText } from '../../src/bank/numbers/probe.ts';
import type { StoredEvent } from '../../src/bank/store/events.ts';
import type { NumberRow } from '../../src/bank/store/numbers.ts';
import { migrations } from '../../src/bank/store/schema.ts';
import { bankVerbs } from '../../src/bank/store/verbs.ts';
import { draftDeliver, finishDraft } from '../../src/emulator/tpdu.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { openForWriting } from '../../src/sqlite.ts';
import { temporaryDir } from '../temporary.ts';

const NOW = '2026-11-21T08:00:00.000Z';
const iccidOf = (n: number): string => `89990000000000000${n}${n}`;
const numberOf = (n: number): string => `+1202555010${n}`;
/** Of an operator in Germany. */
const IMSI = '262011234567890';

function store(sims: number) {
  const db = openForWriting(join(temporaryDir(), 'gateway.db'), migrations);
  db.pragma('synchronous = OFF');
  const verbs = bankVerbs(db);
  verbs.begin({ now: NOW });
  for (let n = 0; n < sims; n++)
    verbs.simPresent({ slot: `A0${n}`, iccid: iccidOf(n), imsi: IMSI, now: NOW });
  const shown = (n: number) =>
    db
      .prepare('SELECT msisdn, msisdn_source AS source, country_iso AS country FROM sim WHERE iccid = ?')
      .get(iccidOf(n)) as { msisdn: string | null; source: string | null; country: string | null };
  const note = (n: number, source: NumberSource, number: number) =>
    verbs.noteNumber({ iccid: iccidOf(n), source, msisdn: numberOf(number), now: NOW });
  const list = (numbers: readonly [sim: number, number: number][], more: Partial<NumberRow> = {}) =>
    verbs.importNumbers({
      numbers: numbers.map(([n, number]) => {
        const row = { iccid: iccidOf(n), msisdn: numberOf(number) };
        return { country: null, operator: null, label: null, ...row, ...more };
      }),
      complete: true,
      now: NOW,
    });
  const order = (id = ulid(Date.parse(NOW))) => ({ id, name: 'test', expiresAt: NOW, now: NOW });
  const give = (n: number, number: number) =>
    verbs.giveNumber({ order: order(), args: { iccid: iccidOf(n), msisdn: numberOf(number) } });
  const hold = (n: number, state: 'ready' | 'retired') =>
    verbs.giveState({ order: order(), args: { iccid: iccidOf(n), state } });
  return { db, verbs, shown, note, list, give, hold, order };
}

/** `raised 00`, by the last digits of the ICCID, in the order of these. */
const told = (events: readonly StoredEvent[]): string[] =>
  events
    .map(({ type, data }) => {
      const { alarm, iccid } = JSON.parse(data);
      expect(alarm).toBe('number.conflict');
      return `${type.slice('alarm.'.length)} ${iccid.slice(-2)}`;
    })
    .sort();

describe('a number', () => {
  it('is replaced by that of a better source, and by none of a worse one', () => {
    const { note, list, shown } = store(1);
    expect(shown(0)).toEqual({ msisdn: null, source: null, country: 'DE' });
    note(0, 'sms', 1);
    expect(shown(0)).toEqual({ msisdn: numberOf(1), source: 'sms', country: 'US' });
    note(0, 'ussd', 2);
    note(0, 'sms', 3);
    expect(shown(0)).toMatchObject({ msisdn: numberOf(2), source: 'ussd' });
    note(0, 'sim', 4);
    list([[0, 5]]);
    note(0, 'sim', 6);
    expect(shown(0)).toMatchObject({ msisdn: numberOf(5), source: 'operator' });
  });

  it('has the country that the list names, else its own; without a number it is the IMSI’s', () => {
    const { list, shown } = store(1);
    list([[0, 1]], { country: 'CA' });
    expect(shown(0).country).toBe('CA');
    list([[0, 1]]);
    expect(shown(0).country).toBe('US');
    list([]);
    expect(shown(0)).toEqual({ msisdn: null, source: null, country: 'DE' });
  });

  it('that the list takes back gives way to what the SIM says; one that was given by a command stays', () => {
    const { list, note, give, shown } = store(2);
    note(0, 'sim', 1);
    expect(told(list([[0, 2]], { operator: 'Acme', label: 'drawer' }).events)).toEqual(['raised 00']);
    give(1, 3);
    expect(told(list([]).events)).toEqual(['cleared 00']);
    expect(shown(0)).toMatchObject({ msisdn: numberOf(1), source: 'sim' });
    expect(shown(1)).toMatchObject({ msisdn: numberOf(3), source: 'operator' });
  });

  it('is not taken back while a line of the list cannot be read', () => {
    const { verbs, list, shown } = store(1);
    list([[0, 1]]);
    verbs.importNumbers({ numbers: [], complete: false, now: NOW });
    expect(shown(0).msisdn).toBe(numberOf(1));
  });

  it('of a list that says the same again changes nothing', () => {
    const { list } = store(2);
    expect(list([[0, 1]]).sims).toEqual([iccidOf(0)]);
    expect(list([[0, 1]])).toEqual({ events: [], sims: [] });
  });

  it('that two SIMs claim raises an alarm, and serves neither or the better one until that is resolved', () => {
    const { list, note, give, shown } = store(3);
    note(0, 'sim', 1);
    expect(told(note(1, 'sim', 1).events)).toEqual(['raised 00', 'raised 11']);
    expect([shown(0).msisdn, shown(1).msisdn]).toEqual([null, null]);
    expect(note(1, 'sim', 1)).toEqual({ events: [], sims: [] });

    const given = give(0, 1);
    expect(told(given.events)).toEqual(['cleared 00']);
    expect([shown(0).msisdn, shown(1).msisdn]).toEqual([numberOf(1), null]);
    expect(told(note(1, 'sim', 2).events)).toEqual(['cleared 11']);
    expect(shown(1).msisdn).toBe(numberOf(2));

    const both = list([
      [1, 3],
      [2, 3],
    ]);
    expect(told(both.events)).toEqual(['raised 11', 'raised 22']);
    expect(both.sims).toEqual([iccidOf(1)]);
    expect([shown(1).msisdn, shown(2).msisdn]).toEqual([null, null]);
    expect(told(list([[2, 3]]).events)).toEqual(['cleared 11', 'cleared 22']);
    expect([shown(1).msisdn, shown(2).msisdn]).toEqual([numberOf(2), numberOf(3)]);
  });

  it('of a retired SIM is free for another one', () => {
    const { note, hold, shown } = store(2);
    note(0, 'sim', 1);
    note(1, 'sim', 1);
    const retired = hold(0, 'retired');
    expect(told(retired.events)).toEqual(['cleared 00', 'cleared 11']);
    expect([...retired.sims].sort()).toEqual([iccidOf(0), iccidOf(1)]);
    expect(shown(1).msisdn).toBe(numberOf(1));
    expect(shown(0).msisdn).toBe(numberOf(1));
    expect(told(hold(0, 'ready').events)).toEqual(['raised 00', 'raised 11']);
  });

  it('from before there were several sources is kept as its source’s word', () => {
    const path = join(temporaryDir(), 'gateway.db');
    const db = openForWriting(path, migrations.slice(0, 3));
    db.exec(
      `INSERT INTO sim (iccid, inserted_at, msisdn, msisdn_source) VALUES ('${iccidOf(0)}', '${NOW}', '${numberOf(1)}', 'operator')`,
    );
    db.close();
    const verbs = bankVerbs(openForWriting(path, migrations));
    verbs.begin({ now: NOW });
    const noted = verbs.noteNumber({ iccid: iccidOf(0), source: 'sim', msisdn: numberOf(2), now: NOW });
    expect(told(noted.events)).toEqual(['raised 00']);
  });
});

describe('a question', () => {
  it('that was put is known, unless it was not put after all', () => {
    const { verbs, db } = store(2);
    const asked = () => db.prepare('SELECT iccid, source FROM number_inquiry ORDER BY iccid').all();
    verbs.numberAsked({ iccid: iccidOf(0), source: 'ussd', now: NOW });
    verbs.numberAsked({ iccid: iccidOf(1), source: 'sim', now: NOW });
    verbs.numberNotAsked({ iccid: iccidOf(1), source: 'sim' });
    expect(asked()).toEqual([{ iccid: iccidOf(0), source: 'ussd' }]);
  });
});

describe('a message that is to show a number', () => {
  const NONCE = 'ABCDEFGHIJKLMNOP';
  const limits = { perSimPerHour: 1, perSimPerDay: 50 };
  const receive = ({ verbs }: ReturnType<typeof store>, text: string, from = numberOf(7)) => {
    const [tpdu] = finishDraft(draftDeliver({ from, text }, 1), Date.parse(NOW) / 1_000);
    const part = { slot: 'A01', imei: null, store: 'SM', attribution: 'certain' as const, length: 0 };
    return verbs.receivePart({
      ...part,
      iccid: iccidOf(1),
      pdu: `00${tpdu}`,
      receivedAt: NOW,
      live: true,
      now: NOW,
    }).events;
  };

  it('is sent once, within the limits, and its sender is the number; no activation gets it', () => {
    const s = store(2);
    const { db, verbs, order, note, shown } = s;
    note(1, 'sim', 1);
    // Kept by one customer, who gets everything.
    const activation = ulid(Date.parse(NOW));
    db.prepare(
      `INSERT INTO activation (id, iccid, msisdn, mode, opened_at, expires_at) VALUES (?, ?, ?, 'continuous', ?, '2026-12-21')`,
    ).run(activation, iccidOf(1), numberOf(1), NOW);

    const probe = { iccid: iccidOf(0), to: numberOf(1), nonce: NONCE, limits };
    const first = order();
    expect(verbs.sendProbe({ order: first, ...probe }).done).toBe(true);
    expect(verbs.sendProbe({ order: first, ...probe }).done).toBe(false);
    const again = verbs.sendProbe({ order: order(), ...probe, nonce: 'PONMLKJIHGFEDCBA' });
    expect(JSON.parse(again.reply)).toMatchObject({ ok: false, error: { code: 'send.limit' } });

    const [message] = receive(s, `${probeText(NONCE)} - sent by Acme 123456`);
    expect(JSON.parse(message!.data)).toMatchObject({ activations: [], code: null, from: numberOf(7) });
    expect(shown(0)).toMatchObject({ msisdn: numberOf(7), source: 'sms' });

    // The same word once more is a message like any other.
    const [other] = receive(s, probeText(NONCE), numberOf(8));
    expect(JSON.parse(other!.data).activations).toEqual([activation]);
    expect(shown(0).msisdn).toBe(numberOf(7));
  });

  it('that shows no number of a subscriber changes nothing', () => {
    const s = store(2);
    const { verbs, order, shown } = s;
    verbs.sendProbe({ order: order(), iccid: iccidOf(0), to: numberOf(1), nonce: NONCE, limits });
    expect(receive(s, probeText(NONCE), 'Acme')).toHaveLength(1);
    expect(shown(0).msisdn).toBeNull();
  });
});

describe('step by step', () => {
  it('comes out what all that was said comes to at once', () => {
    const sims = 4;
    const n = fc.nat(sims - 1);
    const step = fc.oneof(
      fc.tuple(fc.constant('note' as const), n, n, fc.constantFrom(...SOURCES.slice(1))),
      fc.tuple(fc.constant('give' as const), n, n),
      fc.tuple(fc.constant('list' as const), fc.uniqueArray(fc.tuple(n, n), { selector: ([sim]) => sim })),
      fc.tuple(fc.constant('hold' as const), n, fc.constantFrom('ready' as const, 'retired' as const)),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const { db, note, give, list, hold, shown } = store(sims);
        const said = new Map<string, Claim & { listed: boolean }>();
        const retired = new Set<string>();
        const raised = new Set<string>();
        const say = (sim: number, source: NumberSource, number: number, listed = false): void => {
          const iccid = iccidOf(sim);
          said.set(`${iccid} ${source}`, { iccid, source, msisdn: numberOf(number), listed });
        };
        for (const [i, one] of steps.entries()) {
          let events: readonly StoredEvent[];
          if (one[0] === 'note') {
            say(one[1], one[3], one[2]);
            ({ events } = note(one[1], one[3], one[2]));
          } else if (one[0] === 'give') {
            say(one[1], 'operator', one[2]);
            ({ events } = give(one[1], one[2]));
          } else if (one[0] === 'list') {
            for (const [key, { listed }] of said) if (listed) said.delete(key);
            for (const [sim, number] of one[1]) say(sim, 'operator', number, true);
            ({ events } = list(one[1]));
          } else {
            if (one[2] === 'retired') retired.add(iccidOf(one[1]));
            else retired.delete(iccidOf(one[1]));
            ({ events } = hold(one[1], one[2]));
          }
          for (const { type, data } of events) {
            const { iccid } = JSON.parse(data);
            expect([i, iccid, raised.has(iccid)]).toEqual([i, iccid, type === 'alarm.cleared']);
            if (type === 'alarm.raised') raised.add(iccid);
            else raised.delete(iccid);
          }
          const verdicts = settle([...said.values()].filter(({ iccid }) => !retired.has(iccid)));
          for (let sim = 0; sim < sims; sim++) {
            const iccid = iccidOf(sim);
            const { claim = null, conflict = null } = verdicts.get(iccid) ?? {};
            expect([i, raised.has(iccid)]).toEqual([i, conflict !== null]);
            if (!retired.has(iccid)) expect([i, shown(sim).msisdn]).toEqual([i, claim?.msisdn ?? null]);
          }
        }
        db.close();
      }),
      { numRuns: 60 },
    );
  });
});
