import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Candidate,
  chooseSim,
  type OnAir,
  type Wish,
} from '../../../src/bank/activations/eligibility.ts';

const AIR: OnAir = { ready: true, swept: true, signalDbm: -70, operator: null };
const sim = (iccid: string, more: Partial<Candidate> = {}): Candidate => ({
  iccid,
  imsi: '310260000000001',
  msisdn: '+12025550143',
  countryIso: 'US',
  operator: 'Acme',
  national: () => '2025550143',
  held: null,
  air: AIR,
  lastUsedAt: null,
  open: () => [],
  used: () => [],
  ...more,
});
const wish = (more: Partial<Wish> = {}): Wish => ({ services: ['tg'], mode: 'single', select: {}, ...more });
const single = (service: string | null) => () => [{ service, mode: 'single' as const }];

function chosen(of: Wish, ...sims: Candidate[]): string {
  const choice = chooseSim(of, sims);
  return choice.sim === null ? choice.why : choice.sim.iccid;
}

describe('a SIM serves', () => {
  it.each<[string, Partial<Candidate>]>([
    ['without a known number', { msisdn: null }],
    ['quarantined', { held: 'quarantined' }],
    ['retired', { held: 'retired' }],
    ['in no modem', { air: null }],
    ['not ready', { air: { ...AIR, ready: false } }],
    ['not yet swept', { air: { ...AIR, swept: false } }],
    ['kept by another customer', { open: () => [{ service: null, mode: 'continuous' }] }],
    ['open for it already', { open: single('tg') }],
    ['used for it before', { used: () => ['go', 'tg'] }],
  ])('not while it is %s', (why, more) => {
    expect(chosen(wish(), sim('a', more))).toBe(`no SIM is free for service tg: of 1, 1 ${why}`);
    expect(chosen(wish(), sim('a', more), sim('b'))).toBe('b');
  });

  it('several services at once, when it is free for each', () => {
    const both = wish({ services: ['tg', 'go'] });
    expect(chosen(both, sim('a', { open: single('go') }), sim('b', { used: () => ['tg'] }), sim('c'))).toBe(
      'c',
    );
    expect(chosen(both, sim('a', { open: single('yt'), used: () => ['yt'] }))).toBe('a');
  });

  it('for any service beside others, but not twice', () => {
    const any = wish({ services: [null] });
    expect(chosen(any, sim('a', { open: single('tg'), used: () => ['tg'] }))).toBe('a');
    expect(chosen(any, sim('a', { open: single(null) }))).toBe(
      'no SIM is free for any service: of 1, 1 open for it already',
    );
  });

  it('continuously only when nothing else is open there', () => {
    const kept = wish({ mode: 'continuous' });
    expect(chosen(kept, sim('a', { open: single('go') }), sim('b'))).toBe('b');
    expect(chosen(kept, sim('a', { open: single('go') }))).toBe(
      'no SIM is free for continuous use with service tg: of 1, 1 in use',
    );
  });

  it('as fresh only when nothing is open there and it never served', () => {
    const fresh = wish({ select: { fresh: true } });
    expect(chosen(fresh, sim('a', { used: () => [''] }), sim('b', { open: single('go') }), sim('c'))).toBe(
      'c',
    );
    // Not even the one that is named.
    expect(chosen(wish({ select: { fresh: true, iccid: 'a' } }), sim('a', { used: () => ['go'] }))).toBe(
      'no SIM with the ICCID a is fresh for service tg: of 1, 1 used before',
    );
  });

  it('again for the same service when its number is asked for', () => {
    const used = sim('a', { used: () => ['tg'] });
    expect(chosen(wish({ select: { iccid: 'a' } }), used)).toBe('a');
    expect(chosen(wish({ select: { msisdn: '+12025550143' } }), used)).toBe('a');
    expect(chosen(wish({ select: { iccid: 'a' } }), { ...used, open: single('tg') })).toMatch(/already/);
  });
});

