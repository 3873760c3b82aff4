/** The messages of a storm: what was sent, to which card, and what has to be true of what came out at the other end. */
import type { EmulatedModem } from '../../src/emulator/bank.ts';
import type { Random } from '../fuzz/random.ts';
import type { Arrival } from './listener.ts';

export interface Sent {
  readonly text: string;
  readonly iccid: string;
  readonly from: string;
  readonly at: number;
  readonly modem: EmulatedModem;
}

const SENDERS = ['72941', 'Northbank', '+12025550143', '40404'];
/** One in so many is long: two to five parts. */
const LONG = 6;

export class Traffic {
  /** By text. */
  readonly sent = new Map<string, Sent>();

  /** Null where there is no card that it could be sent to. */
  send(modem: EmulatedModem, random: Random, kind: 'any' | 'short' = 'any'): Sent | null {
    const { sim } = modem;
    if (sim === null) return null;
    const n = this.sent.size;
    const kinds = [`${n} is your code`, `${n} ist Ihr Code: Grüße {€}`, `验证码 ${n} 🎉`];
    const more = kind === 'any' && random.chance(LONG) ? ' and so on'.repeat(15 + random.below(40)) : '';
    const text = `${random.pick(kinds)}${more}`;
    const from = random.pick(SENDERS);
    modem.deliverText({ from, text });
    const one = { text, iccid: sim.iccid, from, at: performance.now(), modem };
    this.sent.set(text, one);
    return one;
  }

  /** Texts that have not arrived as they were sent. */
  missing(arrivals: ReadonlyMap<string, readonly Arrival[]>): Sent[] {
    return [...this.sent.values()].filter(({ text }) => !arrivals.has(text));
  }

  /** Texts that arrived as more than one message. */
  doubled(arrivals: ReadonlyMap<string, readonly Arrival[]>): string[] {
    return [...arrivals].flatMap(([text, all]) =>
      new Set(all.map(({ message }) => message.messageId)).size > 1 ? [text] : [],
    );
  }

  /** Every message once, under its card where that is certain, whole, and nothing that nobody sent. */
  check(arrivals: ReadonlyMap<string, readonly Arrival[]>): string[] {
    const violations = [
      ...this.missing(arrivals).map(({ text, iccid }) => `lost: ${shown(text)} for ${iccid}`),
      ...this.doubled(arrivals).map((text) => `twice: ${shown(text)} (slot ${slotOf(arrivals.get(text))})`),
    ];
    for (const [text, [first, ...more]] of arrivals) {
      const origin = this.sent.get(text);
      const { message, id } = first!;
      if (origin === undefined) {
        violations.push(`nobody sent ${shown(text)} (event ${id}, slot ${message.slot}, ${message.error})`);
        continue;
      }
      if (more.length > 0) violations.push(`told in ${1 + more.length} events: ${shown(text)}`);
      if (!message.complete) violations.push(`not complete: ${shown(text)}`);
      if (message.from !== origin.from)
        violations.push(`${shown(text)} is from ${origin.from}, not ${message.from}`);
      if (message.attribution === 'certain' && message.iccid !== origin.iccid)
        violations.push(`${shown(text)} was for ${origin.iccid}, and is at ${message.iccid}`);
    }
    return violations;
  }
}

function slotOf(arrivals: readonly Arrival[] = []): string {
  return arrivals.map(({ message }) => message.slot).join(', ');
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}… (${text.length})` : text);
}
