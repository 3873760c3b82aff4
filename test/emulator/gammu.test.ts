/** gammu is a client that knows nothing of this project: what it reads here, others read. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { EmulatedModem } from '../../src/emulator/bank.ts';
import { needs } from '../programs.ts';
import { bankOf, temporaryFolder } from './terminal.ts';

const run = promisify(execFile);

const SENDERS = ['+12025550143', 'Google', '22000', '+4915112345678', '+33612345678'];
const TEXTS = [
  'Your code is 123456 {[~^|€]}\\',
  'All work and no play makes Jack a dull boy. '.repeat(6).trim(),
  'Ключ: 4711 😀',
  '😀👍'.repeat(40),
  '@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
];

async function readWithGammu(modem: EmulatedModem, folder: string): Promise<void> {
  for (const [i, text] of TEXTS.entries()) {
    modem.deliverText({ from: SENDERS[i] ?? '', text, refBits: i === 3 ? 16 : 8 });
  }
  const config = join(folder, `gammurc-${modem.index}`);
  await writeFile(config, `[gammu]\ndevice = ${modem.path}\nconnection = at115200\n`);
  const gammu = async (command: string) =>
    (await run('gammu', ['-c', config, command], { env: { ...process.env, LC_ALL: 'C.UTF-8' } })).stdout;

  const identity = await gammu('identify');
  expect(identity).toMatch(new RegExp(`IMEI +: ${modem.imei}`));
  expect(identity).toMatch(new RegExp(`SIM IMSI +: ${modem.sim?.imsi}`));

  // The text of each part stands between an empty line and the next.
  const messages = await gammu('getallsms');
  const parts = [...messages.matchAll(/Remote number +: "(.*)"\n(?:.+\n)+\n([\s\S]*?)\n\n/g)];
  const ofSender = (sender: string) => parts.filter((part) => part[1] === sender).map((part) => part[2]);
  expect(SENDERS.map((sender) => ofSender(sender).join(''))).toEqual(TEXTS);
  expect(parts).toHaveLength(modem.counters().delivered);
}

describe.skipIf(!needs('gammu'))('gammu', () => {
  test('identifies both personas and reads their messages', async () => {
    // At once, because gammu sleeps for most of its seven seconds.
    const bank = await bankOf({ modems: 2, persona: 'generic,quectel-ec25' });
    const folder = await temporaryFolder();
    await Promise.all(bank.modems.map((modem) => readWithGammu(modem, folder)));
  });
});
