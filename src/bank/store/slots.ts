/** Places: which are published, and which an operator has switched off. */
import type { Database } from '../../sqlite.ts';
import type { Order, Outcome } from './commands.ts';

export function slotStore(db: Database) {
  const knownSlots = db.prepare<[], { slot: string }>('SELECT slot FROM slot');
  const addSlot = db.prepare('INSERT INTO slot (slot) VALUES (?) ON CONFLICT DO NOTHING');
  const dropSlot = db.prepare('DELETE FROM slot WHERE slot = ?');
  const disable = db.prepare('INSERT INTO disabled_slot (slot, at) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const enable = db.prepare('DELETE FROM disabled_slot WHERE slot = ?');
  return {
    /** The slots of this configuration; those of the one before that are no more. */
    keepSlots(arg: { slots: readonly string[] }): string[] {
      const before = knownSlots.all().map(({ slot }) => slot);
      for (const slot of arg.slots) addSlot.run(slot);
      const gone = before.filter((slot) => !arg.slots.includes(slot));
      for (const slot of gone) dropSlot.run(slot);
      return gone;
    },

    /** Also over restarts, and while its port is not there. */
    switchSlot({ order, slot, on }: { order: Order; slot: string; on: boolean }): Outcome {
      if (on) enable.run(slot);
      else disable.run(slot, order.now);
      return { result: {} };
    },
  };
}
