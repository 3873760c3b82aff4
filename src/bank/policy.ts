/** The policy file: services and senders this bank has nothing to do with. */
import { z } from 'zod';
import { ServiceCode } from '../protocol/events.ts';
import { readYaml } from '../yaml-file.ts';
import { ALLOW_ALL, type Policy } from './activations/activation.ts';

const Sender = z.string('is a text: put a sender of digits in quotes').min(1).max(64);

export const PolicyFile = z.strictObject({
  refuse: z
    .strictObject({
      services: z.array(ServiceCode).default([]),
      senders: z.array(Sender).default([]),
    })
    .prefault({}),
});

/**
 * Reads the policy; without a path everything is allowed.
 *
 * @throws SimbankError `config.invalid` with every fault of the file.
 */
export function readPolicy(path: string | undefined): Policy {
  return path === undefined ? ALLOW_ALL : readYaml(PolicyFile, path, {}).refuse;
}
