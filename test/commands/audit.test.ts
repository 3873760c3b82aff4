import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/commands/audit.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { Desk, iccidOf, START } from '../bank/assigning/desk.ts';
import { temporaryDir } from '../temporary.ts';

/** A gateway's data directory with a story in it, and the program that tells it. */
function story() {
  const dir = temporaryDir();
  const dataDir = join(dir, 'gateway');
  mkdirSync(dataDir);
  const config = join(dir, 'simbankd.yaml');
  writeFileSync(config, JSON.stringify({ gateway: { dataDir } }));
  const desk = new Desk(dataDir, 2, { services: ['bank'], senders: [] });
  const main = join(import.meta.dirname, '../../src/main.ts');
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [main, 'audit', '--config', config, ...args], { encoding: 'utf8' });
  const json = (...args: string[]): AuditRecord[] => JSON.parse(run('--json', ...args));
  return { desk, run, json };
}

describe('simbankd audit', () => {
  it('tells of each activation who opened it and how it ended, while the gateway runs', () => {
    const { desk, run, json } = story();
    expect(run()).toBe('nothing was opened\n');
    expect(json()).toEqual([]);
    const command = ulid(START);
    const done = desk.open({ command, select: { iccid: iccidOf(0) } });
    const sms = desk.message(0, { text: 'Your code is 654321' });
    desk.pass(1);
    desk.rearm(done.ids[0]!, 60);
    desk.close(done.ids[0]!, 'completed');
    desk.pass(3_600);
    const lost = desk.open({ services: [null], select: { iccid: iccidOf(1) }, ttlSeconds: 7_200 });
    desk.pass(130);
    desk.end({ absentSinceMs: START, sweptFromMs: null });
    desk.open({ services: ['bank'] });
    const open = desk.open({ services: ['go'] });

    const all = json();
    expect(all.map(({ activationId, end }) => [activationId, end])).toEqual([
      [done.ids[0], 'completed'],
      [lost.ids[0], 'sim-lost'],
      [expect.any(String), 'refused'],
      [open.ids[0], null],
    ]);
    expect(all[0]).toEqual({
      activationId: done.ids[0],
      iccid: iccidOf(0),
      number: '+1202•••0100',
      service: 'tg',
      mode: 'single',
      openedAt: '2026-11-21T08:00:00.000Z',
      openedBy: command,
      expiresAt: '2026-11-21T08:01:01.000Z',
      rearmedAt: ['2026-11-21T08:00:01.000Z'],
      matched: [{ messageId: sms?.messageId, at: '2026-11-21T08:00:00.000Z' }],
      endedAt: '2026-11-21T08:00:01.000Z',
      end: 'completed',
      endedBy: expect.any(String),
    });
    expect(json('--iccid', iccidOf(1)).map(({ iccid }) => iccid)).toEqual([iccidOf(1)]);
    expect(json('--since', '2026-11-21T09:00Z').map(({ end }) => end)).toEqual(['sim-lost', 'refused', null]);
    const table = run();
    expect(table.split('\n')[1]).toMatch(/completed +8999000000000000000 +\+1202•••0100 +tg/);
    expect(table + JSON.stringify(all)).not.toMatch(/654321|2025550100/);
    desk.db.close();
  });
});
