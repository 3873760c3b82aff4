/** Asking a modem for what it may lack, and what its failures mean. */
import type { Dialogue } from '../at/channel.ts';
import { messageOf, SimbankError } from '../errors.ts';
import type { Input, Step, Trouble } from './state.ts';

/** An answer that says no, as against no answer. */
export function isRefusal(error: unknown): error is SimbankError {
  return error instanceof SimbankError && ['at.refused', 'at.cme', 'at.cms', 'at.busy'].includes(error.code);
}

/**
 * The answer, or nothing when the modem refuses: for what it may lack. Busy is no refusal: what it cannot say now it may
 * well have, and a modem taken for less than it is would be so until it is opened anew.
 */
export async function optional(at: Dialogue, command: string): Promise<string[]> {
  try {
    return await at.command(command);
  } catch (error) {
    if (isRefusal(error) && error.code !== 'at.busy') return [];
    throw error;
  }
}

/** As `optional`, and nothing also when it is busy: for what is only shown, and asked again soon. */
export async function glimpsed(at: Dialogue, command: string): Promise<string[]> {
  try {
    return await at.once(command);
  } catch (error) {
    if (isRefusal(error)) return [];
    throw error;
  }
}

/** The first line, without the prefix and the quotes some modems put around it. */
export async function word(at: Dialogue, command: string): Promise<string> {
  const line = (await optional(at, command))[0] ?? '';
  return line
    .replace(/^\+[A-Z]+: ?/, '')
    .replace(/"/g, '')
    .trim();
}

export function notReady(): SimbankError {
  return new SimbankError('modem.not_ready', 'no card is ready');
}

export function troubleOf(error: unknown): Trouble {
  return error instanceof SimbankError
    ? { code: error.code, message: error.message }
    : { code: 'internal', message: messageOf(error) };
}

/** What a step that failed means; null where it is told otherwise. */
export function failureOf(path: string, step: Step, error: unknown): Input | null {
  const problem = troubleOf(error);
  if (problem.code === 'port.lost') return null;
  if (problem.code === 'at.unresponsive') {
    const message = `${path} is open, and no modem answers on it`;
    return { type: 'silent', problem: { code: 'modem.silent', message } };
  }
  // Garbage without end is no silence, and no answer either.
  if (['at.timeout', 'at.restarted', 'at.garbage'].includes(problem.code))
    return { type: 'step-timed-out', step, problem };
  // Not «some modem of no family»: it is asked again who it is.
  if (step === 'identify' && isRefusal(error)) return { type: 'step-timed-out', step, problem };
  if (step === 'read-card' || isRefusal(error)) return { type: 'card-failed', problem };
  return { type: 'silent', problem };
}
