/** A store that says when something was committed of which somebody may have to be told: customers, and their webhooks. */
import type { Off } from './store/settlement.ts';
import type { HubStore } from './store/store.ts';

/** Verbs that write events or deliveries (store/notify.ts), whoever asks for them. */
const TELLING: Readonly<Record<string, (answer: never) => boolean>> = {
  project: always,
  opened: always,
  unanswered: always,
  commandAnswered: always,
  cancel: always,
  complete: always,
  // The scheduler's look finds nothing most of the time, and most of what is sent is taken.
  workOff: ({ done }: { done: number }) => done > 0,
  settleDeliveries: (off: readonly Off[]) => off.some((reason) => reason !== null),
  testEndpoint: always,
  replayDelivery: always,
};

function always(): boolean {
  return true;
}

/** The same store; `told` is called after each commit that may have told something. */
export function announcing(store: HubStore, told: () => void): HubStore {
  const verbs = new Proxy(store.verbs, {
    get(target, name: string) {
      const verb = target[name as keyof typeof target] as (arg: unknown) => Promise<unknown>;
      const tells = Object.hasOwn(TELLING, name) ? TELLING[name]! : null;
      if (tells === null) return verb;
      return async (arg: unknown) => {
        const answer = await verb(arg);
        if (tells(answer as never)) told();
        return answer;
      };
    },
  });
  return {
    ...store,
    verbs,
    async ingest(events, now) {
      const progress = await store.ingest(events, now);
      told();
      return progress;
    },
  };
}
