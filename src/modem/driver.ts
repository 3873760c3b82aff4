/**
 * What a modem family does differently, as data.
 *
 * A driver is one file in drivers/. Every member has a default that 27.007 and 27.005 justify, so that a file says only
 * what its family does otherwise; each oddity carries its evidence as a comment.
 */
import type { Urc } from '../at/urc.ts';

/** What a URC means to the modem; the rest of a driver's table is noise it wants recognised. */
export const URC_KINDS = [
  'message-stored',
  'message-direct',
  'report-stored',
  'report-direct',
  'sim-state',
  'registration',
  'restarted',
  'sms-ready',
  'store-full',
  'ussd',
  'call',
  'call-over',
  'noise',
] as const;
export type UrcKind = (typeof URC_KINDS)[number];

export interface DriverUrc extends Urc {
  readonly kind: UrcKind;
}

/** One USB identity of a family, and which of its ttys speaks AT. */
export interface UsbIdentity {
  /** `vendor:product` as sysfs gives them, lower case: `2c7c:0125`; `12d1:*` is every product of a vendor. */
  readonly id: string;
  /** Interface numbers (bInterfaceNumber) that answer AT, best first; empty where only probing tells. */
  readonly at: readonly number[];
  /** Where the number says nothing and the protocol does (Huawei): bInterfaceProtocol of the AT ports, best first. */
  readonly atProtocols?: readonly number[];
  /** Interfaces that must not be written to: diagnostics, GPS, audio. */
  readonly never?: readonly number[];
}

/** A command of the common or vendor kind, and how to see that the modem has kept it. */
export interface Setting {
  readonly set: string;
  readonly read?: string;
  readonly expect?: RegExp;
}

/** A value kept in the module that belongs to the SIM: which way it is, and how it is changed (config `gateway.sims`). */
export interface Choice {
  readonly read: string;
  readonly on: { readonly set: string; readonly expect: RegExp };
  readonly off: { readonly set: string; readonly expect: RegExp };
}

/**
 * Commands that write an IMEI, by vendor: Quectel and MediaTek, Huawei, SIMCom, Fibocom, Unisoc, RDA, Marvell, MeiG, Sierra;
 * and whatever has the word in it and sets a value, wherever in the line. No driver may hold one.
 */
