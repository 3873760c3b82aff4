/** All that may be written to the gateway's database: a verb is a transaction. */
import type { CommandArgs } from '../../protocol/commands.ts';
import type { Database } from '../../sqlite.ts';
import { activationStore } from './activations.ts';
import { alarmStore } from './alarms.ts';
import { auditStore } from './audit.ts';
import { callStore } from './calls.ts';
import { commandStore, type Order } from './commands.ts';
import { eventStore } from './events.ts';
import { matchStore, NO_RULES, type Rules } from './matching.ts';
import { messageStore } from './messages.ts';
import { outgoingStore } from './outgoing.ts';
import { retentionStore } from './retention.ts';
import { simStore } from './sims.ts';
import { slotStore } from './slots.ts';

interface Ordered<N extends 'sim.set-number' | 'sim.set-state'> {
  readonly order: Order;
  readonly args: CommandArgs<N>;
}

export function bankVerbs(db: Database, rules: Rules = NO_RULES) {
  const events = eventStore(db);
  const { begin, acknowledge, handedOver, newEpoch } = events;
  const activations = activationStore(db, events, auditStore(db), rules.policy);
  const { once, verbs: commands } = commandStore(db);
  const { giveNumber, giveState, ...sims } = simStore(db, events);
  const { switchSlot, ...slots } = slotStore(db);
  const { acceptSend, reported, ...outgoing } = outgoingStore(db, events);
  return {
    begin,
    acknowledge,
    handedOver,
    newEpoch,
    /** Writes something: an answer says that the disk takes it. */
    probe: (arg: { now: string }) => events.probe(arg.now),
    ...alarmStore(db, events),
    ...messageStore(db, matchStore(db, events, activations, rules), reported),
    ...callStore(db, events, activations, rules),
    ...outgoing,
    ...sims,
    ...slots,
    ...retentionStore(db),

    ...commands,
    onAir: activations.onAir,
    openActivations: once(activations.open),
    closeActivation: once(activations.close),
    rearmActivation: once(activations.rearm),
    endDue: activations.endDue,
    acceptSend: once(acceptSend),
    giveNumber: once((arg: Ordered<'sim.set-number'>) => giveNumber(arg)),
    giveState: once((arg: Ordered<'sim.set-state'>) => giveState(arg)),
    switchSlot: once(switchSlot),
  };
}
export type BankVerbs = ReturnType<typeof bankVerbs>;
