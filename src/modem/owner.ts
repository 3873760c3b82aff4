/** What the owner of a modem gives it, and what it hears of it. */
import type { Logger } from '../log.ts';
import type { Iccid } from '../sim/iccid.ts';
import type { MessageAccess } from './messages.ts';
import type { Card } from './probe.ts';
import type { Input, Trouble } from './state.ts';
import type { StepOptions } from './steps.ts';

export interface ModemOptions extends Omit<StepOptions, 'signal'> {
  /** Where the modem is; asked at every opening where it may have moved, null for «nowhere now». */
  readonly path: string | (() => string | null);
  readonly baudRate: number;
  readonly log: Logger;
}

export interface ModemEvents {
  /** Something the slot's state shows has changed. */
  changed(): void;
  /** The card was read. Resolves when messages may be attributed to it, with why they may not. */
  card(card: Card): Promise<Trouble | null>;
  /** What was read of a card counts no more. */
  cardForgotten(): void;
  /** There is no card, for certain. */
  cardAbsent(): void;
  /** «There may be a message at this place.» A hint, never more. */
  announced(store: string, index: number): void;
  /** List every store: on readiness, and whenever a hint does not fit. */
  sweep(): void;
  /** A call came in, and is being ended; null where its number is withheld. */
  called(from: string | null): void;
  /** A message that is nowhere but on this line: its PDU in hex, or the line as it came. `length` as in StoredMessage. */
  carried(pdu: string, length: number): void;
}

/** A job with the message stores of one readiness. */
export type MessageJob<T> = (stores: MessageAccess, stillValid: () => boolean, iccid: Iccid) => Promise<T>;

/** `sim-event`: another card was seen where the known one should be. */
export type OwnerInput = Extract<
  Input,
  { type: 'sim-event' | 'settings-lost' | 'healthy' | 'unhealthy' | 'restart' | 'disable' | 'enable' }
>;
