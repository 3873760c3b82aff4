import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { Watch } from '../../../src/bank/discovery/watch.ts';
import { createLog } from '../../../src/log.ts';
import { eventually } from '../../rig.ts';
import { temporaryDir } from '../../temporary.ts';

/** Without the tick under it: what is told was seen. */
const NEVER_MS = 3_600_000;

function watched(options: { netMs?: number } = {}) {
  const folder = temporaryDir();
  const told = { times: 0 };
  const watch = new Watch({
    log: createLog('silent'),
    changed: () => {
      told.times += 1;
    },
    ignored: (_folder, name) => name.startsWith('loop'),
    netMs: options.netMs ?? NEVER_MS,
  });
  onTestFinished(() => watch.stop());
  watch.over([folder, join(folder, 'serial')]);
  return { folder, told, watch };
}

it('tells of what comes and what goes', async () => {
  const { folder, told } = watched();
  symlinkSync('/dev/null', join(folder, 'ttyUSB0'));
  await eventually(() => told.times === 1);
  rmSync(join(folder, 'ttyUSB0'));
  await eventually(() => told.times === 2);
});

it('tells of a burst once or twice, not for each of it', async () => {
  const { folder, told } = watched();
  for (let i = 0; i < 500; i++) writeFileSync(join(folder, `ttyUSB${i}`), '');
  await eventually(() => told.times > 0);
  await sleep(1_500);
  expect(told.times).toBeLessThan(5);
});

it('is silent about what does not matter', async () => {
  const { folder, told } = watched();
  for (let i = 0; i < 5; i++) writeFileSync(join(folder, `loop${i}`), '');
  await sleep(1_000);
  expect(told.times).toBe(0);
});

it('follows a folder that goes and comes back, when it is asked to look again', async () => {
  const { folder, told, watch } = watched();
  const serial = join(folder, 'serial');
  for (let round = 1; round <= 3; round++) {
    mkdirSync(serial);
    await eventually(() => told.times > 0);
    watch.over([folder, serial]);
    told.times = 0;
    writeFileSync(join(serial, 'by-path'), '');
    await eventually(() => told.times > 0);
    rmSync(serial, { recursive: true });
    await sleep(500);
    told.times = 0;
  }
});

it('asks for a look from time to time, whatever it has seen', async () => {
  const { told } = watched({ netMs: 50 });
  await eventually(() => told.times >= 3);
});
