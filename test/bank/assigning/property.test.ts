/**
 * Any interleaving of opens, closes, expiries, moves of SIMs, messages and restarts: what the store says is held against
 * a model that knows the rules in their simplest form, and against its own log of events.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { ActivationMode, SmsReceived } from '../../../src/protocol/events.ts';
import { Desk, iccidOf, servicesOf } from './desk.ts';

const SIMS = 3;

interface Known {
  readonly id: string;
  readonly iccid: string;
  readonly service: string | null;
  readonly mode: ActivationMode;
  readonly openedMs: number;
  expiresMs: number;
  closed: boolean;
}

const which = fc.nat(1_000);
const sim = fc.nat(SIMS - 1);
const services = fc.uniqueArray(fc.constantFrom('tg', 'wa', 'go', 'yt', null), {
  minLength: 1,
  maxLength: 3,
});
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('open' as const),
      services,
      mode: fc.constantFrom('single' as const, 'single' as const, 'continuous' as const),
      ttlSeconds: fc.constantFrom(1, 30, 600),
      sim: fc.option(sim),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('close' as const),
      which,
      reason: fc.constantFrom('completed' as const, 'cancelled' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rearm' as const), which }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.constantFrom(1, 29, 61, 200) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('move' as const), sim, to: fc.nat(SIMS) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), sim }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sweep' as const), sim }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('message' as const),
      sim,
      from: fc.constantFrom('Telegram', 'WhatsApp', 'Google', '72941'),
      text: fc.constantFrom('Your code is 123456', 'Hello', 'New offer 100000'),
      live: fc.boolean(),
      sentAgo: fc.constantFrom(0, 3, 90, 300),
      attribution: fc.constantFrom('certain' as const, 'certain' as const, 'doubtful' as const),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class Model {
  readonly desk: Desk;
  readonly known = new Map<string, Known>();
  readonly commands: { spec: Parameters<Desk['open']>[0]; reply: string }[] = [];
  readonly swept = new Map<string, number>();
  #texts = 0;
  #commands = 0;

  constructor(dir: string) {
    this.desk = new Desk(dir, SIMS);
    for (let n = 0; n < SIMS; n++) this.swept.set(iccidOf(n), this.desk.now);
  }

  take(given: Step): void {
    const { desk } = this;
    switch (given.do) {
      case 'open':
        this.#open(given);
        break;
      case 'repeat': {
        const before = this.commands[given.which % Math.max(1, this.commands.length)];
        if (before !== undefined) deepStrictEqual(desk.open(before.spec).answered.reply, before.reply);
        break;
      }
      case 'close':
      case 'rearm':
        this.#change(given);
        break;
      case 'pass':
        desk.pass(given.seconds);
        break;
      case 'move':
        desk.insert(given.sim, `A0${given.to}`);
        this.swept.set(iccidOf(given.sim), desk.now);
        break;
      case 'lose':
        desk.air.delete(iccidOf(given.sim));
        break;
      case 'sweep':
        desk.sweep(given.sim);
        this.swept.set(iccidOf(given.sim), desk.now);
        break;
      case 'end':
        this.#end();
        break;
      case 'restart':
        desk.restart();
        break;
      case 'message':
        this.#message(given);
        break;
      default:
        given satisfies never;
    }
  }

  #open(given: Extract<Step, { do: 'open' }>): void {
    const { mode, ttlSeconds } = given;
    const asked = mode === 'continuous' ? given.services.slice(0, 1) : given.services;
    const select = given.sim === null ? {} : { iccid: iccidOf(given.sim) };
    const command = `command-${this.#commands++}`;
    const spec = { services: asked, mode, ttlSeconds, select, command };
    const { reply, ids, answered } = this.desk.open(spec);
    this.commands.push({ spec: { ...spec, ids }, reply: answered.reply });
    if (!reply.ok) return;
    const iccid = String(reply.result.iccid);
    ok(this.desk.air.has(iccid), 'a SIM that is nowhere was assigned');
    for (const [i, service] of asked.entries()) {
      const others = this.#openOn(iccid);
      ok(!others.some((other) => other.service === service), `${service} twice on ${iccid}`);
      ok(!others.some((other) => other.mode === 'continuous') || mode === 'continuous');
      const openedMs = this.desk.now;
      const expiresMs = openedMs + ttlSeconds * 1_000;
      this.known.set(ids[i]!, { id: ids[i]!, iccid, service, mode, openedMs, expiresMs, closed: false });
    }
    if (mode === 'continuous') deepStrictEqual(this.#openOn(iccid).length, 1);
  }

  #openOn(iccid: string): Known[] {
    return [...this.known.values()].filter((one) => one.iccid === iccid && !one.closed);
  }

  #change(given: Extract<Step, { do: 'close' | 'rearm' }>): void {
    const chosen = [...this.known.values()][given.which % Math.max(1, this.known.size)];
    if (chosen === undefined) return;
    if (given.do === 'close') {
      ok(this.desk.close(chosen.id, given.reason).ok);
      chosen.closed = true;
      return;
    }
    const canBe = !chosen.closed && this.desk.now < chosen.expiresMs;
    deepStrictEqual(this.desk.rearm(chosen.id, 600).ok, canBe);
    if (canBe) chosen.expiresMs = this.desk.now + 600_000;
  }

  #end(): void {
    const before = this.desk.events.length;
    this.desk.end();
    const isThere = ({ iccid }: Known): boolean => this.desk.air.has(iccid);
    // A SIM that cannot be swept is waited for, two minutes.
    const ended = [...this.known.values()].filter(
      (one) => !one.closed && this.desk.now >= one.expiresMs + (isThere(one) ? 0 : 120_000),
    );
    for (const one of ended) one.closed = true;
    const told = this.desk.events.slice(before).map(({ data }) => JSON.parse(data).activationId);
    deepStrictEqual(told.sort(), ended.map(({ id }) => id).sort());
  }

  #message(given: Extract<Step, { do: 'message' }>): void {
    const { from, live, attribution, sentAgo } = given;
    const { now } = this.desk;
    const iccid = iccidOf(given.sim);
    const sentMs = Math.floor((now - sentAgo * 1_000) / 1_000) * 1_000;
    const text = `${given.text} (${this.#texts++})`;
    const sms = this.desk.message(given.sim, { from, text, live, attribution, sentMs });
    ok(sms !== null);
    ok(sms.activations.length <= 1);
    const [id] = sms.activations;
    if (id === undefined) return;
    const one = this.known.get(id);
    ok(one !== undefined && !one.closed && one.iccid === iccid && attribution === 'certain');
    const arrivedMs = live ? now : Math.max(sentMs, this.swept.get(iccid)!);
    ok(arrivedMs < one.expiresMs, 'it had expired when the message came');
    ok(one.openedMs <= (live ? now : sentMs + 120_000), 'it was opened after the message came');
  }

  /** What the database holds is what the model knows, and what its own events tell. */
  check(): void {
    const rows = this.desk.db
      .prepare<[], Pick<Known, 'id' | 'iccid' | 'service' | 'mode'>>(
        'SELECT id, iccid, service, mode FROM activation ORDER BY id',
      )
      .all();
    const open = [...this.known.values()].filter(({ closed }) => !closed);
    const brief = ({ id, iccid, service, mode }: (typeof rows)[number]) => ({ id, iccid, service, mode });
    deepStrictEqual(rows.map(brief), open.map(brief).sort(byId));
    const used = this.desk.db
      .prepare<[], { iccid: string; service: string }>('SELECT iccid, service FROM used_service')
      .all();
    const replayed = replay(this.desk);
    deepStrictEqual([...replayed.open.values()].map(brief).sort(byId), rows.map(brief));
    deepStrictEqual([...replayed.used].sort(), used.map((row) => `${row.iccid} ${row.service}`).sort());
  }
}

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

