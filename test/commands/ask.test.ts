import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needs } from '../programs.ts';
import { rented } from '../scenarios/rented.ts';
import { temporaryDir } from '../temporary.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** Runs simbankd beside the gateway of this test. */
function simbankd(args: readonly string[], input = '', env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  child.stdin.end(input);
  return new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (status) => resolve({ status, stdout, stderr })),
  );
}

describe.skipIf(!needs('mosquitto'))('one action on a running gateway', () => {
  it('sends, asks and speaks AT', async () => {
    const { file, modems } = await rented({ gateway: { allowAt: true } });
    const { iccid, msisdn } = modems[0]!.sim!;
    const sent = await simbankd([
      'sms',
      'send',
      '--config',
      file,
      '--iccid',
      iccid,
      '--to',
      '+12025550199',
      '--report',
      'Hello',
      'you',
    ]);
    expect(sent).toEqual({ status: 0, stdout: 'delivered\n', stderr: '' });
    expect(modems[0]!.sent[0]).toMatchObject({ text: 'Hello you', to: '+12025550199' });

    const piped = await simbankd(
      ['sms', 'send', '--config', file, '--iccid', iccid, '--to', '+12025550199', '--json'],
      'from a pipe\n',
    );
    expect(JSON.parse(piped.stdout)).toMatchObject({ status: 'sent', parts: 1, iccid });
    expect(modems[0]!.sent[1]!.text).toBe('from a pipe');

    const asked = await simbankd(['ussd', '--config', file, iccid, '*101#']);
    expect(asked.stdout).toContain(msisdn);
    const said = await simbankd(['at', '--config', file, 'modem-000', 'AT+CGMM', '--json']);
    expect(JSON.parse(said.stdout)).toEqual({
      lines: [modems[0]!.persona === 'generic' ? expect.any(String) : ''],
    });
  });

  it('says in one sentence why not, with status 1', async () => {
    const { file } = await rented();
    const absent = await simbankd(['ussd', '--config', file, '8999000000000000999', '*100#']);
    expect(absent).toEqual({
      status: 1,
      stdout: '',
      stderr: 'the SIM 8999000000000000999 is in no slot of this gateway\n',
    });
    const refused = await simbankd(['at', '--config', file, 'modem-000', 'AT']);
    expect(refused.stderr).toBe('raw AT commands are off: set gateway.allowAt to allow them\n');
    const nowhere = await simbankd(['at', 'modem-000', 'AT'], '', { XDG_STATE_HOME: temporaryDir() });
    expect(nowhere.stderr).toMatch(
      /^no "simbankd up" is running here \(.*up.json is not there\): name .* --config\n$/,
    );
    expect((await simbankd(['sms', 'send', '--config', file])).status).toBe(2);
  });

  it('says at once that a gateway is not known, or away, or that there is no broker', async () => {
    const { file, bank, mosquitto } = await rented();
    const ask = (...args: string[]) => simbankd(['at', '--config', file, ...args, 'modem-000', 'AT']);
    expect((await ask('--gateway', 'nope')).stderr).toMatch(
      /^no gateway nope is known at mqtt:\S+ \(below simbank\/\): known are host-a\. /,
    );
    await bank.stop();
    expect((await ask()).stderr).toMatch(/^the gateway host-a is not connected to mqtt:\S+: start it/);
    await mosquitto.remove();
    expect((await ask()).stderr).toMatch(/^no broker answers at mqtt:\S+ \(.*ECONNREFUSED.*\): start it, or/);
  });
});
