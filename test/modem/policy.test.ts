import { describe, expect, it } from 'vitest';
import type { Dialogue } from '../../src/at/channel.ts';
import { defineDriver } from '../../src/modem/driver.ts';
import { applyPolicy } from '../../src/modem/policy.ts';
import type { Card } from '../../src/modem/probe.ts';

const driver = defineDriver({
  name: 'generic',
  title: 'Generic',
  ims: {
    read: 'AT+IMS?',
    on: { set: 'AT+IMS=1', expect: /IMS: 1/ },
    off: { set: 'AT+IMS=0', expect: /IMS: 0/ },
  },
});
const card = (iccid: string) => ({ iccid, imsi: null, command: 'AT+CCID' }) as Card;

/** A module that has one setting, and keeps it or not. */
function module(keeps: boolean): Dialogue {
  let value = '0';
  const command = async (line: string): Promise<string[]> => {
    const set = /^AT[+]IMS=(.)$/.exec(line)?.[1];
    if (set === undefined) return [`+IMS: ${value}`];
    if (keeps) value = set;
    return [];
  };
  return { command, once: command, submit: command };
}

describe('the rule for a SIM', () => {
  it('is applied each time its card comes back after another', async () => {
    const at = module(true);
    const tried = new Set<string>();
    for (const ims of [true, false, true, false]) {
      const of = card(ims ? '8901' : '8902');
      expect(await applyPolicy(at, driver, of, { ims }, tried)).toEqual({ reset: true, problem: null });
      expect(await applyPolicy(at, driver, of, { ims }, tried)).toEqual({ reset: false, problem: null });
    }
  });

  it('is set once where the module does not keep it', async () => {
    const at = module(false);
    const tried = new Set<string>();
    const apply = () => applyPolicy(at, driver, card('8901'), { ims: true }, tried);
    expect((await apply()).reset).toBe(true);
    for (let i = 0; i < 3; i++)
      expect(await apply()).toMatchObject({ reset: false, problem: { code: 'modem.policy_refused' } });
  });
});
