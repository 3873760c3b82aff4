/**
 * What belongs to a SIM though the module keeps it: IMS (SMS over LTE) and the operator's profile. Right for one operator they
 * silence another, so they follow the card, by configuration; without a rule the module is left as it is.
 */
import type { Dialogue } from '../at/channel.ts';
import { optional } from './ask.ts';
import type { Choice, Driver } from './driver.ts';
import type { Card } from './probe.ts';
import type { Trouble } from './state.ts';

export interface SimPolicy {
  /** The beginning of its ICCID, or all of it. */
  readonly iccid?: string | undefined;
  /** Its operator: the first five or six digits of the IMSI. */
  readonly mccmnc?: string | undefined;
  readonly ims?: boolean | undefined;
  readonly carrierProfile?: string | undefined;
  readonly pinFile?: string | undefined;
}

/** The first rule that fits; a card whose IMSI cannot be read yet fits by its ICCID only. */
export function policyFor(
  policies: readonly SimPolicy[],
  iccid: string | null,
  imsi: string | null,
): SimPolicy | null {
  return (
    policies.find(
      (policy) =>
        (policy.iccid === undefined || iccid?.startsWith(policy.iccid) === true) &&
        (policy.mccmnc === undefined || imsi?.startsWith(policy.mccmnc) === true),
    ) ?? null
  );
}

export interface Applied {
  /** Something was changed that takes effect with a reset. */
  readonly reset: boolean;
  readonly problem: Trouble | null;
}

/**
 * Brings the module's settings in line with the card's rule.
 *
 * @param tried - what was set for this card before: a module that does not keep it is not reset over and over.
 */
export async function applyPolicy(
  at: Dialogue,
  driver: Driver,
  card: Card,
  policy: SimPolicy | null,
  tried: Set<string>,
): Promise<Applied> {
  if (policy === null) return { reset: false, problem: null };
  const wishes: { name: string; choice: Choice['on'] & { read: string } }[] = [];
  const missing: string[] = [];
  if (policy.ims !== undefined) {
    if (driver.ims === null) missing.push('ims');
    else {
      const choice = policy.ims ? driver.ims.on : driver.ims.off;
      wishes.push({ name: `ims ${policy.ims ? 'on' : 'off'}`, choice: { ...choice, read: driver.ims.read } });
    }
  }
  if (policy.carrierProfile !== undefined) {
    if (driver.carrierProfile === null) missing.push('carrierProfile');
    else {
      const { read, select } = driver.carrierProfile;
      const quoted = policy.carrierProfile.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      // The list has a line for each profile: index, selected, activated, name (QModem's Quectel scripts).
      const expect = new RegExp(`,1,1,"?${quoted}"?`);
      wishes.push({
        name: `carrier profile ${policy.carrierProfile}`,
        choice: { read, set: select.replace('%s', policy.carrierProfile), expect },
      });
    }
  }
  let reset = false;
  const refused: string[] = [];
  for (const { name, choice } of wishes) {
    const key = `${card.iccid} ${name}`;
    if (choice.expect.test((await optional(at, choice.read)).join('\n'))) {
      // It was kept. If it is not some day, another card was here meanwhile.
      tried.delete(key);
      continue;
    }
    if (tried.has(key)) {
      refused.push(name);
      continue;
    }
    tried.add(key);
    await optional(at, choice.set);
    reset = true;
  }
  if (missing.length > 0) {
    const message = `the rule for this SIM wants ${missing.join(' and ')}, which ${driver.title} does not offer`;
    return { reset, problem: { code: 'modem.policy_unsupported', message } };
  }
  if (refused.length === 0) return { reset, problem: null };
  const message = `the modem does not keep what the rule for this SIM wants: ${refused.join(', ')}`;
  return { reset, problem: { code: 'modem.policy_refused', message } };
}