describe('a selection', () => {
  const german = sim('de', {
    imsi: '262010000000001',
    countryIso: 'DE',
    operator: null,
    air: { ...AIR, operator: 'Rotfunk' },
    msisdn: '+4930901820',
    national: () => '30901820',
  });
  it.each<[string, Wish['select'], string]>([
    ['country', { countryIso: 'DE' }, 'de'],
    ['ICCID', { iccid: 'de' }, 'de'],
    ['number', { msisdn: '+4930901820' }, 'de'],
    ['operator by name', { operators: ['None', 'ACME'] }, 'us'],
    ['operator by the network it is in', { operators: ['rotfunk'] }, 'de'],
    ['operator by code', { operators: ['26201'] }, 'de'],
    ['operator by a code of three digits', { operators: ['310260'] }, 'us'],
    ['area code', { areaCodes: ['40', '30'] }, 'de'],
    ['exclusion', { excludeIccids: ['us'] }, 'de'],
  ])('by %s', (_what, select, iccid) => expect(chosen(wish({ select }), sim('us'), german)).toBe(iccid));

  it('that means no SIM of this bank says so', () => {
    const select = { countryIso: 'FR', operators: ['X'], areaCodes: ['1', '2'], excludeIccids: ['z'] };
    expect(chosen(wish({ select }), sim('us'), german)).toBe(
      'this bank has no SIM in country FR of operator X with area code 1 or 2 besides the 1 excluded',
    );
    expect(chosen(wish({ select: { msisdn: '+12025550199' } }), sim('us'))).toBe(
      'this bank has no SIM with that number',
    );
  });

  it('that means some which cannot serve says how many and why, and nothing of the others', () => {
    const sims = [
      sim('a', { air: null }),
      sim('b', { used: () => ['tg'] }),
      sim('c', { used: () => ['tg'] }),
      german,
    ];
    expect(chosen(wish({ select: { countryIso: 'US' } }), ...sims)).toBe(
      'no SIM in country US is free for service tg: of 3, 2 used for it before, 1 in no modem',
    );
  });
});

describe('of several', () => {
  it('the least recently used serves, the stronger signal where none was', () => {
    const weak = sim('a', { air: { ...AIR, signalDbm: -100 } });
    const silent = sim('b', { air: { ...AIR, signalDbm: null } });
    expect(chosen(wish(), silent, weak, sim('c'))).toBe('c');
    expect(chosen(wish(), silent, weak)).toBe('a');
    const old = sim('d', { lastUsedAt: '2026-11-21T08:00:00.000Z', air: { ...AIR, signalDbm: -110 } });
    const late = sim('e', { lastUsedAt: '2026-11-21T08:00:00.001Z' });
    expect(chosen(wish(), old, late)).toBe('d');
    expect(chosen(wish(), silent, old, late)).toBe('b');
    expect(chosen(wish(), { ...silent, held: 'retired' }, { ...old, air: null }, late)).toBe('e');
  });

  it('the same one serves, in whatever order those come that were used at the same time', () => {
    const candidates = fc.uniqueArray(
      fc.record({
        iccid: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        lastUsedAt: fc.constantFrom(null, '2026-11-21T08:00:00.000Z', '2026-11-21T09:00:00.000Z'),
        signalDbm: fc.constantFrom(null, -100, -80),
        ready: fc.boolean(),
      }),
      { selector: ({ iccid }) => iccid },
    );
    fc.assert(
      fc.property(candidates, (specs) => {
        const sims = specs.map(({ iccid, lastUsedAt, ...air }) =>
          sim(iccid, { lastUsedAt, air: { ...AIR, ...air } }),
        );
        const used = ({ lastUsedAt }: Candidate): number => Date.parse(lastUsedAt ?? '1970-01-01');
        const inOrder = (all: Candidate[]) => all.toSorted((a, b) => used(a) - used(b));
        expect(chosen(wish(), ...inOrder(sims))).toBe(chosen(wish(), ...inOrder(sims.toReversed())));
      }),
    );
  });
});
