/** Two gateways of one name on one broker: who is meant by a status, and who gives way. Pure. */
import type { GatewayStatus } from '../../protocol/state.ts';

/** What a status on our own topic means to us. */
export type Verdict =
  /** Ours, or nobody's concern. */
  | 'ignore'
  /** Stale, and it hides us: publish ours again. */
  | 'overwrite'
  /** A second gateway is alive, and it is the one to stop publishing. */
  | 'rival-yields'
  /** A second gateway is alive, and we are the one to stop publishing. */
  | 'rival-stays';

/**
 * The later `startedAt` gives way, then the greater instance: both sides come to the same answer without talking.
 *
 * @param retained - the broker kept it: it says nothing of who is alive now.
 */
export function rivalOf(
  self: Pick<GatewayStatus, 'instance' | 'session' | 'startedAt'>,
  heard: GatewayStatus,
  retained: boolean,
): Verdict {
  if (heard.instance === self.instance) {
    // The will of an older connection of ours, delivered after this one was made.
    return heard.state === 'offline' && heard.session !== self.session ? 'overwrite' : 'ignore';
  }
  if (retained) return 'overwrite';
  if (heard.state === 'offline') return 'overwrite';
  const [ours, theirs] = [Date.parse(self.startedAt), Date.parse(heard.startedAt)];
  const weYield = ours > theirs || (ours === theirs && self.instance > heard.instance);
  return weYield ? 'rival-stays' : 'rival-yields';
}