/** State as it follows from the log alone. */
function replay({ db }: Desk) {
  const open = new Map<string, Pick<Known, 'id' | 'iccid' | 'service' | 'mode'>>();
  const gone = new Set<string>();
  const used = new Set<string>();
  const messages = new Map<string, SmsReceived>();
  const events = db
    .prepare<[], { seq: number; type: string; data: string }>(
      'SELECT seq, type, data FROM event ORDER BY epoch, seq',
    )
    .all();
  for (const [i, { seq, type, data: text }] of events.entries()) {
    deepStrictEqual(seq, i + 1);
    const data = JSON.parse(text);
    if (type === 'sms.received' || type === 'sms.updated') {
      messages.set(data.messageId, data);
      for (const id of data.activations) {
        const one = open.get(id);
        ok(one !== undefined || type === 'sms.updated', 'a message of an activation that is not open');
        if (one === undefined) continue;
        const known = one.service === null ? servicesOf(data.from, data.text) : [one.service];
        for (const service of known.length === 0 ? [''] : known) used.add(`${one.iccid} ${service}`);
      }
    } else if (type === 'activation.opened') {
      const { activationId: id, iccid, service, mode } = data;
      ok(!open.has(id) && !gone.has(id), 'opened twice');
      const others = [...open.values()].filter((one) => one.iccid === iccid);
      ok(!others.some((one) => one.service === service || one.mode === 'continuous'));
      ok(mode === 'single' || others.length === 0);
      open.set(id, { id, iccid, service, mode });
    } else if (type === 'activation.matched') {
      const one = open.get(data.activationId)!;
      const message = messages.get(data.messageId)!;
      deepStrictEqual(message.activations, [one.id]);
    } else if (type === 'activation.closed') {
      const one = open.get(data.activationId)!;
      open.delete(one.id);
      gone.add(one.id);
      if (data.reason === 'completed') used.add(`${one.iccid} ${one.service ?? ''}`);
    }
  }
  return { open, used };
}

describe('whatever happens in whatever order', () => {
  it('no SIM serves a service twice, messages belong to what was open, and the log tells the state', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const dir = mkdtempSync(join(tmpdir(), 'simbankd-test-'));
        const model = new Model(dir);
        try {
          for (const given of steps) {
            model.take(given);
            model.check();
          }
        } finally {
          model.desk.db.close();
          rmSync(dir, { recursive: true, force: true });
        }
      }),
      { numRuns: Number(process.env.RUNS ?? 60) },
    );
  }, 120_000);
});
