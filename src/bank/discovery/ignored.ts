/** A device that is left alone, as the page and subscribers see it: a place that is ignored, and why. */
import { VERSION } from '../../protocol/events.ts';
import type { SlotState } from '../../protocol/state.ts';
import { type LeftAlone, sentence } from './left-alone.ts';
import { slotNameOf } from './named.ts';

export interface Ignored {
  readonly name: string;
  state(): Omit<SlotState, 'epoch' | 'rev'>;
}

export function ignored(left: LeftAlone): Ignored {
  const since = new Date().toISOString();
  const name = slotNameOf(left.where);
  return {
    name,
    state: () => ({
      v: VERSION,
      slot: name,
      port: left.where,
      phase: 'ignored',
      driver: null,
      manufacturer: null,
      model: left.what,
      firmware: null,
      imei: null,
      iccid: null,
      operator: null,
      rat: null,
      registration: 'unknown',
      signalDbm: null,
      storage: [],
      lastReceivedAt: null,
      restarts: 0,
      problem: { code: left.code, message: sentence(left), since },
      updatedAt: since,
    }),
  };
}
