/** What is old goes, in small steps, so that reception never waits for it. */
import type { Database } from '../../sqlite.ts';

/** Rows a step removes from each table at the most: a few milliseconds of one commit. */
const STEP = 200;

export interface Purge {
  /** RFC 3339; events and texts that are older go. A long message that may still grow is as old as its last part. */
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
  // Of a message that may still grow the parts are needed: a long message is as old as its last part, and they go with it.
  const oldParts = db.prepare<[number, string], { id: number; grows: 0 | 1 }>(`
    SELECT id, EXISTS (SELECT 1 FROM message WHERE message.id = step.message_id AND state <> 'complete') AS grows
    FROM (SELECT id, received_at, message_id FROM part WHERE id > ? ORDER BY id LIMIT ${STEP}) AS step
    WHERE received_at < ?`);
  const forgetText = db.prepare("UPDATE part SET tpdu = '' WHERE id = ?");
  const purgeParts = db.prepare(`
    DELETE FROM part WHERE id IN (
      SELECT id FROM (SELECT id, seen_at FROM part ORDER BY id LIMIT ${STEP}) WHERE seen_at < ?)`);
  const oldMessages = db.prepare<[string], { id: string }>(`
    SELECT id FROM (SELECT id, last_at, state FROM message ORDER BY id LIMIT ${STEP})
    WHERE last_at < ? AND state <> 'collecting'`);
  const forgetTextsOf = db.prepare("UPDATE part SET tpdu = '' WHERE message_id = ? AND tpdu <> ''");
  const purgeMessage = db.prepare('DELETE FROM message WHERE id = ?');
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
    const rows = oldParts.all(Number(forgotten.get()?.value ?? 0), before);
    for (const { id, grows } of rows) if (grows === 0) forgetText.run(id);
    const last = rows.at(-1);
    if (last !== undefined) setForgotten.run(String(last.id));
    return rows.length;
  };

  const purgeMessages = (before: string): number => {
    const rows = oldMessages.all(before);
    for (const { id } of rows) {
      forgetTextsOf.run(id);
      purgeMessage.run(id);
    }
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
        purgeMessages(before) +
        purgeCommands.run(commandsBefore).changes +
        purgeEnded.run(commandsBefore).changes +
        purgeAudit.run(auditBefore).changes
      );
    },
  };
}
