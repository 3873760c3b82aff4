/**
 * The mobile network of a bank: it keeps what a SIM cannot take and hands it over, oldest first, when it can.
 *
 * SC behaviour after 23.040 clause 9 and 03.40 «memory available», without its delays: space is used at once. What
 * one of its SIMs sends to the number of another is delivered there. It knows no modem, only who receives for an ICCID.
 */
import { SimbankError } from '../errors.ts';
import type { SimIdentity } from './identity.ts';
import { deliverOf, statusReportOf } from './submit.ts';
import { draftDeliver, finishDraft, type ReadTpdu, type TextMessage } from './tpdu.ts';

export interface Delivered {
  readonly id: string;
  /** The TPDUs as hex, one a part; the same that +CMGR shows behind its SMSC field. */
  readonly tpdus: string[];
}

/** Takes a TPDU; false when the receiving memory is full. */
export type Receiver = (tpdu: string) => boolean;

interface Subscriber {
  queue: string[];
  /** Where the queue starts: shifting a long array a thousand times is slow. */
  head: number;
  receiver: Receiver | null;
  reference: number;
  /** The span of service-centre seconds used for a (sender, text), by hash; see `secondsFor`. */
  readonly sent: Map<number, { first: number; last: number }>;
}

/** How many different recent messages a SIM's sent times are remembered for. */
const REMEMBERED = 1024;

/** From the delivery of a message to its status report. */
const REPORT_MS = 50;

export class Network {
  readonly #subscribers = new Map<string, Subscriber>();
  /** ICCIDs by number, digits only. */
  readonly #numbers = new Map<string, string>();
  #nextId = 1;

  deliverText(iccid: string, message: TextMessage): Delivered {
    const subscriber = this.#subscriber(iccid);
    const draft = draftDeliver(message, subscriber.reference);
    if (draft.parts.length > 1) subscriber.reference = (subscriber.reference + 1) & 0xffff;
    const tpdus = finishDraft(draft, secondsFor(subscriber, message));
    return this.#enqueue(subscriber, tpdus);
  }

  /** As it is: two equal TPDUs given here are two equal TPDUs on the air, which a receiver may take for a resend. */
  deliverTpdu(iccid: string, tpduHex: string): Delivered {
    const tpdu = tpduHex.toUpperCase();
    if (!/^([0-9A-F]{2}){1,176}$/.test(tpdu)) {
      throw new SimbankError(
        'emulator.bad_tpdu',
        'a TPDU is an even number of hex digits, at most 176 octets',
      );
    }
    return this.#enqueue(this.#subscriber(iccid), [tpdu]);
  }

  /** The network gives this SIM its number. */
  subscribe({ iccid, msisdn }: SimIdentity): void {
    this.#subscriber(iccid);
    if (msisdn !== null) this.#numbers.set(digitsOf(msisdn), iccid);
  }

  /** Takes a message from a SIM: to another SIM of this network it is delivered, from there on nobody knows. */
  submit(sender: SimIdentity, submit: ReadTpdu, reference: number): void {
    const now = Math.floor(Date.now() / 1000);
    const receiver = this.#numbers.get(digitsOf(submit.address));
    if (receiver !== undefined && sender.msisdn !== null) {
      const subscriber = this.#subscriber(receiver);
      const seconds = secondsFor(subscriber, { from: sender.msisdn, text: submit.userData });
      this.#enqueue(subscriber, [deliverOf(submit, sender.msisdn, seconds)]);
    }
    if (!submit.report) return;
    const report = statusReportOf(submit.address, reference, now, 0);
    setTimeout(() => this.#enqueue(this.#subscriber(sender.iccid), [report]), REPORT_MS).unref();
  }

  /** The SIM is in a modem that is on the air; what waits is handed over now. */
  attach(iccid: string, receiver: Receiver): void {
    const subscriber = this.#subscriber(iccid);
    subscriber.receiver = receiver;
    drain(subscriber);
  }

  detach(iccid: string): void {
    this.#subscriber(iccid).receiver = null;
  }

  /** A slot became free (23.040 §3.3: memory available notification). */
  memoryAvailable(iccid: string): void {
    drain(this.#subscriber(iccid));
  }

  pending(iccid: string): number {
    const subscriber = this.#subscribers.get(iccid);
    return subscriber === undefined ? 0 : subscriber.queue.length - subscriber.head;
  }

  #enqueue(subscriber: Subscriber, tpdus: string[]): Delivered {
    for (const tpdu of tpdus) subscriber.queue.push(tpdu);
    drain(subscriber);
    const id = `sms-${this.#nextId}`;
    this.#nextId += 1;
    return { id, tpdus };
  }

  #subscriber(iccid: string): Subscriber {
    let subscriber = this.#subscribers.get(iccid);
    if (subscriber === undefined) {
      subscriber = { queue: [], head: 0, receiver: null, reference: 1, sent: new Map() };
      this.#subscribers.set(iccid, subscriber);
    }
    return subscriber;
  }
}

function digitsOf(number: string): string {
  return number.replace(/^(\+|00)/, '');
}

function drain(subscriber: Subscriber): void {
  while (subscriber.receiver !== null && subscriber.head < subscriber.queue.length) {
    if (!subscriber.receiver(subscriber.queue[subscriber.head] ?? '')) break;
    subscriber.head += 1;
  }
  if (subscriber.head === subscriber.queue.length) {
    if (subscriber.head > 0) subscriber.queue = [];
    subscriber.head = 0;
  } else if (subscriber.head > 1024) {
    subscriber.queue.splice(0, subscriber.head);
    subscriber.head = 0;
  }
}

/**
 * Two equal TPDUs within a second of service-centre time count as one message sent twice, so the same text from the
 * same sender never gets a second twice. A hash that two messages share costs one of them a second, no more.
 */
function secondsFor(subscriber: Subscriber, message: TextMessage): number {
  const wanted = Math.floor((message.sentAt?.getTime() ?? Date.now()) / 1000);
  const key = hash(`${message.from}\n${message.text}`);
  const used = subscriber.sent.get(key) ?? { first: wanted, last: wanted - 1 };
  const second = wanted < used.first || wanted > used.last ? wanted : used.last + 1;
  subscriber.sent.delete(key);
  subscriber.sent.set(key, { first: Math.min(used.first, second), last: Math.max(used.last, second) });
  if (subscriber.sent.size > REMEMBERED) {
    const oldest = subscriber.sent.keys().next();
    if (oldest.done !== true) subscriber.sent.delete(oldest.value);
  }
  return second;
}

/** FNV-1a, 30 bits: a small integer needs no heap. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 2;
}
