import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Activation } from '../../../src/bank/activations/activation.ts';
import { ALLOW_ALL } from '../../../src/bank/activations/activation.ts';
import { arrivalOf, type Incoming, matchMessage, wasOpen } from '../../../src/bank/activations/matching.ts';

/** Services are known by their senders: `tg` by TELEGRAM, `go` and `yt` by Google alike. */
const SENDERS: Record<string, string> = { tg: 'TELEGRAM', go: 'Google', yt: 'Google', bank: 'Northbank' };
const servicesOf = (from: string): string[] =>
  Object.keys(SENDERS).filter((service) => SENDERS[service] === from);

const activation = (id: string, more: Partial<Activation> = {}): Activation => ({
  id,
  iccid: '8999000000000000011',
  service: 'tg',
  mode: 'single',
  match: null,
  openedMs: 1_000,
  expiresMs: 100_000,
  matched: false,
  ...more,
});
const message = (more: Partial<Incoming> = {}): Incoming => ({
  from: '72941',
  services: servicesOf(more.from ?? ''),
  text: 'your code is 123456',
  hasCode: true,
  arrival: { atMs: 50_000, openedByMs: 50_000 },
  ...more,
});
const match = (incoming: Incoming, open: readonly Activation[], policy = ALLOW_ALL) =>
  matchMessage(incoming, open, policy);
const ids = (incoming: Incoming, open: readonly Activation[], policy = ALLOW_ALL) =>
  match(incoming, open, policy).activations;

describe('a message belongs to', () => {
  it('the activation whose service’s sender fits', () => {
    const open = [activation('a'), activation('b', { service: 'go' })];
    expect(match(message({ from: 'Google' }), open)).toEqual({ activations: ['b'], first: ['b'] });
  });

  it('of several that fit the oldest that waits, and when none waits the oldest', () => {
    const a = activation('a', { service: 'go', openedMs: 2_000 });
    const b = activation('b', { service: 'yt', openedMs: 1_000 });
    const google = message({ from: 'Google' });
    expect(ids(google, [a, b])).toEqual(['b']);
    expect(match(google, [a, { ...b, matched: true }])).toEqual({ activations: ['a'], first: ['a'] });
    const all = [
      { ...a, matched: true },
      { ...b, matched: true },
    ];
    expect(match(google, all)).toEqual({ activations: ['b'], first: [] });
  });

  it('the one whose own patterns it fits', () => {
    const open = [activation('a'), activation('b', { service: 'new', match: { senders: ['7294*'] } })];
    expect(ids(message(), open)).toEqual(['b']);
    const byText = activation('b', { service: null, match: { textPattern: 'code is *6' } });
    expect(ids(message(), [activation('a'), byText])).toEqual(['b']);
    expect(ids(message({ text: null }), [activation('a'), byText])).toEqual([]);
  });

  it('the only one, where the text holds a code and is of no other service', () => {
    const only = [activation('a')];
    expect(match(message(), only)).toEqual({ activations: ['a'], first: ['a'] });
    expect(ids(message({ hasCode: false }), only)).toEqual([]);
    expect(ids(message({ from: 'Northbank' }), only)).toEqual([]);
    expect(ids(message(), [...only, activation('b', { service: 'go' })])).toEqual([]);
  });

  it('the only one for any service, with or without a code', () => {
    const any = activation('a', { service: null });
    expect(ids(message({ hasCode: false, from: 'Northbank' }), [any])).toEqual(['a']);
    expect(ids(message(), [any, activation('b')])).toEqual([]);
    // What cannot be read is nobody’s.
    expect(ids(message({ text: null }), [any])).toEqual([]);
    // Who says what he waits for waits for nothing else.
    expect(ids(message(), [{ ...any, match: { senders: ['Acme'] } }])).toEqual([]);
  });

  it('a continuous one, whatever it is', () => {
    const continuous = activation('a', { mode: 'continuous', service: null });
    expect(ids(message({ text: null, hasCode: false }), [continuous])).toEqual(['a']);
    expect(ids(message({ from: 'Northbank' }), [{ ...continuous, service: 'tg' }])).toEqual(['a']);
    expect(match(message(), [{ ...continuous, matched: true }])).toEqual({ activations: ['a'], first: [] });
  });

  it('an activation that has had its message, until that ends', () => {
    expect(match(message({ from: 'TELEGRAM' }), [activation('a', { matched: true })])).toEqual({
      activations: ['a'],
      first: [],
    });
  });

  it('nobody, where the policy refuses its sender or its service', () => {
    const continuous = activation('a', { mode: 'continuous', service: null });
    const any = activation('a', { service: null });
    const senders = { ...ALLOW_ALL, senders: ['north*'] };
    const services = { ...ALLOW_ALL, services: ['bank'] };
    for (const policy of [senders, services]) {
      expect(ids(message({ from: 'Northbank' }), [continuous], policy)).toEqual([]);
      expect(ids(message({ from: 'Northbank' }), [any], policy)).toEqual([]);
      expect(ids(message(), [any], policy)).toEqual(['a']);
    }
    // A sender that a refused service shares with an allowed one stays the allowed one’s.
    const google = activation('a', { service: 'go' });
    expect(ids(message({ from: 'Google' }), [google], { ...ALLOW_ALL, services: ['yt'] })).toEqual(['a']);
  });

  it('nobody, when the activation was opened after it or had expired before it', () => {
    const at = (atMs: number) => message({ from: 'TELEGRAM', arrival: { atMs, openedByMs: atMs } });
    const [open] = [activation('a')];
    expect(ids(at(999), [open])).toEqual([]);
    expect(ids(at(1_000), [open])).toEqual(['a']);
    expect(ids(at(99_999), [open])).toEqual(['a']);
    expect(ids(at(100_000), [open])).toEqual([]);
  });
});

