/** What customers buy: activations and kept numbers, how gateways were asked for them, and which messages are theirs. */
import type { Generated } from 'kysely';
import type { State } from '../../activations/transitions.ts';
import type { Flag } from '../schema.ts';

export interface ActivationTables {
  activation: {
    /** The number by which SMS-Activate and usphoneverify know it: from one sequence, never used again. */
    n: Generated<number>;
    /** `act_<ulid>` */
    id: string;
    account: string;
    api_key: string | null;
    /** Who asked: `rest`, `sms-activate`, `usphoneverify`, … */
    facade: string;
    /** Those of one request, which get one SIM or none. */
    batch: string;
    /** `single`: until its code is there. `continuous`: a number that is kept. */
    mode: 'single' | 'continuous';
    state: State;
    /** A code of services.yaml; null: any sender. */
    service: string | null;
    /** ISO 3166-1 alpha-2 in capitals; null: any. */
    country: string | null;
    /** What else the number should be, as JSON: Wish of activations/wish.ts. */
    wish: string;
    /** Seconds that it waits for its message. */
    ttl: number;
    cost: number;
    currency: string;
    money: 'held' | 'captured' | 'released';
    order_id: string | null;
    /** Percent above the price that a priority request offers (usphoneverify `markup`); 0 without. */
    markup: Generated<number>;
    /** The attempt that counts; null before the first, and while a kept number waits for its SIM. */
    attempt: string | null;
    gateway: string | null;
    iccid: string | null;
    msisdn: string | null;
    /** The operator of the number it got. */
    operator: string | null;
    /** The message that was attributed last, and what is shown of it. */
    message: string | null;
    sender: string | null;
    code: string | null;
    text: string | null;
    /** Messages attributed. */
    messages: Generated<number>;
    /** How often one more message was asked for. */
    resends: Generated<number>;
    created_at: string;
    opened_at: string | null;
    /** Until when the gateway waits; for a queued one until when it waits in the queue. */
    expires_at: string | null;
    /** Of the first message: from then on it is paid. */
    received_at: string | null;
    closed_at: string | null;
    /** Why it ended where the state does not say: `sim-lost`, `no-numbers`, … */
    reason: string | null;
    updated_at: string;
    /** When the scheduler has to look at it; null: never by itself. */
    due_at: string | null;
  };
  /** One gateway that was asked for one activation. */
  attempt: {
    /** `activationId` of contracts/mqtt.md. */
    id: string;
    activation: string;
    gateway: string;
    /** 1, 2, 3… within the activation. */
    n: number;
    /** The id of the command `activation.open`; one for the whole batch. */
    command: string;
    /**
     * `asked`: no answer yet. `open`: the gateway waits for a message. `refused`: nothing was opened. `closing`: no longer
     * wanted, and not free before the gateway has said so. `closed`: over.
     */
    state: 'asked' | 'open' | 'refused' | 'closing' | 'closed';
    iccid: string | null;
    msisdn: string | null;
    /** The gateway's error code, or why it was closed. */
    reason: string | null;
    asked_at: string;
    /** Without an answer by then it is closed. */
    answer_by: string;
    opened_at: string | null;
    expires_at: string | null;
    closed_at: string | null;
  };
  /** What gateways still have to be told: published again and again until it is answered. */
  command: {
    id: string;
    gateway: string;
    name: string;
    /** JSON */
    args: string;
    attempt: string | null;
    state: 'waiting' | 'answered' | 'given-up';
    /** The id under which it was published last; null before the first time. */
    published_as: string | null;
    tries: Generated<number>;
    next_at: string;
    created_at: string;
    answered_at: string | null;
    /** The error code of the answer. */
    error: string | null;
  };
  /** A number that a customer keeps (MeiSIM): the other face of a continuous activation. */
  kept_number: {
    /** `num_<ulid>` */
    id: string;
    account: string;
    activation: string;
    /** `suspended`: its SIM is away; it is opened again as soon as it is back. */
    state: 'provisioning' | 'active' | 'suspended' | 'released' | 'failed';
    /** Once known it never changes: the number belongs to this SIM. */
    iccid: string | null;
    msisdn: string | null;
    country: string | null;
    /** Its webhook (M-30: one a number). */
    endpoint: string | null;
    created_at: string;
    active_at: string | null;
    released_at: string | null;
    /** Until when it is paid; null where it costs nothing. */
    paid_until: string | null;
    /** Periods paid. */
    periods: Generated<number>;
    /** While it is suspended: since when. */
    updated_at: string;
  };
  /** Which activation a message belongs to, and so who may see it. */
  attribution: {
    activation: string;
    /** 1, 2, 3… within the activation, in order of arrival. */
    n: number;
    message: string;
    account: string;
    /** As in the message table: never before that of an earlier `n`. */
    listed_at: string;
    /** It came after the end: shown, never charged. */
    late: Flag;
    stored_at: string;
  };
  /** SIMs that a service has seen (account empty), or that an account does not want again for it. */
  used_sim: {
    iccid: string;
    service: string;
    account: string;
    why: 'received' | 'rejected';
    at: string;
  };
  /** How activations ended, by quarter of an hour, gateway, service and country. */
  outcome: {
    /** The quarter's beginning. */
    bucket: string;
    gateway: string;
    /** Empty: any. */
    service: string;
    country: string;
    received: number;
    /** Waited in vain. Cancelled ones count when they had waited for a minute. */
    missed: number;
    /** Refused by the gateway, or not answered. */
    refused: number;
    /** From opening to the first message, all of `received` together. */
    arrival_ms: number;
  };
}
