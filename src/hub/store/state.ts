/** Retained state of gateways, SIMs and slots: stock and display. What is older than what is here is ignored. */
import { type Expression, type SqlBool, sql } from 'kysely';
import type { GatewayStatus, SimState, SlotState } from '../../protocol/state.ts';
import { lockGateway, noteEpochs, noteGateways } from './epochs.ts';
import type { Db } from './schema.ts';

/**
 * A gateway's status. Only a live `online` makes its epoch the current one (contracts/mqtt.md, «Hubs»); a retained one does
 * while none is known.
 *
 * @returns whether the gateway is there, as far as is known now, and which of its older epochs still lack events.
 */
export async function noteStatus(
  db: Db,
  arg: { status: GatewayStatus; live: boolean },
): Promise<{ online: boolean; behind: string[] }> {
  const { status, live } = arg;
  await noteGateways(db, [status.gateway]);
  const known = await lockGateway(db, status.gateway);
  await noteEpochs(db, [{ gateway: status.gateway, epoch: status.epoch, lastSeq: status.lastSeq }]);
  // A will of an older connection says nothing about the present one; nor does what a broker kept from before it.
  const older = known?.session != null && status.session < known.session;
  if (status.state === 'offline') {
    if (!older) {
      await db
        .updateTable('gateway')
        .set({ online: 0, session: status.session })
        .where('id', '=', status.gateway)
        .execute();
    }
    return { online: older && known?.online === 1, behind: [] };
  }
  if (!live && older) return { online: known?.online === 1, behind: [] };

  await db
    .updateTable('gateway')
    .set({
      online: 1,
      session: status.session,
      instance: status.instance,
      version: status.version,
      started_at: status.startedAt,
      seen_at: status.time,
    })
    .where('id', '=', status.gateway)
    .execute();
  if (live || known?.epoch == null) {
    await db.updateTable('gateway').set({ epoch: status.epoch }).where('id', '=', status.gateway).execute();
    await db
      .updateTable('epoch')
      .set({ passed: 0 })
      .where('gateway', '=', status.gateway)
      .where('epoch', '=', status.epoch)
      .where('passed', '=', 1)
      .execute();
  }
  const behind = await db
    .selectFrom('epoch')
    .select('epoch')
    .where('gateway', '=', status.gateway)
    .where('epoch', '!=', status.epoch)
    .where('passed', '=', 0)
    .whereRef('frontier', '<', 'last_seq')
    .execute();
  return { online: true, behind: behind.map(({ epoch }) => epoch) };
}

/** One SIM of one gateway; null when it left. */
export async function noteSim(
  db: Db,
  arg: { gateway: string; iccid: string; state: SimState | null },
): Promise<void> {
  const { gateway, iccid, state } = arg;
  if (state === null) {
    await db
      .updateTable('sim')
      .set({ gone: 1 })
      .where('gateway', '=', gateway)
      .where('iccid', '=', iccid)
      .execute();
    return;
  }
  const current = await currentEpoch(db, gateway);
  const row = {
    epoch: state.epoch,
    rev: state.rev,
    inserted_at: new Date(state.insertedAt).toISOString(),
    gone: 0 as const,
    data: JSON.stringify(state),
    country: state.countryIso,
    operator: state.operator,
    msisdn: state.msisdn,
    eligible: isEligible(state) ? (1 as const) : (0 as const),
  };
  await db
    .insertInto('sim')
    .values({ gateway, iccid, ...row })
    .onConflict((conflict) =>
      conflict
        .columns(['gateway', 'iccid'])
        .doUpdateSet(row)
        // In the statement itself: several hubs write the same row, each in its own pace.
        .where((eb) => isNotOlder(eb.ref('sim.epoch'), eb.ref('sim.rev'), state, current)),
    )
    .execute();
}

/** Whether an activation may get it, as far as the state says; the gateway alone decides (contracts/mqtt.md, «Assignment rules»). */
function isEligible(state: SimState): boolean {
  return (
    state.state === 'ready' &&
    state.msisdn !== null &&
    state.activations.every(({ mode }) => mode !== 'continuous')
  );
}

/** One slot of one gateway; null when it was removed. */
export async function noteSlot(
  db: Db,
  arg: { gateway: string; slot: string; state: SlotState | null },
): Promise<void> {
  const { gateway, slot, state } = arg;
  if (state === null) {
    await db.deleteFrom('slot').where('gateway', '=', gateway).where('slot', '=', slot).execute();
    return;
  }
  const current = await currentEpoch(db, gateway);
  const row = { epoch: state.epoch, rev: state.rev, data: JSON.stringify(state) };
  await db
    .insertInto('slot')
    .values({ gateway, slot, ...row })
    .onConflict((conflict) =>
      conflict
        .columns(['gateway', 'slot'])
        .doUpdateSet(row)
        .where((eb) => isNotOlder(eb.ref('slot.epoch'), eb.ref('slot.rev'), state, current)),
    )
    .execute();
}

async function currentEpoch(db: Db, gateway: string): Promise<string | null> {
  const row = await db.selectFrom('gateway').select('epoch').where('id', '=', gateway).executeTakeFirst();
  return row?.epoch ?? null;
}

/**
 * The condition under which a state takes the place of the one that is known: within an epoch by its revision (the same one
 * again is not older: a SIM that had left comes back with it); of two epochs the current one, which only a younger one
 * replaces, for epochs are ULIDs and sort by the time they began.
 */
function isNotOlder(
  epoch: Expression<string>,
  rev: Expression<number>,
  state: { epoch: string; rev: number },
  current: string | null,
): Expression<SqlBool> {
  if (state.epoch === current) {
    return sql<SqlBool>`${epoch} <> ${state.epoch} or ${rev} <= ${state.rev}`;
  }
  return sql<SqlBool>`(${epoch} = ${state.epoch} and ${rev} <= ${state.rev})
    or (${epoch} <> ${state.epoch} and not (${epoch} = ${current ?? ''} and ${epoch} > ${state.epoch}))`;
}