describe('any message', () => {
  const some = fc.array(
    fc.record({
      service: fc.constantFrom('tg', 'go', 'yt', 'new', null),
      mode: fc.constantFrom('single' as const, 'continuous' as const),
      openedMs: fc.nat(100),
      expiresMs: fc.nat(200),
      matched: fc.boolean(),
      match: fc.constantFrom<Activation['match'][]>(
        null,
        { senders: ['72941'] },
        { textPattern: 'code' },
        {},
      ),
    }),
    { maxLength: 5 },
  );
  const incoming = fc.record({
    from: fc.constantFrom('TELEGRAM', 'Google', 'Northbank', '72941', '+12025550143', ''),
    text: fc.constantFrom('your code is 1', 'an advert', null),
    hasCode: fc.boolean(),
    services: fc.subarray(['tg', 'go', 'yt', 'bank']),
    arrival: fc.record({ atMs: fc.nat(200), openedByMs: fc.nat(200) }),
  });

  it('goes to one activation that was open when it came, or to none, whatever their order', () => {
    fc.assert(
      fc.property(some, incoming, (specs, received) => {
        const open = specs.map((spec, i) => activation(`id-${i}`, spec));
        const { activations, first } = match(received, open);
        expect(activations.length).toBeLessThanOrEqual(1);
        for (const id of activations) {
          const chosen = open.find((a) => a.id === id)!;
          expect(wasOpen(chosen, received.arrival)).toBe(true);
          expect(first).toEqual(chosen.matched ? [] : [id]);
        }
        expect(match(received, [...open].reverse())).toEqual({ activations, first });
      }),
    );
  });
});

describe('a message came', () => {
  const T = Date.parse('2026-11-21T08:00:00Z');
  const seen = (more: Partial<Parameters<typeof arrivalOf>[0]>) =>
    arrivalOf({ receivedMs: T, live: false, sentMs: T - 10_000, sweptMs: T - 60_000, ...more });

  it('when it was announced on a SIM that has been ready for long, whatever its stamp says', () => {
    expect(seen({ live: true, sentMs: T - 3 * 3_600_000 })).toEqual({ atMs: T, openedByMs: T });
  });

  it('otherwise when it was sent, not before the last sweep and not after now', () => {
    expect(seen({}).atMs).toBe(T - 10_000);
    expect(seen({ sentMs: T - 3 * 3_600_000 }).atMs).toBe(T - 60_000);
    expect(seen({ sentMs: T - 3 * 3_600_000, sweptMs: null }).atMs).toBe(T - 3 * 3_600_000);
    expect(seen({ sentMs: T + 3 * 3_600_000 }).atMs).toBe(T);
  });

  it('for activations opened no more than two minutes after its stamp', () => {
    expect(seen({ sentMs: T - 300_000 }).openedByMs).toBe(T - 180_000);
    expect(seen({ sentMs: T - 10_000 }).openedByMs).toBe(T);
  });

  it('without a stamp, after the last sweep: nothing more is certain', () => {
    expect(seen({ sentMs: null })).toEqual({ atMs: T - 60_000, openedByMs: T - 60_000 });
    expect(seen({ sentMs: null, sweptMs: null })).toEqual({ atMs: 0, openedByMs: 0 });
  });
});
