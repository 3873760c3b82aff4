import { spawn } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { startBank } from '../../src/emulator/bank.ts';
import { luhnDigit } from '../../src/emulator/identity.ts';
import { bankOf, modemOf, openTerminal, Terminal, temporaryFolder } from './terminal.ts';

test('identities are stable, valid and of test ranges', async () => {
  const [first, second, other] = [
    await bankOf({ modems: 3, persona: 'generic' }),
    await bankOf({ modems: 3, persona: 'quectel-ec25' }),
    await bankOf({ modems: 3, seed: 'other' }),
  ];
  const identities = (bank: typeof first) =>
    bank.modems.map(({ imei, sim }) => [imei, sim?.iccid, sim?.imsi, sim?.msisdn]);
  expect(identities(first)).toEqual(identities(second));
  expect(new Set([...identities(first), ...identities(other)].flat()).size).toBe(24);
  for (const { imei, sim } of first.modems) {
    expect(sim?.iccid).toMatch(/^8999\d{15}$/);
    expect(imei).toMatch(/^00\d{13}$/);
    for (const digits of [imei, sim?.iccid ?? '']) expect(luhnDigit(digits.slice(0, -1))).toBe(digits.at(-1));
    expect(sim?.imsi).toMatch(/^00101\d{10}$/);
    expect(sim?.msisdn).toMatch(/^\+1\d{3}55501\d\d$/);
  }
});

test('an unplug hangs up and takes the path away; a replug brings the same path back, again and again', async () => {
  const bank = await bankOf();
  const modem = modemOf(bank);
  for (let round = 0; round < 5; round += 1) {
    const terminal = new Terminal(modem.path);
    expect(await terminal.command('AT')).toContain('OK');
    terminal.send('AT+CS');
    await modem.unplug();
    await terminal.closed;
    expect(existsSync(modem.path)).toBe(false);
    await expect(modem.reboot()).rejects.toThrow('unplugged');
    await modem.replug();
    expect(readlinkSync(modem.path)).toMatch(/^\/dev\/pts\/\d+$/);
  }
});

test('survives clients that come and go, two at once, and one in the middle of a prompt', async () => {
  const bank = await bankOf();
  const terminal = openTerminal(bank);
  await terminal.command('ATE0');
  terminal.send('AT+CMGS=20\r');
  await terminal.until(/> $/);
  await terminal.close();
  const [next, also] = [openTerminal(bank), openTerminal(bank)];
  next.send('\x1b');
  await Promise.race([next.until(/OK/), also.until(/OK/)]).catch(() => {});
  await also.close();
  expect(await next.command('AT')).toContain('OK');
});

test('64 modems work at once', async () => {
  const bank = await bankOf({ modems: 64, persona: 'generic,quectel-ec25' });
  const start = Date.now();
  await Promise.all(
    bank.modems.map(async (modem, index) => {
      const terminal = openTerminal(bank, index);
      await terminal.commands('ATE0', 'AT+CPMS="SM","SM","SM"', 'AT+CNMI=2,1,0,0,0');
      for (let i = 0; i < 10; i += 1) {
        modem.deliverText({ from: '+12025550143', text: `modem ${index}, message ${i}` });
        const [, slot] = /CMTI: "SM",(\d+)/.exec(await terminal.until(/CMTI.*\r\n/)) ?? [];
        expect(await terminal.command(`AT+CMGR=${slot}`)).toContain('+CMGR: 0,,');
        await terminal.command(`AT+CMGD=${slot}`);
      }
      expect(modem.counters()).toMatchObject({ delivered: 10, stored: 10, read: 10, deleted: 10 });
    }),
  );
  expect(Date.now() - start).toBeLessThan(5000);
});

