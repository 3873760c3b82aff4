/** Retained state of gateways, SIMs and slots: stock and display. What is older than what is here is ignored. */
import type { GatewayStatus, SimState, SlotState } from '../../protocol/state.ts';
import { lockGateway, noteEpochs } from './epochs.ts';
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
  await noteEpochs(db, [{ gateway: status.gateway, epoch: status.epoch, lastSeq: status.lastSeq }]);
  const known = await lockGateway(db, status.gateway);
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
  const known = await db
    .selectFrom('sim')
    .select(['epoch', 'rev'])
    .where('gateway', '=', gateway)
    .where('iccid', '=', iccid)
    .executeTakeFirst();
  if (state === null) {
    await db
      .updateTable('sim')
      .set({ gone: 1 })
      .where('gateway', '=', gateway)
      .where('iccid', '=', iccid)
      .execute();
    return;
  }
  if (known !== undefined && (await isOlder(db, gateway, state, known))) return;
  const row = {
    epoch: state.epoch,
    rev: state.rev,
    inserted_at: new Date(state.insertedAt).toISOString(),
    gone: 0 as const,
    data: JSON.stringify(state),
  };
  await db
    .insertInto('sim')
    .values({ gateway, iccid, ...row })
    .onConflict((conflict) => conflict.columns(['gateway', 'iccid']).doUpdateSet(row))
    .execute();
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
  const known = await db
    .selectFrom('slot')
    .select(['epoch', 'rev'])
    .where('gateway', '=', gateway)
    .where('slot', '=', slot)
    .executeTakeFirst();
  if (known !== undefined && (await isOlder(db, gateway, state, known))) return;
  const row = { epoch: state.epoch, rev: state.rev, data: JSON.stringify(state) };
  await db
    .insertInto('slot')
    .values({ gateway, slot, ...row })
    .onConflict((conflict) => conflict.columns(['gateway', 'slot']).doUpdateSet(row))
    .execute();
}

/** The same revision again is not older: a SIM that had left comes back with it. */
async function isOlder(
  db: Db,
  gateway: string,
  state: { epoch: string; rev: number },
  known: { epoch: string; rev: number },
): Promise<boolean> {
  if (state.epoch === known.epoch) return state.rev < known.rev;
  const row = await db.selectFrom('gateway').select('epoch').where('id', '=', gateway).executeTakeFirst();
  if (state.epoch === row?.epoch) return false;
  // Neither may be the current one yet: epochs are ULIDs, which sort by the time they began.
  return known.epoch === row?.epoch ? state.epoch < known.epoch : false;
}
