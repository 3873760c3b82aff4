/** The rules of matching, loaded where they are needed: functions do not cross from thread to thread. */
import { readCatalogue } from '../../catalogue.ts';
import { findCode } from '../../sms/code.ts';
import { ALLOW_ALL, type Policy } from '../activations/activation.ts';
import type { Rules } from './matching.ts';

export interface RuleSources {
  /** A catalogue's file; the shipped one by default. */
  readonly services?: string | undefined;
  readonly policy?: Policy;
}

export interface WorkerData {
  readonly path: string;
  readonly rules: RuleSources;
}

/** @throws SimbankError `config.invalid` with every fault of the catalogue. */
export function loadRules({ services, policy = ALLOW_ALL }: RuleSources): Rules {
  const catalogue = readCatalogue(services);
  return {
    policy,
    servicesOf: (from, text) => catalogue.fitting(from, text).map(({ code }) => code),
    // Only the likeliest service says where its code stands: another's template may fit any number.
    findCode: (text, sender, [likeliest = '']) =>
      findCode(text, { sender, patterns: catalogue.byCode(likeliest)?.codes ?? [] }),
  };
}
