/** What a gateway says, as JSON text. Pure. */
import { VERSION } from '../../protocol/events.ts';
import type { GatewayStatus } from '../../protocol/state.ts';
import type { StoredEvent } from '../store/events.ts';

/** The envelope around what is on disk, whose `data` is JSON text already. */
export function eventPayload(gateway: string, event: StoredEvent): string {
  const { id, epoch, seq, type, time, data } = event;
  const head = JSON.stringify({ v: VERSION, id, epoch, seq, type, gateway, time });
  return `${head.slice(0, -1)},"data":${data}}`;
}

export function statusPayload(status: Omit<GatewayStatus, 'v' | 'time'>, now: string): string {
  return JSON.stringify({ v: VERSION, ...status, time: now } satisfies GatewayStatus);
}
