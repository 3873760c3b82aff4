/**
 * Who was asked for a SIM's number, and when, so that a restart asks nothing twice.
 *
 * A message to another SIM of this bank is such a question, too: its sender is the answer, and a word of its own in it
 * says whose. It goes out as any other, by a command of this gateway's own.
 */
import { countryOfImsi } from '../../sim/mcc.ts';
import type { Database } from '../../sqlite.ts';
import type { NumberSource } from '../numbers/claims.ts';
import { normalise } from '../numbers/normalise.ts';
import { probeIn, probeText } from '../numbers/probe.ts';
import type { Order, Outcome } from './commands.ts';
import type { StoredEvent } from './events.ts';
import type { numberStore } from './numbers.ts';
import type { outgoingStore, SendLimits } from './outgoing.ts';

/** Sources that are asked. */
export type Asked = Exclude<NumberSource, 'operator'>;

export interface Inquiry {
  readonly iccid: string;
  readonly source: Asked;
  readonly at: string;
  /** 1 while a message of which the number is to be seen has not come. */
  readonly awaited: 0 | 1;
}

export const INQUIRY_COLUMNS = 'iccid, source, at, nonce IS NOT NULL AS awaited';

export interface Probe {
  readonly order: Order;
  readonly iccid: string;
  readonly to: string;
  readonly nonce: string;
  readonly limits: SendLimits;
}

export function inquiryStore(
  db: Database,
  { noteNumber }: Pick<ReturnType<typeof numberStore>, 'noteNumber'>,
  { acceptSend }: Pick<ReturnType<typeof outgoingStore>, 'acceptSend'>,
) {
  const ask = db.prepare(`
    INSERT INTO number_inquiry (iccid, source, at, nonce) VALUES (@iccid, @source, @now, @nonce)
    ON CONFLICT (iccid, source) DO UPDATE SET at = @now, nonce = @nonce`);
  const forget = db.prepare('DELETE FROM number_inquiry WHERE iccid = ? AND source = ?');
  const byNonce = db.prepare<[string], { iccid: string; imsi: string | null }>(
    'SELECT iccid, imsi FROM number_inquiry JOIN sim USING (iccid) WHERE nonce = ?',
  );
  const answer = db.prepare("UPDATE number_inquiry SET nonce = NULL WHERE iccid = ? AND source = 'sms'");

  return {
    /** From here on the question was, or may have been, put. */
    numberAsked({ iccid, source, now }: { iccid: string; source: Asked; now: string }): null {
      ask.run({ iccid, source, now, nonce: null });
      return null;
    },

    /** It was not asked after all. */
    numberNotAsked({ iccid, source }: { iccid: string; source: Asked }): null {
      forget.run(iccid, source);
      return null;
    },

    /** Accepts the message as `sms.send` does, within the limits of the SIM; the question counts when it is accepted. */
    sendProbe({ order, iccid, to, nonce, limits }: Probe): Outcome {
      const args = { iccid, to, text: probeText(nonce), report: false };
      const outcome = acceptSend({ order, args, limits });
      if (!('refusal' in outcome)) ask.run({ iccid, source: 'sms', now: order.now, nonce });
      return outcome;
    },

    /**
     * A message that was sent to see its sender: it belongs to no activation, whoever it came to. Null for any other; the
     * events of what its number changes.
     */
    probed(arg: { from: string; text: string; now: string }): StoredEvent[] | null {
      const nonce = probeIn(arg.text);
      const asked = nonce === null ? undefined : byNonce.get(nonce);
      if (asked === undefined) return null;
      answer.run(asked.iccid);
      const number = normalise(arg.from, asked.imsi === null ? null : countryOfImsi(asked.imsi));
      if (number === null) return [];
      const { msisdn } = number;
      return [...noteNumber({ iccid: asked.iccid, source: 'sms', msisdn, now: arg.now }).events];
    },
  };
}
