/**
 * A USSD dialogue over +CUSD (27.007 §7.15): one question, one answer, and a session that may stay open between them.
 *
 * Knows nothing of how texts are coded: what goes out and what comes back are the strings between the quotes.
 */
import type { Dialogue } from '../at/channel.ts';
import { fields } from '../at/urc.ts';
import { SimbankError } from '../errors.ts';
import { isRefusal } from './ask.ts';

export interface UssdAnswer {
  /** As the modem gives it; null where it says nothing. */
  readonly raw: string | null;
  /** 23.038 §5; null where the modem leaves it out. */
  readonly dcs: number | null;
  /** 27.007 §7.15 <m>. */
  readonly status: UssdStatus;
}

const STATUS = ['done', 'reply-expected', 'ended', 'other-client', 'not-supported', 'timed-out'] as const;
export type UssdStatus = (typeof STATUS)[number];

/** `0,"text",15` behind `+CUSD:`; the text may hold line ends and commas, and some send no text at all. */
export function parseUssd(rest: string): UssdAnswer {
  const [status = '', raw, dcs] = fields(rest);
  return {
    status: STATUS[Number(status || 2)] ?? 'ended',
    raw: raw === undefined || raw === '' ? null : raw,
    dcs: dcs !== undefined && /^\d+$/.test(dcs) ? Number(dcs) : null,
  };
}

/** The network has this long; most answer within seconds, and a service centre gives up after a minute. */
const ANSWER_MS = 60_000;
const COMMAND_MS = 30_000;

type Speak = <T>(job: (at: Dialogue) => Promise<T>) => Promise<T>;

export class Ussd {
  /** The network waits for a reply, or may still answer what was given up: the next string belongs to this session. */
  open = false;
  /** The question has left: what is heard from here on may be its answer. */
  #sent = false;
  #waiting: ((answer: UssdAnswer) => void) | null = null;

  /** A +CUSD of its own. Nobody may be waiting for it: the network pushes some. */
  heard(rest: string): void {
    const answer = parseUssd(rest);
    this.open = answer.status === 'reply-expected';
    if (this.#sent) this.#waiting?.(answer);
  }

  /** The card or the modem is another one: what was asked will not be answered. */
  forget(): void {
    this.open = false;
    this.#waiting?.({ raw: null, dcs: null, status: 'ended' });
  }

  /**
   * Asks, and waits for the answer while others may speak to the modem.
   *
   * @param raw - the string for between the quotes, coded as this modem wants it.
   * @param isReply - it answers what an open session asked; otherwise such a session is ended first.
   * @throws SimbankError `ussd.busy` when a question is already waiting, `ussd.no_answer`, or what the channel throws.
   */
  async ask(speak: Speak, raw: string, isReply: boolean): Promise<UssdAnswer> {
    if (this.#waiting !== null)
      throw new SimbankError('ussd.busy', 'another USSD request of this SIM waits for its answer');
    const answered = new Promise<UssdAnswer>((resolve) => {
      this.#waiting = resolve;
    });
    let deadline: NodeJS.Timeout | undefined;
    try {
      await speak(async (at) => {
        // An open session would take the question for its reply; a refusal says that there is none.
        if (this.open && !isReply) await at.command('AT+CUSD=2').catch(() => {});
        this.#sent = true;
        const lines = await at.command(`AT+CUSD=1,"${raw}",15`, COMMAND_MS);
        // Some answer before their OK, and so within the command's own answer.
        const early = lines.find((line) => line.startsWith('+CUSD:'));
        if (early !== undefined) this.heard(early.slice(6));
      });
      const late = new Promise<never>((_, reject) => {
        deadline = setTimeout(
          () =>
            reject(
              new SimbankError('ussd.no_answer', `the network did not answer within ${ANSWER_MS / 1_000} s`),
            ),
          ANSWER_MS,
        );
        // The program may end while a question is open.
        deadline.unref();
      });
      return await Promise.race([answered, late]);
    } catch (error) {
      // Without an answer one may come yet, and would be taken for that of the next question.
      this.open = this.#sent && !isRefusal(error);
      throw error;
    } finally {
      this.#sent = false;
      clearTimeout(deadline);
      this.#waiting = null;
    }
  }
}
