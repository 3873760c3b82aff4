/** What each command does. What happens in the store alone is one transaction with its answer. */
import type { CommandArgs, CommandName, ReplayResult } from '../protocol/commands.ts';
import type { Slot } from './slot.ts';
import type { Answered, Order } from './store/commands.ts';
import type { SendLimits } from './store/outgoing.ts';
import type { BankStore } from './store/store.ts';
import type { Outbox } from './uplink/outbox.ts';

export type Handler<N extends CommandName> =
  | {
      readonly inStore: (args: CommandArgs<N>, order: Order) => Promise<Answered>;
      /** Once it was carried out, and only then. */
      readonly after?: (args: CommandArgs<N>) => void;
    }
  /** Something outside of the store: when a crash ends it, its answer is `command.interrupted`. */
  | { readonly elsewhere: (args: CommandArgs<N>) => Done | Promise<Done> };

export interface Done {
  readonly result: Record<string, unknown>;
  readonly after?: () => void;
}

export type Handlers = { readonly [N in CommandName]?: Handler<N> };

type Place = Pick<Slot, 'restart' | 'disable' | 'enable'>;

export interface CommandTools {
  readonly store: Pick<BankStore, 'write' | 'eventSpan'>;
  readonly outbox: Pick<Outbox, 'epoch' | 'lastSeq' | 'replay'>;
  /** Tells the store what modems say of their SIMs now. */
  readonly tellAir: () => void;
  readonly slot: (name: string) => Place | undefined;
  readonly sendLimits: SendLimits;
  /** There is something to send. */
  readonly sendNow: () => void;
  readonly ussd: (iccid: string, code: string) => Promise<Record<string, unknown>>;
  /** The lines of an answer. @throws SimbankError where the configuration does not allow it. */
  readonly at: (slot: string, command: string) => Promise<string[]>;
  /** Publishes all retained state again. */
  readonly refresh: () => void;
}

export function commandTable(tools: CommandTools): Handlers {
  const { store, outbox, tellAir, slot, sendLimits, sendNow, ussd, at, refresh } = tools;
  const { write } = store;
  /** Something about a place that has to be there. */
  const ofSlot = (
    keep: (order: Order, name: string) => Promise<Answered>,
    act: (place: Place) => void,
  ): Handler<'slot.restart'> => ({
    inStore: ({ slot: name }, order) => {
      if (slot(name) !== undefined) return keep(order, name);
      const message = `this gateway has no slot ${name}`;
      return write.refuseCommand({ order, code: 'slot.unknown', message });
    },
    after: ({ slot: name }) => act(slot(name)!),
  });

  return {
    'activation.open': {
      inStore: (args, order) => {
        tellAir();
        return write.openActivations({ order, args });
      },
    },
    'activation.close': { inStore: (args, order) => write.closeActivation({ order, args }) },
    'activation.rearm': { inStore: (args, order) => write.rearmActivation({ order, args }) },
    'sim.set-number': { inStore: (args, order) => write.giveNumber({ order, args }) },
    'sim.set-state': { inStore: (args, order) => write.giveState({ order, args }) },
    'slot.restart': ofSlot(
      (order) => write.acceptCommand({ order }),
      (place) => place.restart(),
    ),
    'slot.disable': ofSlot(
      (order, name) => write.switchSlot({ order, slot: name, on: false }),
      (place) => place.disable(),
    ),
    'slot.enable': ofSlot(
      (order, name) => write.switchSlot({ order, slot: name, on: true }),
      (place) => place.enable(),
    ),
    'sms.send': {
      inStore: (args, order) => write.acceptSend({ order, args, limits: sendLimits }),
      after: sendNow,
    },
    'ussd.run': { elsewhere: async ({ iccid, code }) => ({ result: await ussd(iccid, code) }) },
    'at.run': {
      elsewhere: async ({ slot: name, command }) => ({ result: { lines: await at(name, command) } }),
    },
    'events.replay': {
      elsewhere: ({ epoch, after }) => {
        const span = store.eventSpan(epoch);
        const last = epoch === outbox.epoch ? outbox.lastSeq : (span?.last ?? after);
        const first = span?.first ?? last + 1;
        const from = Math.max(after + 1, first);
        const result = { from, to: last, truncated: first > after + 1 } satisfies ReplayResult;
        return { result, after: () => outbox.replay(epoch, from - 1) };
      },
    },
    'inventory.refresh': { elsewhere: () => ({ result: {}, after: refresh }) },
  };
}
