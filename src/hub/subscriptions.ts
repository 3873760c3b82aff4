/** What a hub listens to (contracts/mqtt.md, «Hubs»), and the way back to 3.1.1 where a broker does not share. */
import type { MqttVersion } from '../mqtt-options.ts';

/**
 * Subscribes to everything.
 *
 * @param subscribe - one topic; false when the broker refuses it.
 * @returns what it refused.
 */
export async function subscribeAll(
  subscribe: (topic: string) => Promise<boolean>,
  hub: { readonly root: string; readonly instance: string; readonly version: MqttVersion },
): Promise<string[]> {
  const { root, instance, version } = hub;
  const events = `${root}/+/events/#`;
  const refused: string[] = [];
  const isShared = version === 5 && (await subscribe(`$share/hub/${events}`));
  if (!isShared && !(await subscribe(events))) refused.push(events);
  // Retained topics are subscribed plainly: a shared subscription gets nothing retained (MQTT 5 §4.8.2). Answers come to the
  // plain topic, which every hub hears, or with MQTT 5 to one that is this hub's own.
  for (const rest of ['status', 'slots/+', 'sims/+', 'replies', `replies/${instance}`]) {
    const topic = `${root}/+/${rest}`;
    if (!(await subscribe(topic))) refused.push(topic);
  }
  return refused;
}
