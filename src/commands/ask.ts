/** `simbankd sms send`, `simbankd ussd`, `simbankd at`: one action on a running gateway, and what became of it. */
import { readFileSync } from 'node:fs';
import type { SmsOutcome } from '../protocol/events.ts';
import { Request, type RequestOptions, within } from './request.ts';

export interface SendOptions extends RequestOptions {
  readonly iccid?: string;
  readonly activation?: string;
  readonly to: string;
  readonly report?: boolean;
  /** False: the gateway's promise is enough. */
  readonly wait: boolean;
}

/** A send waits for its SIM and the network; a report may take the recipient's time. */
const OUTCOME_MS = 90_000;
const USSD_MS = 90_000;
const AT_MS = 45_000;

/** @returns 0 when it is sent (with --no-wait: accepted), 1 when it failed, or nothing is known yet. */
export async function sendSms(words: readonly string[], options: SendOptions): Promise<number> {
  const { iccid, activation: activationId, to, report = false } = options;
  return asking(options, async (request) => {
    const outcome = new Promise<{ type: string; data: SmsOutcome }>((resolve) => {
      for (const type of ['sms.sent', 'sms.failed', 'sms.report'] as const) {
        // With a report wanted, being sent is not the end of it.
        if (type === 'sms.sent' && report) continue;
        void request.listen(type, (data) => {
          if (data.commandId === request.id) resolve({ type, data: data as unknown as SmsOutcome });
        });
      }
    });
    // Not on the command line, where every user of the host can read it, when it comes from a pipe.
    const text = words.length > 0 ? words.join(' ') : readFileSync(0, 'utf8').replace(/\r?\n$/, '');
    await request.send('sms.send', { iccid, activationId, to, text, report });
    if (!options.wait) {
      print(options, { id: request.id, accepted: true }, `accepted as ${request.id}`);
      return 0;
    }
    const told = await within(outcome, OUTCOME_MS);
    if (told === null) {
      print(
        options,
        { id: request.id, status: null },
        `nothing is known of ${request.id} yet: it may still go`,
      );
      return 1;
    }
    const { status, parts } = told.data;
    print(options, { id: request.id, ...told.data }, `${status}${parts > 1 ? ` (${parts} parts)` : ''}`);
    return told.type === 'sms.failed' ? 1 : 0;
  });
}

export async function ussd(iccid: string, code: string, options: RequestOptions): Promise<number> {
  return asking(options, async (request) => {
    const result = await request.send('ussd.run', { iccid, code }, USSD_MS);
    const open =
      result.status === 'reply-expected' ? '\n(the network waits for a reply: give it as the code)' : '';
    print(options, result, `${result.text ?? `(no text: ${result.status})`}${open}`);
    return 0;
  });
}

export async function at(slot: string, command: string, options: RequestOptions): Promise<number> {
  return asking(options, async (request) => {
    const { lines } = (await request.send('at.run', { slot, command }, AT_MS)) as { lines: string[] };
    print(options, { lines }, lines.length === 0 ? 'OK' : lines.join('\n'));
    return 0;
  });
}

async function asking(options: RequestOptions, ask: (request: Request) => Promise<number>): Promise<number> {
  const request = await Request.open(options);
  try {
    return await ask(request);
  } finally {
    request.close();
  }
}

function print({ json }: RequestOptions, data: unknown, text: string): void {
  process.stdout.write(`${json === true ? JSON.stringify(data) : text}\n`);
}
