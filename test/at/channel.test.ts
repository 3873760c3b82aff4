import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SimbankError } from '../../src/errors.ts';
import { code, settle, wire } from './wire.ts';

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const line = () => wire(pass);

describe('a channel', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('gets in step by a marker before the first command', async () => {
    const { channel, written, say } = line();
    const answer = channel.command('AT+CGMM');
    await settle();
    expect(written).toEqual(['AT+CMEE?\r']);
    // Whatever was on its way from before counts for nothing.
    say('OK\r\nERROR\r\nEC25\r\n+CMEE: 1\r\n\r\nOK\r\n');
    await pass(300);
    expect(written).toEqual(['AT+CMEE?\r', 'AT+CGMM\r']);
    say('\r\nEC25\r\n\r\nOK\r\n');
    expect(await answer).toEqual(['EC25']);
  });

  it('drops the echo by its text', async () => {
    const { channel, say, inStep } = line();
    await inStep();
    const answer = channel.command('AT+CGMM');
    await settle();
    say('AT+CGMM\r\r\nEC25\r\n\r\nOK\r\n');
    expect(await answer).toEqual(['EC25']);
  });

  it('gives a URC to its owner wherever it comes, with its body', async () => {
    const { channel, say, inStep, urcs } = line();
    await inStep();
    const answer = channel.command('AT+CMGL=4');
    await settle();
    say('\r\n+CMGL: 1,0,,24\r\n\r\n+CMTI: "SM",3\r\n0791\r\n+CMT: ,24\r\nABCD\r\n\r\nOK\r\n');
    expect(await answer).toEqual(['+CMGL: 1,0,,24', '0791']);
    expect(urcs).toEqual([
      { kind: 'message-stored', rest: '"SM",3', body: [] },
      { kind: 'message-direct', rest: ',24', body: ['ABCD'] },
    ]);
  });

  it('tells the read form of a name from its URC by the number of fields', async () => {
    const { channel, say, inStep, urcs } = line();
    await inStep();
    const answer = channel.command('AT+CREG?');
    await settle();
    say('\r\n+CREG: 5\r\n\r\n+CREG: 1,5\r\n\r\nOK\r\n');
    expect(await answer).toEqual(['+CREG: 1,5']);
    expect(urcs).toEqual([{ kind: 'registration', rest: '5', body: [] }]);
  });

  it('names what the modem refused', async () => {
    const { channel, say, inStep } = line();
    await inStep();
    const answer = channel.command('AT+CPIN?').catch((error) => error);
    await settle();
    say('\r\n+CME ERROR: 10\r\n');
    expect(await answer).toMatchObject({
      code: 'at.cme',
      message: 'AT+CPIN?: +CME ERROR: 10 (SIM not inserted)',
    });
  });

  it('never credits a late answer to the next command', async () => {
    const { channel, written, say, inStep, problems } = line();
    await inStep();
    const late = channel.command('AT+COPS?', 1_000).catch(code);
    await settle();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await late).toBe('at.timeout');
    expect(problems).toHaveLength(1);

    const next = channel.command('AT+CSQ');
    await settle();
    expect(written.at(-1)).toBe('AT+CMEE?\r');
    say('\r\n+COPS: 0,0,"Late"\r\n\r\nOK\r\n');
    await settle();
    say('\r\n+CMEE: 1\r\n\r\nOK\r\n');
    await settle();
    expect(written.at(-1)).toBe('AT+CSQ\r');
    say('\r\n+CSQ: 20,99\r\n\r\nOK\r\n');
    expect(await next).toEqual(['+CSQ: 20,99']);
  });

  it('asks another marker when one stays unanswered, and gives up after three', async () => {
    const { channel, written } = line();
    const answer = channel.command('AT').catch(code);
    await settle();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(await answer).toBe('at.unresponsive');
    expect(written).toEqual(['AT+CMEE?\r', '\u001b', 'AT+CMGF?\r', '\u001b', 'AT+CSMS?\r']);
  });

  it('leaves the prompt before it asks anything else', async () => {
    const { channel, written, say, inStep } = line();
    await inStep();
    const sent = channel.use((at) => at.submit('AT+CMGS=10', 'ABCDEF', 1_000)).catch(code);
    await settle();
    say('\r\n> ');
    expect(written).toEqual(['AT+CMGS=10\r', 'ABCDEF\u001a']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await sent).toBe('at.timeout');
    void channel.command('AT').catch(code);
    await settle();
    expect(written.slice(2)).toEqual(['\u001b', 'AT+CMEE?\r']);
  });

  it('lets one job at a time speak, in the order they asked', async () => {
    const { channel, written, say, inStep } = line();
    await inStep();
    const first = channel.use(async (at) => {
      await at.command('AT+A');
      await at.command('AT+B');
    });
    const second = channel.command('AT+C');
    for (let i = 0; i < 3; i++) {
      await settle();
      say('\r\nOK\r\n');
    }
    await Promise.all([first, second]);
    expect(written).toEqual(['AT+A\r', 'AT+B\r', 'AT+C\r']);
  });

  it('ends the running command when the modem restarts', async () => {
    const { channel, inStep } = line();
    await inStep();
    const answer = channel.command('AT+CMGL=4').catch(code);
    await settle();
    channel.restarted();
    expect(await answer).toBe('at.restarted');
  });

  it('fails everything that waits when the port is gone', async () => {
    const { channel, inStep } = line();
    await inStep();
    const answers = ['AT+A', 'AT+B'].map((command) => channel.command(command).catch(code));
    await settle();
    channel.end(new SimbankError('port.lost', 'unplugged'));
    expect(await Promise.all(answers)).toEqual(['port.lost', 'port.lost']);
  });
});
