/** What is old goes, in small steps, so that reception never waits for it. */
import type { Database } from '../../sqlite.ts';

/** Rows a step removes from each table at the most: a few milliseconds of one commit. */
const STEP = 200;

export function retentionStore(db: Database) {
  // An event that nobody has acknowledged is never purged, however old.
  const purgeEvents = db.prepare(`
    DELETE FROM event WHERE rowid IN (
      SELECT event.rowid FROM event JOIN epoch ON epoch.id = event.epoch
      WHERE event.time < ? AND event.seq <= epoch.acked_seq ORDER BY event.time LIMIT ${STEP})`);
  // Only what it says goes: a card that was shelved for a year, or an entry nobody can delete, must not come again as new.
  const forgetText = db.prepare(`
    UPDATE part SET tpdu = '' WHERE id IN (
      SELECT part.id FROM part LEFT JOIN message ON message.id = part.message_id
      WHERE part.tpdu <> '' AND part.received_at < ? AND coalesce(message.state, 'complete') <> 'collecting' LIMIT ${STEP})`);
  const purgeParts = db.prepare(
    `DELETE FROM part WHERE id IN (SELECT id FROM part WHERE seen_at < ? LIMIT ${STEP})`,
  );
  const purgeMessages = db.prepare(`
    DELETE FROM message WHERE id IN (
      SELECT id FROM message WHERE last_at < ? AND state <> 'collecting'
        AND NOT EXISTS (SELECT 1 FROM part WHERE message_id = message.id AND tpdu <> '') LIMIT ${STEP})`);
  const purgeCommands = db.prepare(
    `DELETE FROM command WHERE id IN (SELECT id FROM command WHERE at < ? LIMIT ${STEP})`,
  );
  return {
    /** One step; how many rows went. Zero says that nothing is left to do. */
    purge(arg: { eventsBefore: string; identitiesBefore: string; commandsBefore: string }): number {
      return [
        purgeEvents.run(arg.eventsBefore),
        forgetText.run(arg.eventsBefore),
        purgeParts.run(arg.identitiesBefore),
        purgeMessages.run(arg.eventsBefore),
        purgeCommands.run(arg.commandsBefore),
      ].reduce((sum, result) => sum + result.changes, 0);
    },
  };
}

export function commandStore(db: Database) {
  const find = db.prepare<[string], { reply: string }>('SELECT reply FROM command WHERE id = ?');
  const keep = db.prepare('INSERT INTO command (id, reply, at) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING');
  return {
    /** The answer a command got before, as JSON text. */
    replyTo(arg: { id: string }): string | null {
      return find.get(arg.id)?.reply ?? null;
    },
    keepReply(arg: { id: string; reply: string; now: string }): null {
      keep.run(arg.id, arg.reply, arg.now);
      return null;
    },
  };
}