test('the control socket does what the API does, and says what is wrong', async () => {
  const folder = await temporaryFolder();
  const control = join(folder, 'control');
  const bank = await bankOf({ modems: 2, control });
  const socket = connect(control);
  onTestFinished(() => void socket.destroy());
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  const ask = async (request: unknown) => {
    socket.write(`${typeof request === 'string' ? request : JSON.stringify(request)}\n`);
    return JSON.parse((await answers.next()).value ?? 'null');
  };
  const modem = modemOf(bank, 1);

  const delivered = await ask({ id: 7, op: 'deliver', modem: 1, from: '22000', text: 'ж'.repeat(80) });
  expect(delivered).toMatchObject({ id: 7, ok: true });
  expect(delivered.result.tpdus).toEqual(modem.stored('SM').map(({ tpdu }) => tpdu));
  expect((await ask({ op: 'deliver-tpdu', modem: 1, tpdu: delivered.result.tpdus[0] })).ok).toBe(true);
  expect((await ask({ op: 'stored', modem: 1, store: 'SM' })).result).toHaveLength(3);
  expect((await ask({ op: 'counters', modem: 1 })).result).toEqual(modem.counters());
  expect((await ask({ op: 'log', modem: 1 })).result).toHaveLength(3);
  expect((await ask({ op: 'status' })).result).toMatchObject([
    { modem: 0, plugged: true, stored: { SM: 0 } },
    { modem: 1, imei: modem.imei, sim: { iccid: modem.sim?.iccid }, stored: { SM: 3, ME: 0 } },
  ]);
  expect((await ask({ op: 'fault', modem: 1, hang: true, answers: { AT: 'OK' } })).result).toMatchObject({
    hang: true,
  });
  expect(modem.faults.hang).toBe(true);
  expect((await ask({ op: 'fault', modem: 1, clear: true })).result).toMatchObject({
    hang: false,
    answers: {},
  });
  const { result: meanings } = await ask({ op: 'faults' });
  for (const meaning of Object.values(meanings)) expect(meaning).toMatch(/\w/);
  const shown = (await ask({ op: 'fault', modem: 1, cmsError: { code: 500 }, splitBytes: 3 })).result;
  expect(shown).toMatchObject({ cmsError: { code: 500 }, splitBytes: 3, hang: false });
  expect(Object.keys(shown).sort()).toEqual(Object.keys(meanings).sort());
  expect(modem.faults.splitBytes).toBe(3);
  await ask({ op: 'fault', modem: 1, clear: true });
  expect(modem.faults.cmsError).toBeNull();
  await ask({ op: 'ring', modem: 1, from: '22000' });
  await ask({ op: 'end-call', modem: 1 });
  expect((await ask({ op: 'calls', modem: 1 })).result).toMatchObject([{ from: '22000', ended: 'given up' }]);
  expect((await ask({ op: 'urc-tty', modem: 1 })).result).toEqual({ path: `${modem.path}-urc` });
  await ask({ op: 'remove-sim', modem: 1 });
  expect(modem.sim).toBeNull();
  await ask({ op: 'insert-sim', modem: 1 });
  await ask({ op: 'unplug', modem: 1 });
  expect(modem.plugged).toBe(false);
  await ask({ op: 'replug', modem: 1 });
  expect(modem.plugged).toBe(true);

  for (const [request, error] of [
    ['{nonsense', 'JSON'],
    [{ op: 'deliver', modem: 5 }, '"modem" is a number from 0 to 1'],
    [{ op: 'deliver', modem: 1, from: '1' }, '"text" is a string'],
    [{ op: 'dance', modem: 1 }, 'there are: status, deliver'],
    [{ op: 'deliver-tpdu', modem: 1, tpdu: 'xyz' }, 'hex'],
    [{ op: 'fault', modem: 1, hangs: true }, 'hangs'],
    [{ op: 'fault', modem: 1, hangOn: { command: '+CMGL', curedBy: 'prayer' } }, 'curedBy'],
  ] as const) {
    const answer = await ask(request);
    expect(answer.ok).toBe(false);
    expect(answer.error).toContain(error);
  }
});

test('refuses what cannot work in one clear sentence, and leaves nothing behind', async () => {
  const folder = await temporaryFolder();
  const dir = join(folder, 'bank');
  const control = join(folder, 'control');
  await expect(startBank({ modems: 1, dir, persona: 'nokia' })).rejects.toThrow(
    /there is no persona "nokia"; there are: quectel-ec25, .*wavecom-q24, .*generic, and "all"/,
  );
  await expect(startBank({ modems: 0, dir })).rejects.toThrow('1 to');
  writeFileSync(join(folder, 'file'), '');
  await expect(startBank({ modems: 1, dir: join(folder, 'file') })).rejects.toThrow('EEXIST');
  await expect(startBank({ modems: 1, dir: '/proc/bank' })).rejects.toThrow(
    'the ttys cannot be made in /proc/bank',
  );
  await expect(startBank({ modems: 1, dir, control: join(folder, 'file') })).rejects.toThrow('no socket');
  const bank = await startBank({ modems: 1, dir, control });
  await expect(startBank({ modems: 1, dir, control })).rejects.toThrow('in use');
  expect(lstatSync(modemOf(bank).path).isSymbolicLink()).toBe(true);
  await bank.close();
  expect(readdirSync(folder)).toEqual(['file']);
});

test('starts over what a killed emulator left, and touches nothing else', async () => {
  const dir = await temporaryFolder();
  for (const name of ['modem-000', 'modem-005', 'modem-005-r2', 'modem-000-urc', 'modem-000-r1-urc']) {
    symlinkSync('/dev/pts/999999', join(dir, name));
  }
  writeFileSync(join(dir, 'modem-006'), '');
  const bank = await startBank({ modems: 1, dir });
  expect(readdirSync(dir).sort()).toEqual(['modem-000', 'modem-006']);
  const terminal = new Terminal(modemOf(bank).path);
  expect(await terminal.command('AT')).toContain('OK');
  await bank.close();
  expect(readdirSync(dir)).toEqual(['modem-006']);
  await expect(startBank({ modems: 7, dir })).rejects.toThrow('not a link');
  expect(readdirSync(dir)).toEqual(['modem-006']);
});

test('`emulate` runs until SIGTERM and cleans up', async () => {
  const dir = join(await temporaryFolder(), 'bank');
  const command = join(import.meta.dirname, '../../src/commands/emulate.ts');
  const script = `const { emulate } = await import(${JSON.stringify(command)});
    await emulate({ modems: 2, dir: ${JSON.stringify(dir)} });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe(`2 emulated modems: ${dir}/modem-000 to ${dir}/modem-001`);
  expect((await lines.next()).value).toBe(`control socket, JSON lines: ${dir}/control.sock`);
  expect(readdirSync(dir)).toEqual(['control.sock', 'modem-000', 'modem-001']);
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  expect(existsSync(dir)).toBe(false);
});
