import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Event, SmsReceived } from '../../src/protocol/events.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { DATABASES, empty } from './databases.ts';
import { event, raw, START, sms, status } from './events.ts';

const NOW = '2026-11-21T07:00:00.000Z';
const SIMS = ['8901260000000000017', '8901260000000000025'];

/** What the gateway says: a message each, some of two parts whose second comes as `sms.updated` a few events later. */
function history(epoch: string, shape: readonly { sim: number; late: boolean }[]): Event[] {
  const events: Event[] = [];
  const open: SmsReceived[] = [];
  const add = (data: SmsReceived, type: string) => {
    const seq = events.length + 1;
    events.push(event(epoch, seq, data, { type }));
  };
  shape.forEach(({ sim, late }, i) => {
    const iccid = SIMS[sim]!;
    if (late) {
      const part = sms(i, { iccid, text: 'half', complete: false, parts: { total: 2, received: 1 } });
      add(part, 'sms.received');
      open.push({ ...part, text: `whole ${i}`, complete: true, parts: { total: 2, received: 2 } });
    } else {
      add(sms(i, { iccid }), 'sms.received');
    }
    if (open.length > 1) add(open.shift()!, 'sms.updated');
  });
  for (const data of open) add(data, 'sms.updated');
  return events;
}

/** What must be there after all of it, computed without any of the code under test. */
function expected(events: readonly Event[]): Record<string, (string | null)[]> {
  const order: Record<string, string[]> = { [SIMS[0]!]: [], [SIMS[1]!]: [] };
  const text = new Map<string, string | null>();
  for (const { data, type } of events) {
    const { messageId, iccid } = SmsReceived.parse(data);
    if (type === 'sms.received') order[iccid!]!.push(messageId);
    text.set(messageId, SmsReceived.parse(data).text);
  }
  return Object.fromEntries(Object.entries(order).map(([sim, ids]) => [sim, ids.map((id) => text.get(id)!)]));
}

const Shape = fc.array(fc.record({ sim: fc.integer({ min: 0, max: 1 }), late: fc.boolean() }), {
  minLength: 1,
  maxLength: 12,
});

test.each(DATABASES)(
  'on $name any order, repetition, loss and restart gives the same messages, and no ack claims what is not there',
  async ({ name, make }) => {
    const database = await make();
    await fc.assert(
      fc.asyncProperty(
        Shape,
        // What is delivered when: indices into the history, in batches; a restart between some of them.
        fc.array(
          fc.record({
            picks: fc.array(fc.nat(40), { maxLength: 10 }),
            project: fc.boolean(),
            restart: fc.boolean(),
          }),
          { maxLength: 10 },
        ),
        // From which event on the gateway's database was lost and everything moved into a new epoch, if at all.
        fc.option(fc.nat(20), { nil: null }),
        async (shape, deliveries, restoredAt) => {
          let store = await database.open();
          await empty(store.db);
          try {
            const first = ulid(START);
            const told = history(first, shape);
            const second = ulid(START + 50);
            const cut = restoredAt === null ? told.length : Math.min(restoredAt, told.length);
            const moved = told.slice(cut).map((e, i) => ({ ...e, epoch: second, seq: i + 1 }));
            const all = [...told, ...moved];
            const came = new Set<string>();
            const deliver = async (events: readonly Event[], project: boolean) => {
              await store.verbs.insertEvents({ events: events.map(raw), now: NOW });
              for (const { epoch, seq } of events) came.add(`${epoch}/${seq}`);
              if (!project) return;
              const epochs = [first, second];
              for (const step of await store.verbs.project({ gateway: 'host-a', epochs, now: NOW })) {
                for (let seq = 1; seq <= step.upTo; seq += 1) expect(came).toContain(`${step.epoch}/${seq}`);
                expect(came).not.toContain(`${step.epoch}/${step.upTo + 1}`);
                const at = all.find((e) => e.epoch === step.epoch && e.seq === step.upTo);
                expect(step.id).toBe(at?.id ?? null);
              }
            };
            for (const { picks, project, restart } of deliveries) {
              const events = picks.flatMap((pick) => all[pick] ?? []);
              if (events.length > 0) await deliver(events, project);
              if (restart) {
                await store.close();
                store = await database.open();
              }
            }
            if (restoredAt !== null) {
              await store.verbs.noteStatus({ status: status(second, moved.length), live: true });
            }
            // In the end everything that is missing is replayed, as the gateway has it.
            await deliver(restoredAt === null ? told : [...moved, ...told.slice(0, cut)], true);
            await store.verbs.pass({ gateway: 'host-a', epoch: first, alarmId: ulid(1), now: NOW });
            await store.verbs.project({ gateway: 'host-a', epochs: [first, second], now: NOW });

            const found: Record<string, (string | null)[]> = {};
            for (const iccid of SIMS) {
              const rows = await store.reads.messages({ iccid, since: null, after: null, limit: 1000 });
              expect(rows.map(({ n }) => n)).toEqual(rows.map((_, i) => i + 1));
              found[iccid] = rows.map(({ data }) => data.text);
            }
            const wanted = expected(told);
            if (restoredAt !== null) {
              // Two epochs have no common order.
              for (const list of [...Object.values(found), ...Object.values(wanted)]) list.sort();
            }
            expect(found).toEqual(wanted);
          } finally {
            await store.close();
          }
        },
      ),
      { numRuns: name === 'SQLite' ? 150 : 60 },
    );
    await database.remove();
  },
  120_000,
);
