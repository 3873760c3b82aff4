/** The token of `status.tokenFile`, which every request to the page must carry where others can reach it. */
import { readFileSync } from 'node:fs';
import { messageOf, SimbankError } from '../errors.ts';

const SHORTEST = 16;

/** @throws SimbankError `config.invalid`, whose `detail.faults` says what is wrong with the file. */
export function readToken(path: string): string {
  let token: string;
  try {
    token = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw unusable(`cannot be read: ${messageOf(error)}`);
  }
  if (token.length < SHORTEST) throw unusable(`${path} holds fewer than ${SHORTEST} characters`);
  // It travels in a header, where other characters arrive changed or not at all.
  if (!/^[!-~]+$/.test(token)) {
    throw unusable(`${path} does not hold a token: one word of ASCII letters, digits and signs`);
  }
  return token;
}

function unusable(message: string): SimbankError {
  const fault = { path: 'status.tokenFile', message, line: null };
  return new SimbankError('config.invalid', `${fault.path}: ${message}`, { faults: [fault] });
}
