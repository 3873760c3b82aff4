/** What must hold of every payload that arrives; run short by the tests, long by `npm run fuzz`. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { commandTable } from '../../src/bank/command-table.ts';
import { commandRunner } from '../../src/bank/commands.ts';
import { migrations } from '../../src/bank/store/schema.ts';
import type { BankStore } from '../../src/bank/store/store.ts';
import { type BankVerbs, bankVerbs } from '../../src/bank/store/verbs.ts';
import { createLog } from '../../src/log.ts';
import { Ack, Command, commandArgs, parsePayload, Reply } from '../../src/protocol/commands.ts';
import { Event, SmsReceived } from '../../src/protocol/events.ts';
import { GatewayStatus, SimState, SlotState } from '../../src/protocol/state.ts';
import { GATEWAY_ID, gatewayIdFrom, parseTopic, topicsOf } from '../../src/protocol/topics.ts';
import { ulid as makeUlid } from '../../src/protocol/ulid.ts';
import { openForWriting } from '../../src/sqlite.ts';
import { UNUSED } from '../bank/tools.ts';

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
    name: fc.constantFrom(...Object.keys(commandArgs), 'toString', '__proto__', ''),
    args: fc.oneof(
      fc.record({ epoch: ulid, after: fc.nat() }),
      fc.record({
        activationId: ulid,
        reason: fc.constantFrom('completed', 'expired'),
        ttlSeconds: fc.nat(),
      }),
      fc.record({ iccid: fc.constant('8999000000000000011'), state: fc.constantFrom('ready', 'lost') }),
      fc.dictionary(fc.string(), fc.jsonValue()),
    ),
    expiresAt: fc.constantFrom('2999-01-01T00:00:00Z', '2000-01-01T00:00:00Z', 'soon'),
  },
  { requiredKeys: [] },
);

/** Any commands, the same id several times and at once: each is answered under its id, the same way each time. */
export const commandsHold = fc.asyncProperty(fc.array(command, { maxLength: 8 }), async (given) => {
  const { run, replays } = runner();
  // The store is one for all runs: what was said under these ids before must not count.
  const fresh = new Map<unknown, string>();
  const commands = given.map((one) => {
    if (one.id?.length !== 26) return one;
    if (!fresh.has(one.id)) fresh.set(one.id, makeUlid(Date.now()));
    return { ...one, id: fresh.get(one.id) };
  });
  const replies = await Promise.all(commands.map((c) => run(Buffer.from(JSON.stringify(c)), null)));
  const ids = new Map<string, string>();
  for (const [i, reply] of replies.entries()) {
    if (reply === null) continue;
    const read = parsePayload(Reply, reply);
    ok(read.ok);
    deepStrictEqual(read.value.id, commands[i]?.id);
    // Malformed ones are answered as such, whatever else went under their id.
    if (!parsePayload(Command, JSON.stringify(commands[i])).ok) continue;
    const id = String(read.value.id);
    deepStrictEqual(ids.get(id) ?? reply, reply);
    ids.set(id, reply);
  }
  ok(replays() <= ids.size);
});

let verbs: BankVerbs | null = null;

/** The gateway's commands, on the verbs of its store. */
function runner() {
  if (verbs === null) {
    const dir = mkdtempSync(join(tmpdir(), 'simbankd-test-'));
    process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
    verbs = bankVerbs(openForWriting(join(dir, 'gateway.db'), migrations));
  }
  const write = new Proxy(verbs, {
    get: (target, verb) => async (arg: never) => target[verb as keyof BankVerbs](arg),
  }) as unknown as BankStore['write'];
  const store = { write, eventSpan: () => null };
  let replays = 0;
  const outbox = { epoch: '', lastSeq: 0, replay: () => (replays += 1) };
  const tools = { store, outbox, tellAir: () => {}, slot: () => undefined, refresh: () => {}, ...UNUSED };
  const log = createLog('silent');
  const run = commandRunner({ store, handlers: commandTable(tools), log, carriedOut: () => {} });
  return { run, replays: () => replays };
}
