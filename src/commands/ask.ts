/** `simbankd sms send`, `simbankd ussd`, `simbankd at`: one action on a running gateway, and what became of it. */
import { readFileSync } from 'node:fs';
import { SimbankError } from '../errors.ts';
import { type CommandName, commandArgs } from '../protocol/commands.ts';
import type { SmsOutcome } from '../protocol/events.ts';
import { GATEWAY_ID } from '../protocol/topics.ts';
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
  // Not on the command line, where every user of the host can read it, when it comes from a pipe.
  const text = words.length > 0 ? words.join(' ') : readFileSync(0, 'utf8').replace(/\r?\n$/, '');
  const order = { iccid, activationId, to, text, report };
  check('sms.send', order, options);
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
    await request.send('sms.send', order);
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
  check('ussd.run', { iccid, code }, options);
  return asking(options, async (request) => {
    const result = await request.send('ussd.run', { iccid, code }, USSD_MS);
    const open =
      result.status === 'reply-expected' ? '\n(the network waits for a reply: give it as the code)' : '';
    print(options, result, `${result.text ?? `(no text: ${result.status})`}${open}`);
    return 0;
  });
}

export async function at(slot: string, command: string, options: RequestOptions): Promise<number> {
  check('at.run', { slot, command }, options);
  return asking(options, async (request) => {
    const { lines } = (await request.send('at.run', { slot, command }, AT_MS)) as { lines: string[] };
    print(options, { lines }, lines.length === 0 ? 'OK' : lines.join('\n'));
    return 0;
  });
}

/** What is wrong with an argument, in the words of the command line: the protocol has words for programs. */
const WRONG: Readonly<Record<string, (value: unknown) => string>> = {
  iccid: (value) =>
    `"${value}" is no ICCID: that is the 18 to 20 digits on a SIM, which "simbankd scan" shows`,
  activationId: (value) => `--activation "${value}" is no id of an activation: those have 26 characters`,
  to: (value) =>
    `--to "${value}" is no recipient: write digits, with + in front where international, as +12025550143`,
  text: (value) => (value === '' ? 'the text is empty' : 'the text is longer than 10,000 characters'),
  code: (value) =>
    `"${value}" is nothing to ask a network: write a code such as *100#, or a reply of one word`,
  slot: (value) => `"${value}" is no slot: a name has 1 to 64 characters without "/", "+" and "#"`,
  command: (value) => `"${value}" is no AT command: it begins with AT and is one line of ASCII, as AT+CSQ`,
};

/** @throws SimbankError `usage.invalid` before anything is asked. */
function check(name: CommandName, args: Record<string, unknown>, { gateway }: RequestOptions): void {
  const faults: string[] = [];
  if (gateway !== undefined && !GATEWAY_ID.test(gateway)) {
    faults.push(`--gateway "${gateway}" is no id of a gateway: that is 1 to 32 of a-z, 0-9 and "-"`);
  }
  for (const { path, message } of commandArgs[name].safeParse(args).error?.issues ?? []) {
    const member = String(path[0] ?? '');
    const isWhich = member === '' && name === 'sms.send';
    const words = WRONG[member]?.(args[member]) ?? `${member}: ${message}`;
    faults.push(isWhich ? '--iccid or --activation says from which SIM: give one of the two' : words);
  }
  if (faults.length > 0) throw new SimbankError('usage.invalid', faults.join('\n'));
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
