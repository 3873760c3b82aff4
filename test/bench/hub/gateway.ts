/**
 * A gateway as a hub meets it, a process of its own without modems or a disk: it opens what it is asked for on the next SIM, and
 * has messages arrive when it is told to. Beside it a client that answers requests with what they said: the floor.
 *
 * `gateway.ts BROKER-URL SIMS KEPT`: the first KEPT SIMs are for numbers that are kept.
 */
import mqtt from 'mqtt';
import { sendAtOnce } from '../../../src/mqtt-options.ts';
import { type Command, OpenActivations } from '../../../src/protocol/commands.ts';
import { SellingGateway, simsOf } from '../../hub/selling.ts';
import { paced } from './load.ts';

/** Messages to send, one an id, which becomes its text; without a rate all at once. */
export interface Order {
  readonly ids: readonly string[];
  readonly rate: number | null;
}
/** When each went out, ns of the clock that all processes share. */
export type Sent = ReadonlyMap<string, bigint>;

const [url, count, kept] = process.argv.slice(2) as [string, string, string];

/** SellingGateway looks through all that is open for each SIM; this one takes them in turn. */
class BenchGateway extends SellingGateway {
  readonly #turns = new Map<string | null, number>();
  readonly #numbers: { iccid: string; attempt: string }[] = [];

  /** A message to the n-th kept number. */
  async deliver(n: number, text: string): Promise<void> {
    const { iccid, attempt } = this.#numbers[n % this.#numbers.length]!;
    const receivedAt = new Date().toISOString();
    await this.publish(this.record(1, () => ({ iccid, activations: [attempt], text, receivedAt })));
  }

  protected override async carryOut({ name, args }: Command): Promise<object | null> {
    if (name !== 'activation.open') return { ok: true, result: {} };
    const { activations, mode, ttlSeconds } = OpenActivations.parse(args);
    const { activationId, service } = activations[0]!;
    const turn = this.#turns.get(service) ?? 0;
    this.#turns.set(service, turn + 1);
    const place = mode === 'continuous' ? turn : Number(kept) + (turn % (this.sims.length - Number(kept)));
    const { iccid, msisdn, operator, country: countryIso } = this.sims[place]!;
    if (mode === 'continuous') this.#numbers.push({ iccid, attempt: activationId });
    const now = Date.now();
    const openedAt = new Date(now).toISOString();
    const expiresAt = new Date(now + ttlSeconds * 1_000).toISOString();
    const times = { openedAt, expiresAt };
    void this.say('activation.opened', { activationId, iccid, msisdn, service, mode, ...times });
    return { ok: true, result: { iccid, msisdn, operator, countryIso, ...times } };
  }
}

const gateway = new BenchGateway({ url, version: 5, sims: simsOf(1, Number(count)) });
await gateway.connect();
await gateway.announce();

const floor = await mqtt.connectAsync(url, { protocolVersion: 5 });
sendAtOnce(floor.stream);
floor.on('message', (_topic, payload) => void floor.publish('floor/replies', payload, { qos: 1 }));
await floor.subscribeAsync('floor/commands', { qos: 1 });

process.on('message', async ({ ids, rate }: Order) => {
  const sent = new Map<string, bigint>();
  await paced(ids.length, rate ?? Number.POSITIVE_INFINITY, (n) => {
    sent.set(ids[n]!, process.hrtime.bigint());
    void gateway.deliver(n, ids[n]!);
  });
  process.send!(sent satisfies Sent);
});
process.on('disconnect', () => process.exit(0));
process.send!('ready');
