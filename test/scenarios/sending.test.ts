import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/protocol/events.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import type { Operator } from '../operator.ts';
import { needs } from '../programs.ts';
import { eventually } from '../rig.ts';
import { rented } from './rented.ts';

const told = (operator: Operator, type: string): Event[] =>
  operator.events.filter((event) => event.type === type);
const iccidOf = (modem: { sim: { iccid: string } | null }): string => modem.sim!.iccid;

describe.skipIf(!needs('mosquitto'))('a message that is sent', () => {
  it('goes from the SIM that is named, and its report is told', async () => {
    const { modems, operator } = await rented({ modems: 2 });
    const id = ulid(Date.now());
    const args = { iccid: iccidOf(modems[1]!), to: '+12025550199', text: 'Hello', report: true };
    expect(await operator.command('sms.send', args, { id })).toMatchObject({
      ok: true,
      result: { accepted: true },
    });
    await operator.until(() => told(operator, 'sms.report').length === 1);
    expect(modems[1]!.sent).toMatchObject([{ to: '+12025550199', text: 'Hello', report: true }]);
    expect(modems[0]!.sent).toHaveLength(0);
    expect(told(operator, 'sms.sent')[0]!.data).toMatchObject({
      commandId: id,
      iccid: iccidOf(modems[1]!),
      parts: 1,
      references: [modems[1]!.sent[0]!.reference],
      status: 'sent',
    });
    expect(told(operator, 'sms.report')[0]!.data).toMatchObject({ commandId: id, status: 'delivered' });
    // The same command again is the same answer and no second message.
    expect(await operator.command('sms.send', args, { id })).toMatchObject({ ok: true });
    expect(modems[1]!.sent).toHaveLength(1);
    // A report is no message of anybody's.
    expect(told(operator, 'sms.received')).toHaveLength(0);
  });

  it('that is long goes in parts, cut between characters, to another SIM of this bank that joins them', async () => {
    const { modems, operator } = await rented({ modems: 2 });
    const text = `${'€'.repeat(90)}[[]]${'x'.repeat(70)} the end`;
    const to = modems[1]!.sim!.msisdn!;
    await operator.command('sms.send', { iccid: iccidOf(modems[0]!), to, text });
    await operator.until(() => operator.message(text) !== undefined);
    expect(operator.message(text)!.data).toMatchObject({
      from: modems[0]!.sim!.msisdn,
      iccid: iccidOf(modems[1]!),
    });
    expect(told(operator, 'sms.sent')[0]!.data.parts).toBeGreaterThan(1);
    const emoji = `${'😀'.repeat(60)} end`;
    await operator.command('sms.send', { iccid: iccidOf(modems[0]!), to, text: emoji });
    await operator.until(() => operator.message(emoji) !== undefined);
  });

  it('may go from the SIM of an activation, and from no other', async () => {
    const { modems, operator } = await rented();
    const { id: activationId } = await operator.open();
    await operator.command('sms.send', {
      activationId,
      to: '+12025550199',
      text: 'from a number that is rented',
    });
    await operator.until(() => modems[0]!.sent.length === 1);
    const unknown = { activationId: ulid(Date.now()), to: '+12025550199', text: 'x' };
    expect(await operator.command('sms.send', unknown)).toMatchObject({
      ok: false,
      error: { code: 'send.no_activation' },
    });
  });

  it('is refused when the SIM has sent what it may, and says when it may again', async () => {
    const { modems, operator } = await rented({
      gateway: { sendLimits: { perSimPerHour: 2, perSimPerDay: 50 } },
    });
    const send = () =>
      operator.command('sms.send', { iccid: iccidOf(modems[0]!), to: '+12025550199', text: 'x' });
    expect([(await send()).ok, (await send()).ok]).toEqual([true, true]);
    expect(await send()).toMatchObject({
      ok: false,
      error: {
        code: 'send.limit',
        message: expect.stringMatching(/may send 2 \(gateway.sendLimits.perSimPerHour\); the next may go at/),
      },
    });
  });

  it('that the network refuses is told with the reason, and not sent again', async () => {
    const { modems, operator } = await rented();
    modems[0]!.faults.sending = { error: 21, times: 5 };
    await operator.command('sms.send', { iccid: iccidOf(modems[0]!), to: '+12025550199', text: 'x' });
    await operator.until(() => told(operator, 'sms.failed').length === 1);
    expect(told(operator, 'sms.failed')[0]!.data.status).toMatch(/CMS ERROR: 21 \(the network rejected/);
    expect(modems[0]!.sent).toHaveLength(0);
  });

  it('whose answer is lost is in doubt, and never sent again by itself', async () => {
    const { modems, operator } = await rented({ persona: 'quectel-ec25' });
    modems[0]!.faults.sending = 'lost';
    await operator.command('sms.send', { iccid: iccidOf(modems[0]!), to: '+12025550199', text: 'x' });
    await operator.until(() => told(operator, 'sms.failed').length === 1);
    expect(told(operator, 'sms.failed')[0]!.data.status).toMatch(/^in doubt: .* not sent again by itself/);
    modems[0]!.faults.sending = null;
    await operator.until(() => operator.slots.get('modem-000')?.phase === 'ready');
    expect(modems[0]!.sent).toHaveLength(1);
  });

  it('that went is told of as sent when the disk takes nothing for a moment, and is sent once', async () => {
    const { dir, modems, operator } = await rented();
    const db = new Database(`${dir}/gateway/gateway.db`);
    db.exec(`CREATE TRIGGER full BEFORE UPDATE ON outgoing_part WHEN new.state = 'sent' BEGIN
      SELECT raise(ABORT, 'database or disk is full'); END`);
    await operator.command('sms.send', { iccid: iccidOf(modems[0]!), to: '+12025550199', text: 'x' });
    await eventually(() => modems[0]!.sent.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    db.exec('DROP TRIGGER full');
    db.close();
    await operator.until(() => told(operator, 'sms.sent').length === 1);
    expect(modems[0]!.sent).toHaveLength(1);
    expect(told(operator, 'sms.failed')).toHaveLength(0);
  });

  it('goes from no other SIM that took its place without a word', async () => {
    const { modems, operator } = await rented();
    const iccid = iccidOf(modems[0]!);
    let asked = 0;
    modems[0]!.faults.onCommand = (line) => {
      if (line !== 'AT+CCID') return undefined;
      asked += 1;
      return '\r\n+CCID: 8999000000000000997\r\n\r\nOK\r\n';
    };
    await operator.command('sms.send', { iccid, to: '+12025550199', text: 'x' });
    await operator.until(() => told(operator, 'sim.changed').length === 1);
    expect(modems[0]!.sent).toHaveLength(0);
    expect(asked).toBeLessThan(10);
  });

  it('that was going out when the gateway died is in doubt after the restart', async () => {
    const { modems, bank, operator, start } = await rented();
    modems[0]!.faults.sending = 'hang';
    await operator.command('sms.send', { iccid: iccidOf(modems[0]!), to: '+12025550199', text: 'x' });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await bank.stop();
    modems[0]!.faults.clear();
    await modems[0]!.reboot();
    await start();
    await operator.until(() => told(operator, 'sms.failed').length === 1);
    expect(told(operator, 'sms.failed')[0]!.data.status).toMatch(/^in doubt/);
    expect(modems[0]!.sent).toHaveLength(0);
  });

  it('leaves no text behind on disk once it is out', async () => {
    const { dir, modems, operator, bank } = await rented();
    const text = 'The cow jumps over the moon';
    await operator.command('sms.send', { iccid: iccidOf(modems[0]!), to: '+12025550199', text });
    await operator.until(() => told(operator, 'sms.sent').length === 1);
    const tpdu = modems[0]!.sent[0]!.tpdu!;
    await bank.stop();
    expect(readFileSync(`${dir}/gateway/gateway.db`).includes(tpdu)).toBe(false);
  });
});

describe.skipIf(!needs('mosquitto'))('USSD', () => {
  it.each(['generic', 'quectel-ec25', 'simcom-sim7x00', 'huawei-stick'])(
    'is asked and answered on %s',
    async (persona) => {
      const { modems, operator } = await rented({ persona });
      const reply = await operator.command('ussd.run', { iccid: iccidOf(modems[0]!), code: '*101#' });
      expect(reply).toMatchObject({ ok: true, result: { status: 'done' } });
      expect(String(reply.ok && reply.result.text)).toContain(modems[0]!.sim!.msisdn!);
    },
  );

  it('says so when the SIM is not here', async () => {
    const { operator } = await rented();
    expect(await operator.command('ussd.run', { iccid: '8999000000000000999', code: '*100#' })).toMatchObject(
      {
        ok: false,
        error: { code: 'sim.absent' },
      },
    );
  });
});

describe.skipIf(!needs('mosquitto'))('a call', () => {
  it('is ended once its number is known, never answered, and told once', async () => {
    const { modems, operator } = await rented();
    const { id } = await operator.open();
    const call = modems[0]!.ring('+442071838750');
    await operator.until(() => told(operator, 'call.received').length === 1);
    await operator.until(() => call.ended !== null);
    expect(call.answered).toBe(false);
    expect(told(operator, 'call.received')[0]!.data).toMatchObject({
      iccid: iccidOf(modems[0]!),
      msisdn: modems[0]!.sim!.msisdn,
      from: '+442071838750',
      activations: [id],
    });
    // Messages are read all the same.
    modems[0]!.deliverText({ from: 'Telegram', text: 'after the call' });
    await operator.until(() => operator.message('after the call') !== undefined);
    expect(told(operator, 'call.received')).toHaveLength(1);
  });
});

describe.skipIf(!needs('mosquitto'))('a raw command', () => {
  it('is off by default, and never changes an identity', async () => {
    const { operator } = await rented();
    expect(await operator.command('at.run', { slot: 'modem-000', command: 'AT+CSQ' })).toMatchObject({
      ok: false,
      error: { code: 'at.not_allowed' },
    });
    const allowed = await rented({ gateway: { allowAt: true } });
    expect(await allowed.operator.command('at.run', { slot: 'modem-000', command: 'AT+CSQ' })).toMatchObject({
      ok: true,
      result: { lines: [expect.stringMatching(/^\+CSQ: /)] },
    });
    for (const command of ['AT+EGMR=1,7,"1"', 'AT+CSQ;+EGMR=1,7,"1"', 'AT +EGMR = 1,7,"1"'])
      expect(await allowed.operator.command('at.run', { slot: 'modem-000', command })).toMatchObject({
        ok: false,
        error: { code: 'at.forbidden' },
      });
  });
});
