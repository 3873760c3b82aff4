/**
 * What can be made to go wrong with one modem. Everything is off: the device works until one switch is turned.
 *
 * A fault that needs more than a switch is an `onCommand`: it sees each command line first. What each switch means over
 * the control socket is said in fault-request.ts.
 */
import { cms, ERROR, isInformation, type Refusal, type Reply, SILENCE } from './reply.ts';
import type { StoreName } from './settings.ts';

/** What ends a hang: the tty opened anew, the radio off and on (+CFUN or its like), the vendor's reset, a power cycle. */
export type Cure = 'reopen' | 'cfun' | 'reset' | 'power' | 'nothing';

/** A stronger cure ends what a weaker one would have ended, too. */
const STRENGTH: Readonly<Record<Cure, number>> = { reopen: 1, cfun: 2, reset: 3, power: 4, nothing: 5 };

interface Curable {
  /** Default `nothing`. */
  readonly curedBy?: Cure | undefined;
  /** It ends by itself after this long. */
  readonly ms?: number | undefined;
}

export interface Hang extends Curable {
  /** `+CMGL`: that command is never answered; `all`: none is, and no notice comes. */
  readonly command: string;
  /** When that command has come, none is answered any more. */
  readonly blocks?: boolean | undefined;
}

/** The modem answers and is registered, and what reception needs does not work; the network keeps the messages. */
export interface Deafness extends Curable {
  readonly how: 'hang' | 'fail';
}

/** So many of the next commands are refused. */
export interface Refusing {
  readonly code: number;
  /** Default 1. */
  readonly times?: number | undefined;
  /** Only this command; by default every message command. */
  readonly command?: string | undefined;
}

/** What becomes of a text after the prompt. */
export type SendFault =
  | { readonly error: number; readonly times?: number | undefined }
  /** It is not sent and never answered. */
  | 'hang'
  /** It is sent; the modem restarts instead of answering. */
  | 'lost';

/** Of the network: none, refused, abroad, or only the packet domain (+CEREG), over which messages come or do not. */
export type RegistrationFault =
  | 'lost'
  | 'searching'
  | 'denied'
  | 'roaming'
  | 'psOnly'
  | 'csDenied'
  | 'psOnlyNoSms';

const MESSAGE_COMMAND = /^\+(CM(GL|GR|GD|GS|GW|SS)|CPMS|CSCA)$/;
const RECEIVING_COMMAND = /^\+(CMGL|CMGR|CPMS)$/;
/** Octets a bad contact makes. */
const GARBAGE = '\xff\x00\xfe~\x80';

export class Faults {
  /** A string is sent instead of the device's own answer: as it is when it holds a CR, else its lines are framed; '' is silence. */
  onCommand: ((line: string) => string | undefined) | null = null;
  readonly answers = new Map<string, string>();
  hang = false;
  dropUrcs = 0;
  lateMs = 0;
  latencyMs: number;
  splitBytes: number | null = null;
  garbage = 0;
  echo: 'asked' | 'always' = 'asked';
  urcElsewhere = false;
  cmsError: Refusing | null = null;
  busy: { readonly times: number; readonly code?: number | undefined } | null = null;
  withoutOk: readonly string[] = [];
  cmglBroken: 'hang' | 'error' | 'cut' | null = null;
  firstIndex: 0 | 1 | null = null;
  emptySlot: 'ok' | 'refused' | 'zero' | '00' | null = null;
  pduTail: string | null = null;
  prompt: string | null = null;
  wrongStore: { readonly stores: StoreName; readonly announces: StoreName } | null = null;
  storesTwice: 'same' | 'both' | null = null;
  announcesTwice = false;
  fullSilently = false;
  deletesSiblings = false;
  carriesClassZero = false;
  forgetsAfterCfun = false;
  renameOnReplug = false;
  sending: SendFault | null = null;
  refusesCreg = false;
  readonly #usualLatencyMs: number;
  #hangOn: Hang | null = null;
  #hangEndsAt = 0;
  #registeredButDeaf: Deafness | null = null;
  #deafnessEndsAt = 0;
  #deadSim = false;
  #registration: RegistrationFault | null = null;
  #bootLoop = 0;
  #onChange: () => void = () => {};

  constructor(latencyMs = 0) {
    this.latencyMs = latencyMs;
    this.#usualLatencyMs = latencyMs;
  }

  /** Calls back when a fault was switched that acts by itself and not on the next command. */
  whenChanged(action: () => void): void {
    this.#onChange = action;
  }