export const WRITES_IMEI =
  /(?:^AT|;).?(EGMR(EXT)?|PHYNUM|SIMEI|GTSN|SPIMEI|WIMEI|MRD_IMEI|LCTSN|NVWR(EX|ITE)?|QNVF?W|C?GSN)=(?!\?)|IMEI[^"]*=(?!\?)|"IMEI" *,/i;

export interface Driver {
  /** Its name in the configuration, which is its file's name. */
  readonly name: string;
  /** As a person calls the family. */
  readonly title: string;
  /** `proven`: every quirk is emulated and tested here. `sourced`: put together from sources, unproven until seen. */
  readonly state: 'proven' | 'sourced';
  /** What no source confirms, a sentence each; shown on the page of modems. */
  readonly unconfirmed: readonly string[];
  /** None for families that are only a UART. */
  readonly usb: readonly UsbIdentity[];
  /** Matched against `+CGMI` and `+CGMM`; both must match where both are given. */
  readonly identify: { readonly manufacturer?: RegExp; readonly model?: RegExp };
  /** Tried in this order until one gives an ICCID. */
  readonly iccid: readonly string[];
  /** Sent as soon as the family is known, before anything else: ends chatter that comes every few seconds. A refusal is tolerated. */
  readonly quiet: readonly string[];
  /** Sent after the common settings at every readiness, each read back where it can be; a refusal is logged and tolerated. */
  readonly init: readonly Setting[];
  /** Where received messages are to be stored, best first; the first the modem has is taken. */
  readonly stores: readonly string[];
  /** How many memories `+CPMS` wants to be named, in the order to try. */
  readonly namedStores: readonly (1 | 2 | 3)[];
  /** `+CNMI` values, best first; the first that is accepted and reads back is taken. */
  readonly notify: readonly string[];
  /** `cmgr`: listing is broken or hangs, every place is read by itself. */
  readonly list: 'cmgl' | 'cmgr';
  /** Number of the first place of a store. */
  readonly firstIndex: 0 | 1;
  /** Deleting one part of a long message takes its siblings along: nothing is deleted before all are committed. */
  readonly deletesSiblings: boolean;
  /** Where a class 0 message goes with stored delivery: to the store like any other, or only over the line (+CMT). */
  readonly classZero: 'store' | 'line' | 'unknown';
  readonly urcs: readonly DriverUrc[];
  /** Asked after `+CPIN: READY` until the stores may be touched (27.007 knows no such thing); a URC `sms-ready` ends the wait, too. */
  readonly smsReady: { readonly ask: string; readonly ready: RegExp } | null;
  /** Tries left for PIN1, read before a PIN is ever sent; the first group of `tries` is the number. */
  readonly pinTries: { readonly ask: string; readonly tries: RegExp } | null;
  /** How USSD strings go in +CUSD: by +CSCS, or as packed 7-bit hex whatever +CSCS says. */
  readonly ussd: 'charset' | 'packed' | 'none';
  /** Logical channels to the card (+CCHO, +CGLA, +CCHC), for eUICCs. */
  readonly logicalChannels: 'yes' | 'no' | 'unknown';
  /** IMS (SMS over LTE), kept in the module though it belongs to the SIM; takes effect after a reset. */
  readonly ims: Choice | null;
  /** The operator profile the module picks (Quectel MBN): kept from the SIM before. `select` takes the name in place of `%s`. */
  readonly carrierProfile: { readonly read: string; readonly select: string } | null;
  /** Off the air and on again. */
  readonly radio: { readonly off: string; readonly on: string; readonly pauseMs: number };
  /** The vendor's reset; null where only power helps. The port may vanish and come back within `backMs`. */
  readonly reset: { readonly command: string; readonly backMs: number } | null;
  /** Commands by name (`+CPIN`) whose answer may come without the final OK. */
  readonly withoutOk: readonly string[];
  /** Whole lines that are refusals beyond the common ones. */
  readonly refusals: readonly string[];
  /** The states the modem never tells by a URC: the card is asked for this often, in ms. 0 where URCs can be trusted. */
  readonly pollCardMs: number;
  /** Deadlines in ms by command name (`+CMGL`), where the default of 5 s is too short. */
  readonly deadlines: Readonly<Record<string, number>>;
}

/** The talkers of NMEA 0183 and the sentences that a position receiver writes to the wrong tty. */
const NMEA: readonly DriverUrc[] = ['GP', 'GN', 'GL', 'GA', 'GB', 'BD', 'PQ'].flatMap((talker) =>
  ['GGA', 'GLL', 'GNS', 'GSA', 'GSV', 'RMC', 'VTG', 'ZDA'].map(
    (sentence): DriverUrc => ({ prefix: `$${talker}${sentence},`, kind: 'noise' }),
  ),
);

/** What more than one vendor sends. */
const STANDARD_URCS: readonly DriverUrc[] = [
  { prefix: '+CMTI:', kind: 'message-stored' },
  { prefix: '+CMT:', kind: 'message-direct', body: 1 },
  { prefix: '+CDSI:', kind: 'report-stored' },
  { prefix: '+CDS:', kind: 'report-direct', body: 1 },
  { prefix: '+CBM:', kind: 'noise', body: 1 },
  { prefix: '+CBMI:', kind: 'noise' },
  { prefix: '+CPIN:', kind: 'sim-state' },
  // The card's network selection menu (CPHS): said when its files have been read, at boot and after a refresh.
  { prefix: '+PACSP0', kind: 'sim-state' },
  { prefix: '+PACSP1', kind: 'sim-state' },
  // The read form has the mode in front: `+CREG: 1,5` against the URC's `+CREG: 5`.
  { prefix: '+CREG:', kind: 'registration', answerFields: 2 },
  { prefix: '+CGREG:', kind: 'registration', answerFields: 2 },
  { prefix: '+CEREG:', kind: 'registration', answerFields: 2 },
  { prefix: '+C5GREG:', kind: 'registration', answerFields: 2 },
  { prefix: '+CUSD:', kind: 'ussd', quoted: true },
  { prefix: 'RING', kind: 'call' },
  { prefix: '+CRING:', kind: 'call' },
  { prefix: '+CLIP:', kind: 'call' },
  { prefix: '+COLP:', kind: 'call' },
  { prefix: '+CCWA:', kind: 'call' },
  // Final results of a dialled call, and nothing here dials: a caller who hangs up must not fail a running command.
  { prefix: 'NO CARRIER', kind: 'call-over' },
  { prefix: 'NO ANSWER', kind: 'call-over' },
  { prefix: 'BUSY', kind: 'call-over' },
  { prefix: 'RDY', kind: 'restarted' },
  // Everything known is void with the power, too.
  { prefix: 'NORMAL POWER DOWN', kind: 'restarted' },
  { prefix: 'POWERED DOWN', kind: 'restarted' },
  { prefix: 'UNDER-VOLTAGE POWER DOWN', kind: 'restarted' },
  { prefix: '+CFUN:', kind: 'noise' },
  { prefix: '+CSQ:', kind: 'noise' },
  { prefix: '+CIEV:', kind: 'noise' },
  { prefix: '+CTZV:', kind: 'noise' },
  { prefix: '+CTZE:', kind: 'noise' },
  { prefix: '+CTZR:', kind: 'noise' },
  { prefix: '+CTZDST:', kind: 'noise' },
  { prefix: '+CGEV:', kind: 'noise' },
  { prefix: '+CUSATP:', kind: 'noise' },
  ...NMEA,
];

const DEFAULTS: Omit<Driver, 'name' | 'title'> = {
  state: 'sourced',
  unconfirmed: [],
  usb: [],
  identify: {},
  // Every spelling met in the field; the last one reads EF-ICCID itself (27.007 §8.18), which needs no vendor command.
  iccid: [
    'AT+CCID',
    'AT+ICCID',
    'AT+QCCID',
    'AT+CICCID',
    'AT^ICCID?',
    'AT#CCID',
    'AT!ICCID?',
    'AT$MYCCID',
    'AT^SCID',
    'AT+CRSM=176,12258,0,0,10',
  ],
  quiet: [],
  init: [],
  // A message on the card belongs to the card: after a swap nobody has to guess whose it was.
  stores: ['SM', 'ME'],
  // Store and announce (mt=1): with mt=2 the only copy is on the line, and lost when nobody listens.
  notify: ['2,1,0,0,0', '2,1,0,2,0', '1,1,0,0,0', '2,1', '1,1'],
  namedStores: [3, 2, 1],
  list: 'cmgl',
  firstIndex: 1,
  deletesSiblings: false,
  classZero: 'unknown',
  urcs: [],
  smsReady: null,
  // 27.007 §8.65: `+CPINR: SIM PIN,3,3`. Whoever lacks it refuses, and gets no PIN.
  pinTries: { ask: 'AT+CPINR="SIM PIN"', tries: /\+CPINR: ?"?SIM PIN"?,(\d+)/ },
  ussd: 'charset',
  logicalChannels: 'unknown',
  ims: null,
  carrierProfile: null,
  // 4 keeps the card powered, where 0 drops it on some; ten seconds let the network forget.
  radio: { off: 'AT+CFUN=4', on: 'AT+CFUN=1', pauseMs: 10_000 },
  // 27.007 §8.2: full functionality, after a reset.
  reset: { command: 'AT+CFUN=1,1', backMs: 40_000 },
  // Seen on old Wavecoms and phones (oFono, gammu); a modem that sends its OK does so at once.
  withoutOk: ['+CPIN'],
  refusals: [],
  pollCardMs: 30_000,
  deadlines: {
    // Forty messages on a slow card take seconds.
    '+CMGL': 30_000,
    '+CMGD': 15_000,
    '+CPMS': 15_000,
    '+CFUN': 15_000,
    '+COPS': 20_000,
    '+CMGS': 60_000,
  },
};

/** What a driver file has to say: who it is for, and whatever is not as in DEFAULTS. */
export type DriverData = Pick<Driver, 'name' | 'title'> & Partial<Driver>;

/** Fills what a driver leaves out; its URCs come before the standard ones of the same prefix. */
export function defineDriver(driver: DriverData): Driver {
  const own = driver.urcs ?? [];
  const standard = STANDARD_URCS.filter((urc) => !own.some((mine) => mine.prefix === urc.prefix));
  return {
    ...DEFAULTS,
    ...driver,
    urcs: [...own, ...standard],
    deadlines: { ...DEFAULTS.deadlines, ...driver.deadlines },
  };
}

/**
 * The driver of a modem by what it says of itself. Of those that fit, the one whose expressions account for most of those
 * words: a model beats a vendor, a longer name a shorter one. `generic`, which asks for nothing, fits everything.
 */
export function chooseDriver(drivers: readonly Driver[], manufacturer: string, model: string): Driver {
  const matched = (expression: RegExp | undefined, text: string): number =>
    expression === undefined ? 0 : (expression.exec(text)?.[0].length ?? -Infinity);
  const weight = ({ identify }: Driver): number =>
    matched(identify.manufacturer, manufacturer) + matched(identify.model, model);
  return drivers.reduce((best, driver) => (weight(driver) > weight(best) ? driver : best));
}
