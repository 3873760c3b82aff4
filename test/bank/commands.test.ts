import { describe, expect, it } from 'vitest';
import { commandTable } from '../../src/bank/command-table.ts';
import { commandRunner } from '../../src/bank/commands.ts';
import { openBankStore } from '../../src/bank/store/store.ts';
import { Outbox } from '../../src/bank/uplink/outbox.ts';
import { createLog } from '../../src/log.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { temporaryDir } from '../temporary.ts';
import { UNUSED } from './tools.ts';

const log = createLog('silent');
const now = (): string => new Date().toISOString();

describe('events.replay', () => {
  it('says how far back it can go: what was purged is missing from the front', async () => {
    const store = await openBankStore(temporaryDir());
    const numbering = await store.write.begin({ now: now() });
    const { epoch } = numbering;
    let last = { id: '', seq: 0 };
    for (let n = 0; n < 5; n++) {
      const { events } = await store.write.setAlarm({ alarm: `a${n}`, detail: '', active: true, now: now() });
      last = events[0]!;
      if (n === 2) await store.write.acknowledge({ epoch, upTo: last.seq, id: last.id, now: now() });
    }
    const outbox = new Outbox({ store, confirm: 'hub', numbering: { ...numbering, lastSeq: last.seq }, log });
    const tools = { store, outbox, tellAir: () => {}, slot: () => undefined, refresh: () => {}, ...UNUSED };
    const run = commandRunner({ store, log, handlers: commandTable(tools), carriedOut: () => {} });
    const replay = async (args: { epoch: string; after: number }): Promise<unknown> => {
      const expiresAt = new Date(Date.now() + 10_000).toISOString();
      const command = { v: 1, id: ulid(Date.now()), name: 'events.replay', args, expiresAt };
      return JSON.parse((await run(Buffer.from(JSON.stringify(command)), null)) ?? '').result;
    };
    expect(await replay({ epoch, after: 1 })).toEqual({ from: 2, to: 5, truncated: false });
    const later = new Date(Date.now() + 1_000).toISOString();
    while (
      (await store.write.purge({
        before: later,
        identitiesBefore: '',
        commandsBefore: '',
        auditBefore: '',
      })) > 0
    );
    // Only what nobody has acknowledged is still there.
    expect(await replay({ epoch, after: 1 })).toEqual({ from: 4, to: 5, truncated: true });
    expect(await replay({ epoch, after: 3 })).toEqual({ from: 4, to: 5, truncated: false });
    expect(await replay({ epoch, after: 5 })).toEqual({ from: 6, to: 5, truncated: false });
    // A numbering that was never here has nothing to give.
    expect(await replay({ epoch: ulid(0), after: 2 })).toEqual({ from: 3, to: 2, truncated: false });
    await store.close();
  });
});
