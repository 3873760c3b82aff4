import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPolicy } from '../../src/bank/policy.ts';
import { temporaryDir } from '../temporary.ts';

const EXAMPLE = join(import.meta.dirname, '../../config/policy.example.yaml');

function file(text: string): string {
  const path = join(temporaryDir(), 'policy.yaml');
  writeFileSync(path, text);
  return path;
}

describe('a policy', () => {
  it('that is not there allows everything', () => {
    expect(readPolicy(undefined)).toEqual({ services: [], senders: [] });
    expect(readPolicy(file(''))).toEqual({ services: [], senders: [] });
  });

  it('names services and senders', () => {
    const path = file('refuse:\n  services: [bank]\n  senders: [North*, "72941"]\n');
    expect(readPolicy(path)).toEqual({ services: ['bank'], senders: ['North*', '72941'] });
  });

  it('of the example allows everything', () => {
    expect(readPolicy(EXAMPLE)).toEqual({ services: [], senders: [] });
  });

  it('is refused with every fault, its place and its path', () => {
    const path = file('refuse:\n  services: [""]\n  senders:\n    - 72941\n  sender: x\n');
    expect(() => readPolicy(path)).toThrow(
      expect.objectContaining({
        code: 'config.invalid',
        message: [
          `${path}:2: refuse.services[0]: must not be empty`,
          `${path}:4: refuse.senders[0]: is a text: put a sender of digits in quotes`,
          `${path}:5: refuse.sender: is not a known member: did you mean "senders"?`,
        ].join('\n'),
      }),
    );
    expect(() => readPolicy('/nowhere/policy.yaml')).toThrow(/\/nowhere\/policy.yaml: cannot be read/);
  });
});
