import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MODEM_VENDORS } from '../../src/bank/discovery/known.ts';

const rules = readFileSync(join(import.meta.dirname, '../../systemd/70-simbankd.rules'), 'utf8');

it('the udev rules keep ModemManager from every vendor that discovery takes for one of modems, and from no other', () => {
  const vendors = [...rules.matchAll(/^ATTR\{idVendor\}=="([0-9a-f]{4})", GOTO="simbankd_modem"$/gm)];
  expect(vendors.map((match) => match[1]).sort()).toEqual(Object.keys(MODEM_VENDORS).sort());
});

it('what the rules jump to ignores the device and keeps it awake', () => {
  const [, modem = ''] = rules.split('LABEL="simbankd_modem"');
  expect(modem).toContain('\nENV{ID_MM_DEVICE_IGNORE}="1"\n');
  expect(modem).toContain('\nTEST=="power/control", ATTR{power/control}="on"\n');
});
