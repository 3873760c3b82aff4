/** A gateway with SIMs to sell: it assigns, matches and closes as contracts/mqtt.md has it, all in memory. */
import { type Command, OpenActivations } from '../../src/protocol/commands.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { event, sim, sms } from './events.ts';
import { FakeGateway, type FakeGatewayOptions } from './gateway.ts';

export interface Sim {
  readonly iccid: string;
  readonly msisdn: string;
  readonly country: string;
  readonly operator: string;
}

interface Open {
  readonly sim: Sim;
  readonly service: string | null;
  readonly mode: string;
  expiresAt: number;
  state: 'open' | 'closed';
  matched: boolean;
}

export class SellingGateway extends FakeGateway {
  readonly sims: Sim[] = [];
  /** By activationId; those that ended stay. */
  readonly attempts = new Map<string, Open>();
  readonly commands: Command[] = [];
  /** What it does when it is asked for a number. */
  onOpen: 'answer' | 'refuse' | 'silent' | 'open but silent' = 'answer';
  readonly #answers = new Map<string, object>();
  #rev = 0;

  constructor(options: FakeGatewayOptions & { sims: readonly Sim[] }) {
    super(options);
    this.sims.push(...options.sims);
  }

  open(): [string, Open][] {
    return [...this.attempts].filter(([, { state }]) => state === 'open');
  }

  /** Says that it is there, and which SIMs it has. */
  async announce(): Promise<void> {
    await this.online();
    for (const one of this.sims) await this.state(one);
  }

  async state({ iccid, msisdn, country, operator }: Sim): Promise<void> {
    this.#rev += 1;
    const activations = this.open()
      .filter(([, open]) => open.sim.iccid === iccid)
      .map(([activationId, { service, mode, expiresAt }]) => ({
        activationId,
        service,
        mode,
        expiresAt: new Date(expiresAt).toISOString(),
      }));
    const told = sim(this.epoch, this.#rev, { iccid, msisdn, operator, countryIso: country, activations });
    await this.send(`sims/${iccid}`, told, true);
  }

  /** A message for the number of an activation; with `attempt` null for nobody. */
  async text(attempt: string | null, text: string, code: string | null, sim?: Sim): Promise<string> {
    const open = attempt === null ? undefined : this.attempts.get(attempt);
    const { iccid, msisdn } = open?.sim ?? sim ?? this.sims[0]!;
    const messageId = ulid(Date.now());
    const isHeard = open?.state === 'open';
    const data = sms(0, {
      messageId,
      iccid,
      msisdn,
      text,
      receivedAt: new Date().toISOString(),
      code: code === null ? null : { value: code, raw: code, confidence: 1 },
      activations: isHeard ? [attempt!] : [],
    });
    await this.say('sms.received', data);
    if (isHeard && !open.matched) {
      open.matched = true;
      await this.say('activation.matched', { activationId: attempt, messageId, code });
    }
    return messageId;
  }

  /** The time of an activation is over. */
  async expire(attempt: string, reason = 'expired'): Promise<void> {
    await this.#close(attempt, reason);
  }

  async say(type: string, data: object): Promise<void> {
    const seq = this.events.length + 1;
    const time = new Date().toISOString();
    const one = event(this.epoch, seq, data, { id: ulid(Date.now()), type, gateway: this.id, time });
    this.events.push(one);
    await this.publish([one]);
  }

  protected override async carryOut(command: Command): Promise<object | null> {
    this.commands.push(command);
    const before = this.#answers.get(command.id);
    if (before !== undefined) return before;
    const answer = await this.#answerTo(command);
    if (answer !== null) this.#answers.set(command.id, answer);
    return answer;
  }

  async #answerTo({ name, args }: Command): Promise<object | null> {
    const activationId = String(args.activationId);
    switch (name) {
      case 'activation.open':
        return this.#open(args);
      case 'activation.close':
        await this.#close(activationId, String(args.reason));
        return { ok: true, result: {} };
      case 'activation.rearm': {
        const open = this.attempts.get(activationId);
        if (open?.state !== 'open') return refusal('activation.not_open');
        open.matched = false;
        open.expiresAt = Date.now() + Number(args.ttlSeconds) * 1_000;
        return { ok: true, result: { expiresAt: new Date(open.expiresAt).toISOString() } };
      }
      default:
        return refusal('command.unknown');
    }
  }

  async #open(args: unknown): Promise<object | null> {
    const { activations, mode, ttlSeconds, select } = OpenActivations.parse(args);
    if (this.onOpen === 'silent') return null;
    const isFree = (one: Sim): boolean => {
      const there = this.open().filter(([, { sim }]) => sim.iccid === one.iccid);
      if (there.some(([, open]) => open.mode === 'continuous') || (mode === 'continuous' && there.length > 0))
        return false;
      return there.every(([, open]) => activations.every(({ service }) => service !== open.service));
    };
    const found = this.sims.find(
      (one) =>
        isFree(one) &&
        (select.countryIso === undefined || select.countryIso === one.country) &&
        (select.iccid === undefined || select.iccid === one.iccid) &&
        (select.msisdn === undefined || select.msisdn === one.msisdn) &&
        (select.operators === undefined || select.operators.includes(one.operator)) &&
        !select.excludeIccids?.includes(one.iccid),
    );
    if (found === undefined || this.onOpen === 'refuse') return refusal('activation.no_sim');
    const now = Date.now();
    const expiresAt = now + ttlSeconds * 1_000;
    const { iccid, msisdn, operator, country: countryIso } = found;
    const times = { openedAt: new Date(now).toISOString(), expiresAt: new Date(expiresAt).toISOString() };
    for (const { activationId, service } of activations) {
      this.attempts.set(activationId, {
        sim: found,
        service,
        mode,
        expiresAt,
        state: 'open',
        matched: false,
      });
      await this.say('activation.opened', { activationId, iccid, msisdn, service, mode, ...times });
    }
    await this.state(found);
    if (this.onOpen === 'open but silent') return null;
    return { ok: true, result: { iccid, msisdn, operator, countryIso, ...times } };
  }

  async #close(activationId: string, reason: string): Promise<void> {
    const open = this.attempts.get(activationId);
    if (open?.state !== 'open') return;
    open.state = 'closed';
    await this.say('activation.closed', { activationId, iccid: open.sim.iccid, reason });
    await this.state(open.sim);
  }
}

function refusal(code: string): object {
  return { ok: false, error: { code, message: code } };
}

/** SIMs with numbers of their own. */
export function simsOf(first: number, count: number, more: Partial<Sim> = {}): Sim[] {
  return Array.from({ length: count }, (_, i) => ({
    iccid: `8901260${String(first + i).padStart(12, '0')}`,
    msisdn: `+1202555${String(first + i).padStart(4, '0')}`,
    country: 'US',
    operator: 'Example Mobile',
    ...more,
  }));
}
