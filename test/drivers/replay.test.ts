/** Each driver's dialogue, played on a tty against the emulated modem of the same name. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { loadModules } from '../../src/commands/drivers.ts';
import { personaNames } from '../../src/emulator/bank.ts';
import { bankOf, modemOf, openTerminal, type Terminal } from '../emulator/terminal.ts';
import { declared, masked, readDialogue } from './dialogue.ts';

const modules = await loadModules();
const cases = modules
  .map((module) => ({ name: module.default.name, ...module, driver: module.default }))
  .filter(({ name }) => personaNames.includes(name));

it('there is an emulated modem for every driver', () => {
  expect(modules.map((module) => module.default.name).filter((name) => !personaNames.includes(name))).toEqual(
    [],
  );
});

const linesOf = (received: string): string[] => received.split(/[\r\n]+/).filter((line) => line !== '');

/** What came until `last` was among the lines and nothing more came for a moment. */
async function answered(terminal: Terminal, last: string): Promise<string[]> {
  const deadline = Date.now() + 5_000;
  const complete = () => linesOf(terminal.received).some((line) => masked(line) === masked(last));
  while (!complete() && Date.now() < deadline) await sleep(5);
  for (let length = -1; length !== terminal.received.length; ) {
    length = terminal.received.length;
    await sleep(20);
  }
  return linesOf(terminal.take());
}

describe.each(cases)('$name', ({ name, driver, transcript }) => {
  const dialogue = readDialogue(transcript);
  const prefixes = driver.urcs.map(({ prefix }) => prefix);
  /** What it is, whatever values it tells. */
  const kindOf = (line: string): string => declared(prefixes, line) ?? `unknown: ${line}`;

  it('says what it says when it starts, and answers each command as in the dialogue', async () => {
    const bank = await bankOf({ persona: name });
    const terminal = openTerminal(bank);
    await modemOf(bank).reboot();
    const expected = dialogue.boot.map(kindOf);
    const heard: string[] = [];
    const deadline = Date.now() + 5_000;
    while (!expected.every((kind) => heard.includes(kind)) && Date.now() < deadline) {
      await sleep(20);
      heard.push(...linesOf(terminal.take()).map(kindOf));
    }
    expect(heard).toEqual(expect.arrayContaining(expected));
    terminal.take();

    for (const { command, answer } of dialogue.exchanges) {
      terminal.send(`${command}\r`);
      const expected = answer.map(masked);
      const lines = (await answered(terminal, answer.at(-1)!)).filter((line) => line !== command).map(masked);
      // What it said meanwhile by itself is no part of the answer.
      const own = lines.filter((line) => expected.includes(line) || declared(prefixes, line) === undefined);
      expect({ command, answer: own }).toEqual({ command, answer: expected });
    }
  });
});
