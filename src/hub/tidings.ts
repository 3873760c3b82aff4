/** A store that says when something was committed of which somebody may have to be told: customers, and their webhooks. */
import type { HubStore } from './store/store.ts';

/** Verbs that write events or deliveries (store/notify.ts), whoever asks for them. */
const TELLING: ReadonlySet<string> = new Set([
  'project',
  'opened',
  'unanswered',
  'commandAnswered',
  'cancel',
  'complete',
  'workOff',
  'settleDelivery',
  'testEndpoint',
  'replayDelivery',
]);

/** The same store; `told` is called after each commit that may have told something. */
export function announcing(store: HubStore, told: () => void): HubStore {
  const after = async (name: string, answer: Promise<unknown>): Promise<unknown> => {
    const value = await answer;
    // The scheduler's look finds nothing most of the time.
    if (name !== 'workOff' || (value as { done: number }).done > 0) told();
    return value;
  };
  const verbs = new Proxy(store.verbs, {
    get(target, name: string) {
      const verb = target[name as keyof typeof target] as (arg: unknown) => Promise<unknown>;
      return TELLING.has(name) ? (arg: unknown) => after(name, verb(arg)) : verb;
    },
  });
  return {
    ...store,
    verbs,
    ingest: (events, now) => after('ingest', store.ingest(events, now)) as ReturnType<HubStore['ingest']>,
  };
}
