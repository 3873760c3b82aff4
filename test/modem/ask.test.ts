import { describe, expect, it } from 'vitest';
import type { Dialogue } from '../../src/at/channel.ts';
import { SimbankError } from '../../src/errors.ts';
import { defineDriver } from '../../src/modem/driver.ts';
import { identify } from '../../src/modem/probe.ts';
import { configure } from '../../src/modem/settings.ts';

/** A modem that answers by a table, and is busy where it says `busy`. */
function modem(answers: Record<string, string | 'busy' | 'no'>): Dialogue {
  const command = async (line: string): Promise<string[]> => {
    const answer = answers[line] ?? '';
    if (answer === 'busy') throw new SimbankError('at.busy', `${line}: busy`);
    if (answer === 'no') throw new SimbankError('at.refused', `${line}: ERROR`);
    return answer === '' ? [] : answer.split('\n');
  };
  return { command, once: command, submit: () => Promise.reject(new Error('not here')) };
}
const driver = defineDriver({ name: 'test', title: 'Test' });
const READY = {
  'AT+CFUN?': '+CFUN: 1',
  'AT+CPMS=?': '+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")',
  'AT+CPMS="SM","SM","SM"': '+CPMS: 0,20,0,20,0,20',
  'AT+CNMI?': '+CNMI: 2,1,0,0,0',
};

describe('a modem that is busy', () => {
  it('is not taken for one of no family', async () => {
    await expect(identify(modem({ 'AT+CGMM': 'busy' }))).rejects.toMatchObject({ code: 'at.busy' });
    expect((await identify(modem({ 'AT+CGMM': 'no' }))).model).toBe('');
  });

  it('is not taken for one with a single store, or without notices', async () => {
    expect(await configure(modem(READY), driver)).toMatchObject({
      stores: ['SM', 'ME'],
      notify: '2,1,0,0,0',
    });
    for (const asked of ['AT+CPMS=?', 'AT+CNMI=2,1,0,0,0']) {
      const busy = configure(modem({ ...READY, [asked]: 'busy' }), driver);
      await expect(busy).rejects.toMatchObject({ code: 'at.busy' });
    }
    const refusing = await configure(modem({ ...READY, 'AT+CNMI=2,1,0,0,0': 'no' }), driver);
    expect(refusing.notify).not.toBe('2,1,0,0,0');
  });
});
