/** What is old goes, in small steps, so that reception never waits for it. */
import type { Database } from '../../sqlite.ts';

/** Rows a step removes from each table at the most: a few milliseconds of one commit. */
const STEP = 200;

export interface Purge {
  /** RFC 3339; events and texts that are older go. */
  readonly before: string;
  /** Identities not seen since go as well. */
  readonly identitiesBefore: string;
  /** Answers to commands, and ids of activations that ended. */
  readonly commandsBefore: string;
  /** Of the audit, what is older goes. Nothing else ever removes a row of it. */
  readonly auditBefore: string;
}

/**
 * Rows of a table are in the order of their time, so a step looks at the first few only: no index on time, which every
 * message would have to write.
 */
export function retentionStore(db: Database) {
  const epochs = db.prepare<[], { id: string; acked: number }>('SELECT id, acked_seq AS acked FROM epoch');
  // An event that nobody has acknowledged is never purged, however old.
  const purgeEvents = db.prepare(`
    DELETE FROM event WHERE epoch = @id AND seq IN (
      SELECT seq FROM (SELECT seq, time FROM event WHERE epoch = @id ORDER BY seq LIMIT ${STEP})
      WHERE time < @before AND seq <= @acked)`);
  const forgotten = db.prepare<[], { value: string }>("SELECT value FROM meta WHERE key = 'forgotten'");
  const setForgotten = db.prepare(
    "INSERT INTO meta (key, value) VALUES ('forgotten', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );
  const oldTexts = db.prepare<[number, string], { id: number }>(`
    SELECT id FROM (SELECT id, received_at, message_id FROM part WHERE id > ? ORDER BY id LIMIT ${STEP}) AS step
    WHERE received_at < ? AND NOT EXISTS (
      SELECT 1 FROM message WHERE message.id = step.message_id AND state = 'collecting')`);
  const forgetText = db.prepare("UPDATE part SET tpdu = '' WHERE id = ?");
  const purgeParts = db.prepare(`
    DELETE FROM part WHERE id IN (
      SELECT id FROM (SELECT id, seen_at FROM part ORDER BY id LIMIT ${STEP}) WHERE seen_at < ?)`);
  const purgeMessages = db.prepare(`
    DELETE FROM message WHERE id IN (
      SELECT id FROM (SELECT id, last_at, state FROM message ORDER BY id LIMIT ${STEP})
      WHERE last_at < ? AND state <> 'collecting')`);
  const purgeCommands = db.prepare(
    `DELETE FROM command WHERE id IN (SELECT id FROM command WHERE at < ? LIMIT ${STEP})`,
  );

  // Ids are ULIDs: in the order of their opening, near enough.
  const purgeEnded = db.prepare(`
    DELETE FROM ended_activation WHERE id IN (
      SELECT id FROM (SELECT id, at FROM ended_activation ORDER BY id LIMIT ${STEP}) WHERE at < ?)`);
  const setAuditBefore = db.prepare(
    "INSERT INTO meta (key, value) VALUES ('audit_before', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );
  const purgeAudit = db.prepare(`
    DELETE FROM audit WHERE id IN (
      SELECT id FROM (SELECT id, at FROM audit ORDER BY id LIMIT ${STEP}) WHERE at < ?)`);

  // Only what it says goes: a card that was shelved for a year, or an entry nobody can delete, must not come again as new.
  const forget = (before: string): number => {
    const rows = oldTexts.all(Number(forgotten.get()?.value ?? 0), before);
    for (const { id } of rows) forgetText.run(id);
    const last = rows.at(-1);
    if (last !== undefined) setForgotten.run(String(last.id));
    return rows.length;
  };

  return {
    /** One step; how many rows went. Zero says that nothing is left to do. */
    purge({ before, identitiesBefore, commandsBefore, auditBefore }: Purge): number {
      setAuditBefore.run(auditBefore);
      const events = epochs
        .all()
        .reduce((sum, epoch) => sum + purgeEvents.run({ ...epoch, before }).changes, 0);
      return (
        events +
        forget(before) +
        purgeParts.run(identitiesBefore).changes +
        purgeMessages.run(before).changes +
        purgeCommands.run(commandsBefore).changes +
        purgeEnded.run(commandsBefore).changes +
        purgeAudit.run(auditBefore).changes
      );
    },
  };
}