  get hangOn(): Hang | null {
    if (this.#hangOn !== null && performance.now() >= this.#hangEndsAt) this.hangOn = null;
    return this.#hangOn;
  }

  set hangOn(hang: Hang | null) {
    this.#hangOn = hang;
    this.#hangEndsAt = endOf(hang);
    this.#onChange();
  }

  get registeredButDeaf(): Deafness | null {
    if (this.#registeredButDeaf !== null && performance.now() >= this.#deafnessEndsAt) {
      this.registeredButDeaf = null;
    }
    return this.#registeredButDeaf;
  }

  set registeredButDeaf(deafness: Deafness | null) {
    this.#registeredButDeaf = deafness;
    this.#deafnessEndsAt = endOf(deafness);
    this.#onChange();
  }

  get deadSim(): boolean {
    return this.#deadSim;
  }

  set deadSim(isDead: boolean) {
    this.#deadSim = isDead;
    this.#onChange();
  }

  get registration(): RegistrationFault | null {
    return this.#registration;
  }

  set registration(fault: RegistrationFault | null) {
    this.#registration = fault;
    this.#onChange();
  }

  get bootLoop(): number {
    return this.#bootLoop;
  }

  set bootLoop(everyMs: number) {
    this.#bootLoop = everyMs;
    this.#onChange();
  }

  /** A working device again. */
  clear(): void {
    Object.assign(this, new Faults(this.#usualLatencyMs));
    this.#hangOn = null;
    this.#registeredButDeaf = null;
    this.#deadSim = false;
    this.#registration = null;
    this.#bootLoop = 0;
    this.#onChange();
  }

  /** Reads and says nothing. */
  get mute(): boolean {
    return this.hang || (this.#hangOn !== null && this.hangOn?.command === 'all');
  }

  /** Mute, yet what it is told takes effect: its answers are all that does not come out. */
  get obeys(): boolean {
    return !this.hang && (this.#hangOn?.curedBy === 'cfun' || this.#hangOn?.curedBy === 'reset');
  }

  /** Only a client that opens the tty anew can end it. */
  get awaitsReopen(): boolean {
    return this.#hangOn?.curedBy === 'reopen' || this.#registeredButDeaf?.curedBy === 'reopen';
  }

  cure(by: Cure): void {
    const ends = (fault: Curable): boolean => STRENGTH[by] >= STRENGTH[fault.curedBy ?? 'nothing'];
    if (this.#hangOn !== null && ends(this.#hangOn)) this.hangOn = null;
    if (this.#registeredButDeaf !== null && ends(this.#registeredButDeaf)) this.registeredButDeaf = null;
  }

  /** The answer that replaces the device's own to a whole line, if one does. */
  override(line: string): string | undefined {
    return this.onCommand?.(line) ?? (this.answers.size === 0 ? undefined : this.answers.get(line));
  }

  /** What the modem says instead of carrying the command out; null when it carries it out. */
  insteadOf(name: string): Reply | null {
    if (this.#hangOn !== null && this.hangOn !== null) {
      const hang = this.#hangOn;
      if (hang.command.toUpperCase() === name) {
        // The time it lasts goes on, the command that began it does not matter any more.
        if (hang.blocks) this.#hangOn = { ...hang, command: 'all' };
        return SILENCE;
      }
    }
    if (this.#registeredButDeaf !== null && RECEIVING_COMMAND.test(name)) {
      const deafness = this.registeredButDeaf;
      if (deafness !== null) return deafness.how === 'hang' ? SILENCE : cms(500);
    }
    if (this.cmglBroken !== null && name === '+CMGL') {
      if (this.cmglBroken === 'hang') return SILENCE;
      if (this.cmglBroken === 'error') return ERROR;
    }
    if (name === '+CREG' && this.refusesCreg) return ERROR;
    return this.#refusalOf(name);
  }

  #refusalOf(name: string): Refusal | null {
    if (this.cmsError !== null) {
      const { code, command, times = 1 } = this.cmsError;
      if (command === undefined ? MESSAGE_COMMAND.test(name) : command.toUpperCase() === name) {
        this.cmsError = times > 1 ? { ...this.cmsError, times: times - 1 } : null;
        return cms(code);
      }
    }
    // Commands of V.250 itself touch nothing that could be busy.
    if (this.busy !== null && /^[+^#$*%!]C/.test(name)) {
      const isMessage = MESSAGE_COMMAND.test(name);
      const { times, code = isMessage ? 500 : 14 } = this.busy;
      this.busy = times > 1 ? { ...this.busy, times: times - 1 } : null;
      return { refused: isMessage ? 'cms' : 'cme', code };
    }
    return null;
  }

  /** The answer as it comes out: some end too early. */
  spoil(name: string, reply: Reply): Reply {
    if (!isInformation(reply)) return reply;
    if (this.cmglBroken === 'cut' && name === '+CMGL' && reply.length > 1) {
      const kept = reply.slice(0, Math.max(2, (reply.length >> 2) << 1));
      const last = kept.pop() ?? '';
      return { unfinished: [...kept, last.slice(0, last.length >> 1)], brokenOff: true };
    }
    if (this.withoutOk.includes(name)) return { unfinished: reply, brokenOff: false };
    return reply;
  }

  /** The answer with octets in its middle that nobody sent. */
  garble(text: string): string {
    if (this.garbage === 0 || text === '') return text;
    this.garbage -= 1;
    const middle = text.length >> 1;
    return text.slice(0, middle) + GARBAGE + text.slice(middle);
  }
}

function endOf(fault: Curable | null): number {
  return fault?.ms === undefined ? Number.POSITIVE_INFINITY : performance.now() + fault.ms;
}
