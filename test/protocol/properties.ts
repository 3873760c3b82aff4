/** What must hold of every payload that arrives; run short by the tests, long by `npm run fuzz`. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { commandRunner } from '../../src/bank/commands.ts';
import type { BankStore } from '../../src/bank/store/store.ts';
import type { Outbox } from '../../src/bank/uplink/outbox.ts';
import { createLog } from '../../src/log.ts';
import { Ack, Command, parsePayload, Reply } from '../../src/protocol/commands.ts';
import { Event, SmsReceived } from '../../src/protocol/events.ts';
import { GatewayStatus, SimState, SlotState } from '../../src/protocol/state.ts';
import { GATEWAY_ID, gatewayIdFrom, parseTopic, topicsOf } from '../../src/protocol/topics.ts';

const SCHEMAS = [Ack, Command, Reply, Event, SmsReceived, GatewayStatus, SimState, SlotState];
const junk = fc.oneof(
  fc.string(),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);

/** Whatever comes: a value, or its faults in one line; never an exception. */
export const payloadsHold = fc.property(junk, fc.string(), (payload, name) => {
  for (const schema of SCHEMAS) {
    const read = parsePayload(schema, payload);
    if (!read.ok) ok(read.faults.length > 0);
  }
  ok(GATEWAY_ID.test(gatewayIdFrom(name)));
  parseTopic('simbank', payload);
  deepStrictEqual(parseTopic('simbank', topicsOf('simbank', 'g').event('sms.received')), {
    gateway: 'g',
    kind: 'events',
    rest: 'sms.received',
  });
});

const ulid = fc.constantFrom(
  '01M7YYX7JTE2F7W0DJ8BP1Q22G',
  '01M7YYX7JTE2F7W0DJ8BP1Q22H',
  '01M7YYX7JTE2F7W0DJ8BP1Q22J',
);
const command = fc.record(
  {
    v: fc.constantFrom(1, 2),
    id: fc.oneof(ulid, fc.string()),
    name: fc.constantFrom('events.replay', 'inventory.refresh', 'toString', '__proto__', ''),
    args: fc.oneof(fc.record({ epoch: ulid, after: fc.nat() }), fc.dictionary(fc.string(), fc.jsonValue())),
    expiresAt: fc.constantFrom('2999-01-01T00:00:00Z', '2000-01-01T00:00:00Z', 'soon'),
  },
  { requiredKeys: [] },
);

/** Any commands, the same id several times and at once: each is answered under its id, the same way each time. */
export const commandsHold = fc.asyncProperty(fc.array(command, { maxLength: 8 }), async (commands) => {
  const kept = new Map<string, string>();
  let replays = 0;
  const store = {
    write: {
      replyTo: async ({ id }: { id: string }) => kept.get(id) ?? null,
      keepReply: async ({ id, reply }: { id: string; reply: string }) => void kept.set(id, reply),
    },
    eventSpan: () => null,
  } as unknown as BankStore;
  const outbox = { epoch: '', lastSeq: 0, replay: () => (replays += 1) } as unknown as Outbox;
  const run = commandRunner({ store, outbox, log: createLog('silent'), refresh: () => {} });
  const replies = await Promise.all(commands.map((c) => run(Buffer.from(JSON.stringify(c)), null)));
  const ids = new Map<string, string>();
  for (const [i, reply] of replies.entries()) {
    if (reply === null) continue;
    const read = parsePayload(Reply, reply);
    ok(read.ok);
    deepStrictEqual(read.value.id, commands[i]?.id);
    const { id } = read.value;
    if (id === null || !kept.has(id)) continue;
    // Malformed ones are answered as such, whatever else went under their id.
    if (!read.value.ok && read.value.error.code === 'command.invalid') continue;
    deepStrictEqual(ids.get(id) ?? reply, reply);
    ids.set(id, reply);
  }
  ok(replays <= kept.size);
});
