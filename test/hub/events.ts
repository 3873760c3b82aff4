/** Events, states and stores for the hub's tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawEvent } from '../../src/hub/store/events.ts';
import type { Event, SmsReceived } from '../../src/protocol/events.ts';
import type { GatewayStatus, SimState } from '../../src/protocol/state.ts';
import { ulid } from '../../src/protocol/ulid.ts';

export const ICCID = '8901260000000000017';
export const START = Date.parse('2026-11-21T06:30:00Z');

/** A folder that is removed with `remove`. */
export function scratch(): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'simbankd-hub-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** A message as a gateway publishes it; `n` makes its text and its time. */
export function sms(n: number, more: Partial<SmsReceived> = {}): SmsReceived {
  return {
    messageId: ulid(START + n),
    iccid: ICCID,
    attribution: 'certain',
    msisdn: '+12025550143',
    imei: '867698040000017',
    slot: 'A01',
    from: '72941',
    fromType: 'abbreviated',
    text: `message ${n}`,
    encoding: 'gsm7',
    dataHex: null,
    class: null,
    parts: { total: 1, received: 1 },
    complete: true,
    sentAt: null,
    receivedAt: new Date(START + n * 1000).toISOString(),
    code: null,
    activations: [],
    ports: null,
    error: null,
    pdus: ['0405912143F5'],
    ...more,
  };
}

export function event(epoch: string, seq: number, data: object, more: Partial<Event> = {}): Event {
  return {
    v: 1,
    id: ulid(START + seq),
    epoch,
    seq,
    type: 'sms.received',
    gateway: 'host-a',
    time: new Date(START + seq * 1000).toISOString(),
    data: data as Record<string, unknown>,
    ...more,
  };
}

export function raw(event: Event): RawEvent {
  const { gateway, epoch, seq, id, type } = event;
  return { gateway, epoch, seq, id, type, body: JSON.stringify(event) };
}

export function status(epoch: string, lastSeq: number, more: Partial<GatewayStatus> = {}): GatewayStatus {
  const time = new Date().toISOString();
  return {
    v: 1,
    gateway: 'host-a',
    state: 'online',
    version: '0.1.0',
    instance: '01JD8Z6Q3V4N5R7T9W0X2Y4ZAB',
    session: ulid(Date.now()),
    epoch,
    lastSeq,
    time,
    startedAt: time,
    ...more,
  };
}

export function sim(epoch: string, rev: number, more: Partial<SimState> = {}): SimState {
  return {
    v: 1,
    epoch,
    rev,
    iccid: ICCID,
    imsi: '310260000000017',
    msisdn: '+12025550143',
    msisdnSource: 'operator',
    countryIso: 'US',
    mccmnc: '310260',
    operator: 'Example Mobile',
    eid: null,
    slot: 'A01',
    insertedAt: new Date(START).toISOString(),
    state: 'ready',
    activations: [],
    usedServices: [],
    updatedAt: new Date(START).toISOString(),
    ...more,
  };
}
