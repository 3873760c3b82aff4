import { expect, it, onTestFinished } from 'vitest';
import { loadDrivers } from '../../src/commands/drivers.ts';
import { Connection } from '../../src/modem/connection.ts';
import { configure } from '../../src/modem/settings.ts';
import { bankOf, modemOf } from '../emulator/terminal.ts';

it.each([
  // It lists SM_P and ME_P as well, which are SM and ME.
  ['simcom-sim800', ['SM', 'ME']],
  ['quectel-ec25', ['ME', 'SM', 'SR']],
  ['wavecom-q24', ['SM', 'SR']],
])('%s has each store to be read once', async (persona, stores) => {
  const bank = await bankOf({ persona });
  const driver = (await loadDrivers()).find(({ name }) => name === persona)!;
  const connection = new Connection({ urc: () => {}, outOfStep: () => {}, lost: () => {} });
  await connection.open(modemOf(bank).path, 115_200);
  onTestFinished(() => connection.detach().close());
  const settings = await connection.channel!.use((at) => configure(at, driver));
  expect(settings.stores).toEqual(stores);
});
