/** What modems in the field do otherwise, one by one. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SimbankError } from '../../src/errors.ts';
import { code, settle, wire } from './wire.ts';

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function ready(...options: Parameters<typeof wire> extends [unknown, ...infer R] ? R : never) {
  const made = wire(pass, ...options);
  await made.inStep();
  return made;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('an echo', () => {
  it.each([
    ['of Quectel', 'AT+CMGR=4\r\r\n'],
    ['of Luat', 'AT+CMGR=4\r\n\r\n'],
    ['with lost characters', 'AT+CMR4\r\r\n'],
    ['without its beginning', 'CMGR=4\r\r\n'],
    ['behind noise', '\u0000\u00ffAT+CMGR=4\r\r\n'],
    ['with a URC in the middle', 'AT+CM\r\n+CMTI: "SM",3\r\nGR=4\r\r\n'],
    ['that is switched off', ''],
  ])('%s is no part of the answer', async (_, echo) => {
    const { ask } = await ready();
    expect(await ask('AT+CMGR=4', `${echo}\r\n+CMGR: 1,,24\r\n07AB\r\n\r\nOK\r\n`)).toEqual([
      '+CMGR: 1,,24',
      '07AB',
    ]);
  });

  it('does not make a line of the answer vanish that looks a little like it', async () => {
    const { ask } = await ready();
    expect(await ask('AT+CGMM', 'AT+CGMM\r\r\nGM\r\nAT\r\n\r\nOK\r\n')).toEqual(['GM', 'AT']);
    expect(await ask('AT+CMGR=4', '\r\n4\r\nOK\r\n')).toEqual(['4']);
  });

  it('of a body behind the prompt is dropped, too', async () => {
    const { channel, say } = await ready();
    const sent = channel.use((at) => at.submit('AT+CMGS=10', '0011000B91AB'));
    await settle();
    say('AT+CMGS=10\r\r\n> 0011000B91AB\u001a\r\n\r\n+CMGS: 5\r\n\r\nOK\r\n');
    expect(await sent).toEqual(['+CMGS: 5']);
  });

  it('of a marker, and of the escape before it, counts for nothing', async () => {
    const { channel, say } = wire(pass);
    const answer = channel.command('AT+CSQ');
    await pass(1_000);
    say('\u001bAT+CMGF?\r\r\n+CMGF: 0\r\n\r\nOK\r\n');
    await pass(300);
    say('AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n');
    expect(await answer).toEqual(['+CSQ: 20,99']);
    expect(channel.counters.strays).toBe(0);
  });
});

describe('a call that ends', () => {
  it('ends no command but the one that called', async () => {
    const { ask, channel } = await ready();
    expect(await ask('AT+CSQ', '\r\nNO CARRIER\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n')).toEqual(['+CSQ: 20,99']);
    expect(channel.counters.strays).toBe(1);
    expect(await ask('ATD123;', '\r\nNO CARRIER\r\n').catch(code)).toBe('at.refused');
  });
});

describe('an answer without its OK', () => {
  it('is taken after a short silence, and an OK that comes later is nobody’s', async () => {
    const { channel, say, ask, written } = await ready({ withoutOk: ['+CPIN'] });
    const pin = ask('AT+CPIN?', '\r\n+CPIN: READY\r\n');
    await pass(500);
    expect(await pin).toEqual(['+CPIN: READY']);
    written.length = 0;
    const next = channel.command('AT+CSQ');
    await settle();
    expect(written).toEqual(['AT+CMEE?\r']);
    say('\r\nOK\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n');
    await settle();
    say('\r\n+CSQ: 20,99\r\n\r\nOK\r\n');
    expect(await next).toEqual(['+CSQ: 20,99']);
    expect(channel.counters).toMatchObject({ timeouts: 0, late: 1 });
  });

  it('is over at once when the OK does come', async () => {
    const { ask, written } = await ready({ withoutOk: ['+CPIN'] });
    expect(await ask('AT+CPIN?', '\r\n+CPIN: READY\r\n\r\nOK\r\n')).toEqual(['+CPIN: READY']);
    expect(await ask('AT', '\r\nOK\r\n')).toEqual([]);
    expect(written).toEqual(['AT+CPIN?\r', 'AT\r']);
  });

  it('is none for a command that has to have one', async () => {
    const { ask } = await ready({ withoutOk: ['+CPIN'] });
    const answer = ask('AT+CSQ', '\r\n+CSQ: 20,99\r\n').catch(code);
    await pass(5_000);
    expect(await answer).toBe('at.timeout');
  });
});

describe('a modem that is busy', () => {
  const BUSY = '\r\n+CME ERROR: SIM busy\r\n';

  it('is asked again, later each time, and then it is told', async () => {
    const { channel, say, written } = await ready();
    const answer = channel.command('AT+CMGR=3').catch((error) => error);
    for (const pauseMs of [200, 400, 800, 1_600]) {
      await settle();
      say(BUSY);
      await pass(pauseMs - 1);
      const before = written.length;
      await pass(1);
      expect(written).toHaveLength(before + 1);
    }
    say('\r\n+CMS ERROR: 512\r\n');
    expect(await answer).toMatchObject({ code: 'at.busy', message: expect.stringMatching(/512/) });
    expect(channel.counters).toMatchObject({ busyRetries: 4 });
  });

  it('is content when it was only a moment', async () => {
    const { channel, say } = await ready();
    const answer = channel.command('AT+CMGL=4');
    await settle();
    say('\r\n+CMGL: 1,0,,24\r\n\r\n+CMS ERROR: 500\r\n');
    await pass(200);
    say('\r\n+CMGL: 1,0,,24\r\n07AB\r\n\r\nOK\r\n');
    expect(await answer).toEqual(['+CMGL: 1,0,,24', '07AB']);
  });

  it.each([
    ['what is asked regularly anyway', (at: At) => at.once('AT+CPIN?')],
    ['a message that is sent', (at: At) => at.submit('AT+CMGS=10', 'AB')],
    ['a deletion, for another message may have the place by then', (at: At) => at.command('AT+CMGD=3')],
    ['a PIN, which has three tries', (at: At) => at.command('AT+CPIN="1234"')],
  ])('is not asked twice for %s', async (_, job) => {
    const { channel, say } = await ready();
    const answer = channel.use(job).catch(code);
    await settle();
    say(BUSY);
    expect(await answer).toBe('at.busy');
    expect(channel.counters.busyRetries).toBe(0);
  });

  it.each([
    ['a restart', 'at.restarted', (channel: Wire['channel']) => channel.restarted()],
    ['the end', 'port.lost', (channel: Wire['channel']) => channel.end(new SimbankError('port.lost', ''))],
  ])('is not waited for after %s', async (_, expected, happen) => {
    const { channel, say, written } = await ready();
    const answer = channel.command('AT+CSQ').catch(code);
    await settle();
    say(BUSY);
    await settle();
    happen(channel);
    expect(await answer).toBe(expected);
    expect(written).toEqual(['AT+CSQ\r']);
  });
});

describe('a prompt', () => {
  const submit = (channel: Wire['channel']) => channel.use((at) => at.submit('AT+CMGS=10', 'ABCD'));

  it.each([
    ['in one piece', ['\r\n> ']],
    ['in pieces', ['\r', '\n', '>', ' ']],
    ['without its line end', ['> ']],
    ['without its blank', ['\r\n>']],
    ['behind the echo and a URC', ['AT+CMGS=10\r\r\n\r\n+CMTI: "SM",3\r\n\r\n> ']],
  ])('%s is answered with the text, once', async (_, pieces) => {
    const { channel, say, written } = await ready();
    const sent = submit(channel);
    await settle();
    for (const piece of pieces) say(piece);
    say('\r\n> \r\n');
    say('\r\n+CMGS: 7\r\n\r\nOK\r\n');
    expect((await sent).filter((line) => line !== '>')).toEqual(['+CMGS: 7']);
    expect(written).toEqual(['AT+CMGS=10\r', 'ABCD\u001a']);
  });

  it('that never comes is given up, and the modem freed of what it may wait for', async () => {
    const { channel, written, problems } = await ready();
    const sent = channel.use((at) => at.submit('AT+CMGS=10', 'ABCD', 60_000)).catch(code);
    await settle();
    await pass(10_000);
    expect(await sent).toBe('at.timeout');
    expect(written).toEqual(['AT+CMGS=10\r', '\u001b']);
    expect(problems).toHaveLength(1);
  });

  it('leaves the network its time once it is answered', async () => {
    const { channel, say } = await ready();
    const sent = channel.use((at) => at.submit('AT+CMGS=10', 'ABCD', 60_000));
    await settle();
    await pass(9_000);
    say('> ');
    await pass(59_000);
    say('\r\n+CMGS: 7\r\n\r\nOK\r\n');
    expect(await sent).toEqual(['+CMGS: 7']);
  });

  it('that nobody waits for is no prompt', async () => {
    const { channel, say, ask, written } = await ready();
    say('\r\n> ');
    say('\r\n');
    expect(await ask('AT+CMGR=1', '\r\n+CMGR: "REC READ"\r\n> a line of a text\r\n\r\nOK\r\n')).toEqual([
      '+CMGR: "REC READ"',
      '> a line of a text',
    ]);
    expect(written).toEqual(['AT+CMGR=1\r']);
    expect(channel.counters.strays).toBe(1);
  });

  it('may be refused', async () => {
    const { channel, say, written } = await ready();
    const sent = submit(channel).catch(code);
    await settle();
    say('\r\n+CMS ERROR: 304\r\n');
    expect(await sent).toBe('at.cms');
    expect(written).toEqual(['AT+CMGS=10\r']);
  });

  it.each([
    ['before it came', false, ''],
    ['after it was answered', true, '> '],
  ])('tells whether the text has left when it fails %s', async (_, bodySent, prompt) => {
    for (const fail of [
      async () => void (await pass(60_000)),
      async ({ channel }: Wire) => channel.restarted(),
      async ({ channel }: Wire) => channel.end(new SimbankError('port.lost', 'unplugged')),
    ]) {
      const made = await ready();
      const sent = submit(made.channel).catch((error) => error);
      await settle();
      made.say(prompt);
      await fail(made);
      expect(await sent).toMatchObject({
        code: expect.stringMatching(/timeout|restarted|lost/),
        detail: { bodySent },
      });
    }
  });

  it('that is not even asked for has let nothing leave', async () => {
    const { channel } = wire(pass);
    const sent = submit(channel).catch((error) => error);
    await pass(6_000);
    expect(await sent).toMatchObject({ code: 'at.unresponsive', detail: { bodySent: false } });
  });

  it('that is left out has sent nothing, whatever OK says', async () => {
    const { channel, say, written } = await ready();
    const sent = submit(channel).catch(code);
    await settle();
    say('\r\nOK\r\n');
    expect(await sent).toBe('at.garbage');
    void channel.command('AT').catch(code);
    await settle();
    expect(written).toEqual(['AT+CMGS=10\r', '\u001b', 'AT+CMEE?\r']);
  });
});

describe('a text with line ends between its quotes', () => {
  const MENU = '\r\n+CUSD: 1,"1: balance\r\n> 2: help\r\nOK\r\n3: end",15\r\n';
  const REST = '1,"1: balance\n> 2: help\nOK\n3: end",15';

  it('is one URC', async () => {
    const { say, urcs, ask } = await ready();
    say(MENU);
    expect(urcs).toEqual([{ kind: 'ussd', rest: REST, body: [] }]);
    expect(await ask('AT+CSQ', `\r\n+CSQ: 20,99\r\n${MENU}\r\nOK\r\n`)).toEqual(['+CSQ: 20,99']);
    expect(urcs).toHaveLength(2);
  });

  it('is one line of the answer when it comes before the OK of its command', async () => {
    const { urcs, ask } = await ready();
    expect(await ask('AT+CUSD=1,"*100#",15', `${MENU}\r\nOK\r\n`)).toEqual([`+CUSD: ${REST}`]);
    expect(urcs).toEqual([]);
  });

  it('whose quote never closes ends before another URC', async () => {
    const { say, urcs } = await ready();
    say('\r\n+CUSD: 0,"cut\r\noff\r\n\r\n+CMTI: "SM",3\r\n');
    expect(urcs).toEqual([
      { kind: 'ussd', rest: '0,"cut\noff', body: [] },
      { kind: 'message-stored', rest: '"SM",3', body: [] },
    ]);
  });

  it('whose quote never closes keeps a final result for a second only', async () => {
    const { channel, say, urcs } = await ready();
    const answer = channel.command('AT+CGMM');
    await settle();
    say('\r\nEC25\r\n\r\n+CUSD: 0,"cut\r\noff\r\n\r\nOK\r\n');
    await pass(1_000);
    expect(await answer).toEqual(['EC25']);
    expect(urcs).toEqual([{ kind: 'ussd', rest: '0,"cut\noff', body: [] }]);
  });

  it('whose quote never closes ends with silence, too, and with its length', async () => {
    const { channel, say, urcs } = await ready();
    say('\r\n+CUSD: 0,"cut\r\noff\r\n');
    await pass(999);
    expect(urcs).toEqual([]);
    await pass(1);
    expect(urcs).toEqual([{ kind: 'ussd', rest: '0,"cut\noff', body: [] }]);
    say(`\r\n+CUSD: 0,"endless\r\n${'more\r\n'.repeat(100)}`);
    expect(urcs).toHaveLength(2);
    expect(channel.counters.strays).toBe(60);
  });
});

describe('a message carried by a URC', () => {
  it('whose line was lost takes no other', async () => {
    const { say, urcs } = await ready();
    say('\r\n+CMT: ,24\r\n\r\n+CMTI: "SM",3\r\n');
    expect(urcs).toEqual([
      { kind: 'message-direct', rest: ',24', body: [] },
      { kind: 'message-stored', rest: '"SM",3', body: [] },
    ]);
  });

  it('whose line was lost is told after a second', async () => {
    const { say, urcs, ask } = await ready();
    say('\r\n+CMT: ,24\r\n');
    await pass(1_000);
    expect(urcs).toEqual([{ kind: 'message-direct', rest: ',24', body: [] }]);
    expect(await ask('AT+CGMM', '\r\nEC25\r\n\r\nOK\r\n')).toEqual(['EC25']);
  });
});

describe('a restart', () => {
  const restarting = () => ready({}, true);

  it('in the middle of a command fails it at once, and the job with it', async () => {
    const { channel, say, written } = await restarting();
    const job = channel.use(async (at) => {
      await at.command('AT+CMGL=4').catch(() => {});
      return at.command('AT+CMGD=1');
    });
    const failed = job.catch(code);
    await settle();
    say('\r\n+CMGL: 1,0,,24\r\nRDY\r\n');
    expect(await failed).toBe('at.restarted');
    expect(written).toEqual(['AT+CMGL=4\r']);
  });

  it('between two commands of a job makes the rest of it void', async () => {
    const { channel, say, written } = await restarting();
    let goOn = (): void => {};
    const job = channel.use(async (at) => {
      await at.command('AT+CMGR=1');
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      await at.command('AT+CMGD=1');
    });
    const failed = job.catch(code);
    await settle();
    say('\r\nOK\r\n\r\nRDY\r\n');
    await settle();
    goOn();
    expect(await failed).toBe('at.restarted');
    expect(written).toEqual(['AT+CMGR=1\r']);
  });

  it('while the channel gets in step ends nothing: only the marker’s own answer counts', async () => {
    const { channel, say, written } = wire(pass, {}, true);
    const first = channel.command('AT+CSQ').catch(code);
    await settle();
    for (let i = 0; i < 3; i++) {
      await pass(500);
      say('\r\nRDY\r\n\r\n^BOOT: 1,2\r\n');
    }
    expect(written).toEqual(['AT+CMEE?\r', '\u001b', 'AT+CMGF?\r']);
    say('\r\n+CMGF: 0\r\n\r\nOK\r\n');
    await pass(300);
    // It was asked before the restart.
    expect(await first).toBe('at.restarted');
    const next = channel.command('AT+CSQ');
    await settle();
    say('\r\n+CSQ: 20,99\r\n\r\nOK\r\n');
    expect(await next).toEqual(['+CSQ: 20,99']);
  });

  it('that is said every few seconds without being one starves nothing', async () => {
    const { channel, say, written } = await restarting();
    const list = () => channel.command('AT+CMGL=4', 30_000).catch(code);
    const answers = [list(), list(), list()];
    let listed = 0;
    for (let second = 0.5; second <= 40; second += 0.5) {
      await pass(500);
      for (const bytes of written.splice(0)) {
        if (bytes === 'AT+CMEE?\r') say('\r\n+CMEE: 1\r\n\r\nOK\r\n');
        // A card that is slow: it takes this modem three banners.
        else if (bytes === 'AT+CMGL=4\r') listed = second + 12;
      }
      if (second % 4 === 0) say('\r\n^BOOT: 12345,0,0,0,6\r\n');
      if (second === listed) say('\r\n+CMGL: 1,0,,24\r\n07AB\r\n\r\nOK\r\n');
    }
    const whole = ['+CMGL: 1,0,,24', '07AB'];
    expect(await Promise.all(answers)).toEqual(['at.restarted', whole, whole]);
  });
});

describe('what came too late', () => {
  it('is told by a marker of another name than what is owed', async () => {
    const { channel, say, written } = await ready();
    const late = channel.command('AT+CMEE?', 1_000).catch(code);
    await settle();
    await pass(1_000);
    expect(await late).toBe('at.timeout');
    const next = channel.command('AT+CSQ');
    await settle();
    expect(written).toEqual(['AT+CMEE?\r', 'AT+CMGF?\r']);
    say('\r\n+CMEE: 1\r\n\r\nOK\r\n\r\n+CMGF: 0\r\n\r\nOK\r\n');
    await settle();
    say('\r\n+CSQ: 20,99\r\n\r\nOK\r\n');
    expect(await next).toEqual(['+CSQ: 20,99']);
    expect(channel.counters).toMatchObject({ timeouts: 1, late: 1, resyncs: 2 });
  });

  it('is not named as a URC that the driver should know', async () => {
    const { channel, say } = await ready();
    void channel.command('AT+COPS?', 1_000).catch(code);
    await settle();
    await pass(1_000);
    say('\r\n+COPS: 0,0,"Late"\r\n\r\nOK\r\n');
    expect(channel.unknownUrcs()).toEqual([]);
    expect(channel.counters).toMatchObject({ late: 1, strays: 1 });
  });
});

describe('a line that nobody declared', () => {
  it('is counted by its name', async () => {
    const { channel, say } = await ready();
    say('\r\n^RSSI: 17\r\n\r\n^RSSI: 18\r\n');
    expect(channel.unknownUrcs()).toEqual([{ prefix: '^RSSI', count: 2 }]);
    expect(channel.counters.strays).toBe(2);
  });
});

describe('two URCs in one read', () => {
  it('are two', async () => {
    const { say, urcs } = await ready();
    say('\r\n+CMTI: "SM",3\r\n\r\n+CMTI: "SM",4\r\n');
    expect(urcs.map(({ rest }) => rest)).toEqual(['"SM",3', '"SM",4']);
  });
});

type Wire = ReturnType<typeof wire>;
type At = Parameters<Parameters<Wire['channel']['use']>[0]>[0];
