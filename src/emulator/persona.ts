/**
 * What a modem can be: a family's transcript, and as data what the family does otherwise than 27.007 and 27.005.
 *
 * A command of its own is written only where data cannot say it.
 */
import type { Command } from './commands.ts';
import { cms, ERROR, type Refusal } from './reply.ts';
import { type Spelling, spellingsOf } from './spelling.ts';
import { parseTranscript, type Transcript } from './transcript.ts';

export interface Noise {
  readonly everyMs: number;
  /** One a turn. */
  readonly lines: readonly string[];
}

export interface PersonaData {
  /** Places of each message memory; the SIMs this bank starts with have those of SM. */
  readonly capacity: { readonly SM: number; readonly ME: number; readonly SR: number };
  /** The memory that all three parts of +CPMS start with. */
  readonly memory: string;
  /** How many memories +CPMS takes; null for as many as its test form lists, or fewer. */
  readonly namedStores: readonly number[] | null;
  /** Number of the first place of a store. */
  readonly firstIndex: 0 | 1;
  readonly cmee: 0 | 1 | 2;
  readonly cscs: string;
  /** +CNMI after power-on. */
  readonly cnmi: readonly number[];
  /** Advertised and refused all the same; matched against the value that would be set: `2,1,0,1,0`. */
  readonly cnmiRefused: RegExp | null;
  /** +CMGR of an empty place: just OK, +CMS ERROR: 321, a record of length zero, or a PDU of `00`. */
  readonly emptySlot: 'ok' | 'refused' | 'zero' | '00';
  /** Behind each PDU: `,0`, or octets FF. */
  readonly pduTail: string;
  /** Digits of a year in text mode. */
  readonly yearDigits: 2 | 4;
  /** Commands of 27.007 and 27.005 that are unknown. */
  readonly lacks: readonly string[];
  /** Lines that show the SIM or the modem, by command; see spelling.ts. Those of the transcript need not be said. */
  readonly shows: Readonly<Record<string, Spelling>>;
  /** The echo of the end of a command line. */
  readonly echoEnd: '\r' | '\r\n';
  readonly prompt: string;
  /** Commands by name that are answered without OK. */
  readonly withoutOk: readonly string[];
  /** From power-on until it answers and says the first lines of its boot. */
  readonly bootMs: number;
  /** The lines of its boot that it says when the card is read, and when the stores can be used; with what follows them. */
  readonly bootLines: { readonly card: string | null; readonly sms: string | null };
  /** From then until the card is read, and from there until the stores can be used. */
  readonly cardMs: number;
  readonly smsMs: number;
  /** What the stores say until then. */
  readonly loading: Refusal;
  readonly simRemoved: readonly string[];
  /** Said when a card that was put in is read; null: the same lines as in its boot. */
  readonly simInserted: readonly string[] | null;
  /** A card that is put in later is seen at once, when the radio was off and on, or after the next start. */
  readonly hotSwap: 'seen' | 'after-radio' | 'after-restart';
  /** Said again and again by itself. */
  readonly noise: Noise | null;
  /** The command that ends it: `^CURC=0`. */
  readonly quietedBy: string | null;
  /** USSD strings by +CSCS, or as packed septets in hex. */
  readonly ussd: 'charset' | 'packed';
  /** What takes it off the air and back beside +CFUN: `+ZOPRT=6`, `+ZOPRT=5`. */
  readonly radio: { readonly off: string; readonly on: string } | null;
  /** Values of <fun>: it is on the air in 1 only. */
  readonly functionalities: readonly number[];
  /** False: +CFUN is accepted and changes nothing. */
  readonly obeysCfun: boolean;
  /** Off the air by +CFUN it answers nothing any more. */
  readonly muteOffAir: boolean;
  /** +CFUN=0 takes the power off the card, too. */
  readonly dropsCard: boolean;
  /** Commands that restart it; it leaves the bus meanwhile unless it is on a UART. */
  readonly resets: readonly string[];
  readonly onUart: boolean;
  readonly storesTwice: 'same' | 'both' | null;
  readonly announcesTwice: boolean;
  /** Deleting one part of a long message takes the others along. */
  readonly deletesSiblings: boolean;
  /** Class 0 with stored delivery: as any other, over the line, or announced as `+CMTI: ,-1` and nowhere. */
  readonly classZero: 'store' | 'line' | 'nowhere';
  /** Said once a message did not fit; `%s` is the memory. */
  readonly fullNotice: string | null;
  /** Nothing more is announced until a place is free and the store was listed. */
  readonly silentWhenFull: boolean;
  /** Status reports with ds=2: announced where they are, or as `"SM",0`. */
  readonly reports: 'right' | 'mixed-up';
  readonly reportPrefix: string;
  /** Area and cell in +CREG: in quotes, or bare and of no meaning off the network. */
  readonly cells: 'quoted' | 'bare';
  /** 27.007 §7.3 <AcT>; null where +COPS does not show it. */
  readonly access: number | null;
  /** Commands that only keep a value: name → value after power-on. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly commands: Readonly<Record<string, Command>>;
}

export interface Persona extends PersonaData {
  readonly name: string;
  readonly transcript: Transcript;
  /** What an unknown command gets: what the transcript shows for `AT+XYZZY`. */
  readonly unknownCommand: Refusal;
  /** +CNMI=? without its name. */
  readonly cnmiRange: string;
  /** +CPMS=? as it is answered, and the memories of each place. */
  readonly cpms: { readonly test: readonly string[]; readonly names: readonly (readonly string[])[] };
  readonly named: readonly number[];
  readonly spellings: ReadonlyMap<string, Spelling>;
  /** The lines of its boot: at once, when the card is read, when the stores can be used. */
  readonly boot: {
    readonly first: readonly string[];
    readonly card: readonly string[];
    readonly sms: readonly string[];
  };
}

