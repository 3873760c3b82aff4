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
import { inquiryStore } from './number-inquiries.ts';
import { numberStore } from './numbers.ts';
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
  const alarms = alarmStore(db, events);
  const numbers = numberStore(db, alarms);
  const { giveState, ...sims } = simStore(db, events, numbers);
  const { switchSlot, ...slots } = slotStore(db);
  const { acceptSend, reported, ...outgoing } = outgoingStore(db, events);
  const { sendProbe, probed, ...inquiries } = inquiryStore(db, numbers, { acceptSend });
  return {
    begin,
    acknowledge,
    handedOver,
    newEpoch,
    /** Writes something: an answer says that the disk takes it. */
    probe: (arg: { now: string }) => events.probe(arg.now),
    ...alarms,
    ...messageStore(db, matchStore(db, events, activations, rules, probed), reported),
    ...callStore(db, events, activations, rules),
    ...outgoing,
    ...sims,
    importNumbers: numbers.importNumbers,
    noteNumber: numbers.noteNumber,
    ...inquiries,
    ...slots,
    ...retentionStore(db),

    ...commands,
    onAir: activations.onAir,
    openActivations: once(activations.open),
    closeActivation: once(activations.close),
    rearmActivation: once(activations.rearm),
    endDue: activations.endDue,
    acceptSend: once(acceptSend),
    sendProbe: once(sendProbe),
    giveNumber: once((arg: Ordered<'sim.set-number'>) => numbers.giveNumber(arg)),
    giveState: once((arg: Ordered<'sim.set-state'>) => giveState(arg)),
    switchSlot: once(switchSlot),
  };
}
export type BankVerbs = ReturnType<typeof bankVerbs>;
