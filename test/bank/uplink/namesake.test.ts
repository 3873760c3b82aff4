import { describe, expect, it } from 'vitest';
import { rivalOf } from '../../../src/bank/uplink/namesake.ts';
import type { GatewayStatus } from '../../../src/protocol/state.ts';

const self = { instance: 'B', session: 'S2', startedAt: '2026-11-21T08:00:00.000Z' };
const heard = (more: Partial<GatewayStatus>): GatewayStatus => ({
  v: 1,
  gateway: 'host-a',
  state: 'online',
  version: '0',
  instance: 'A',
  session: 'S9',
  epoch: 'E',
  lastSeq: 0,
  time: self.startedAt,
  startedAt: self.startedAt,
  ...more,
});

describe('a status on our own topic', () => {
  it.each([
    ['our own online', { instance: 'B', session: 'S2' }, false, 'ignore'],
    [
      'the will of our older connection',
      { instance: 'B', session: 'S1', state: 'offline' },
      false,
      'overwrite',
    ],
    ['a retained online of another', {}, true, 'overwrite'],
    ['the end of another', { state: 'offline' }, false, 'overwrite'],
    ['a live one that started before us', { startedAt: '2026-11-21T07:00:00.000Z' }, false, 'rival-stays'],
    ['a live one that started after us', { startedAt: '2026-11-21T09:00:00.000Z' }, false, 'rival-yields'],
    ['a live one of the same moment with a lesser instance', {}, false, 'rival-stays'],
    ['a live one of the same moment with a greater instance', { instance: 'C' }, false, 'rival-yields'],
  ] as const)('%s', (_what, status, retained, verdict) => {
    expect(rivalOf(self, heard(status), retained)).toBe(verdict);
  });
});
