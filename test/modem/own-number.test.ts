import { expect, it, onTestFinished } from 'vitest';
import { Connection } from '../../src/modem/connection.ts';
import { ownNumber } from '../../src/modem/own-number.ts';
import { bankOf, modemOf } from '../emulator/terminal.ts';

/** A modem whose card holds a number, and how it is asked; which of the two commands it refuses. */
async function asked(persona: string, written: string | null, refuses: '+CNUM' | '+CRSM' | null) {
  const modem = modemOf(await bankOf({ persona }));
  modem.sim!.ownNumber = written;
  modem.faults.onCommand = (line) => (refuses !== null && line.includes(refuses) ? 'ERROR' : undefined);
  const connection = new Connection({ urc: () => {}, outOfStep: () => {}, lost: () => {} });
  await connection.open(modem.path, 115_200);
  onTestFinished(() => connection.detach().close());
  return connection.channel!.use(ownNumber);
}

it.each([
  ['generic', '+CRSM'],
  ['generic', '+CNUM'],
  ['quectel-ec25', '+CNUM'],
  // It has no +CNUM, and its file is described as that of a SIM, not of a UICC.
  ['wavecom-q24', null],
] as const)('%s tells what is on its card, where it lacks %s', async (persona, refuses) => {
  expect(await asked(persona, '+4915112345678', refuses)).toEqual({
    digits: '4915112345678',
    international: true,
  });
  expect(await asked(persona, '015112345678', refuses)).toEqual({
    digits: '015112345678',
    international: false,
  });
});

it.each(['generic', 'wavecom-q24'])('%s tells nothing where nothing is written', async (persona) => {
  expect(await asked(persona, null, null)).toBeNull();
});