/** A plain module on a UART. */
const PLAIN: PersonaData = {
  capacity: { SM: 20, ME: 23, SR: 10 },
  memory: 'SM',
  namedStores: null,
  firstIndex: 1,
  cmee: 0,
  cscs: 'IRA',
  cnmi: [0, 0, 0, 0, 0],
  cnmiRefused: null,
  emptySlot: 'refused',
  pduTail: '',
  yearDigits: 2,
  lacks: [],
  shows: {},
  echoEnd: '\r',
  prompt: '\r\n> ',
  withoutOk: [],
  bootMs: 100,
  bootLines: { card: null, sms: null },
  cardMs: 0,
  smsMs: 0,
  loading: cms(500),
  simRemoved: [],
  simInserted: null,
  hotSwap: 'seen',
  noise: null,
  quietedBy: null,
  ussd: 'charset',
  radio: null,
  functionalities: [0, 1, 4],
  obeysCfun: true,
  muteOffAir: false,
  dropsCard: false,
  resets: ['+CFUN=1,1'],
  onUart: true,
  storesTwice: null,
  announcesTwice: false,
  deletesSiblings: false,
  classZero: 'store',
  fullNotice: null,
  silentWhenFull: false,
  reports: 'right',
  reportPrefix: '+CDS: ',
  cells: 'quoted',
  access: 7,
  parameters: {},
  commands: {},
};

/** `transcript` is the driver's of the same name. */
export function definePersona(name: string, transcript: string, data: Partial<PersonaData>): Persona {
  const worn = parseTranscript(transcript);
  const answer = (command: string): readonly string[] => worn.exchanges.get(command)?.lines ?? [];
  const cpms =
    answer('+CPMS=?').length > 0 ? answer('+CPMS=?') : ['+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")'];
  const lists = [...cpms.join('').matchAll(/\(([^()]*)\)/g)].map(([, list = '']) => list.match(/\w+/g) ?? []);
  const [readable = []] = lists;
  const { namedStores = null, bootLines = PLAIN.bootLines } = data;
  return {
    ...PLAIN,
    ...data,
    name,
    transcript: worn,
    unknownCommand: worn.exchanges.get('+XYZZY')?.refusal ?? ERROR,
    cnmiRange: answer('+CNMI=?')[0]?.replace(/^\+CNMI: ?/, '') ?? '(0-2),(0-3),(0,2),(0-2),(0,1)',
    cpms: { test: cpms, names: [readable, lists[1] ?? readable, lists[2] ?? lists[1] ?? readable] },
    named: namedStores ?? [1, 2, 3].slice(0, lists.length),
    spellings: new Map([...spellingsOf(worn), ...Object.entries(data.shows ?? {})]),
    boot: inStages(worn.boot, bootLines.card, bootLines.sms),
  };
}

function inStages(lines: readonly string[], card: string | null, sms: string | null): Persona['boot'] {
  const from = (line: string | null, otherwise: number): number => {
    const at = line === null ? -1 : lines.findIndex((said) => said.startsWith(line));
    return at < 0 ? otherwise : at;
  };
  const smsAt = from(sms, lines.length);
  const cardAt = from(card, smsAt);
  return { first: lines.slice(0, cardAt), card: lines.slice(cardAt, smsAt), sms: lines.slice(smsAt) };
}
