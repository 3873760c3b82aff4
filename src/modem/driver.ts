/**
 * What a modem family does differently, as data.
 *
 * A driver is one file in drivers/. Every member has a default that 27.007 and 27.005 justify, so that a file says only
 * what its family does otherwise; each oddity carries its evidence as a comment.
 */
import type { Urc } from '../at/urc.ts';

/** What a URC means to the modem; the rest of a driver's table is noise it wants recognised. */
export type UrcKind =
  | 'message-stored'
  | 'message-direct'
  | 'report-stored'
  | 'report-direct'
  | 'sim-state'
  | 'registration'
  | 'restarted'
  | 'sms-ready'
  | 'store-full'
  | 'ussd'
  | 'call'
  | 'noise';

export interface DriverUrc extends Urc {
  readonly kind: UrcKind;
}

export interface Driver {
  /** Its name in the configuration, which is its file's name. */
  readonly name: string;
  /** As a person calls the family. */
  readonly title: string;
  /** Matched against `+CGMI` and `+CGMM`; both must match where both are given. */
  readonly identify: { readonly manufacturer?: RegExp; readonly model?: RegExp };
  /** Tried in this order until one gives an ICCID. */
  readonly iccid: readonly string[];
  /** Sent after the common settings at every readiness; a refusal is logged and tolerated. */
  readonly init: readonly string[];
  /** Where received messages are to be stored, best first; the first the modem has is taken. */
  readonly stores: readonly string[];
  /** `+CNMI` values, best first; the first that is accepted and reads back is taken. */
  readonly notify: readonly string[];
  readonly urcs: readonly DriverUrc[];
  /** Deadlines in ms by command name (`+CMGL`), where the default of 5 s is too short. */
  readonly deadlines: Readonly<Record<string, number>>;
}

const STANDARD_URCS: readonly DriverUrc[] = [
  { prefix: '+CMTI:', kind: 'message-stored' },
  { prefix: '+CMT:', kind: 'message-direct', body: 1 },
  { prefix: '+CDSI:', kind: 'report-stored' },
  { prefix: '+CDS:', kind: 'report-direct', body: 1 },
  { prefix: '+CBM:', kind: 'noise', body: 1 },
  { prefix: '+CPIN:', kind: 'sim-state' },
  // The read form has the mode in front: `+CREG: 1,5` against the URC's `+CREG: 5`.
  { prefix: '+CREG:', kind: 'registration', answerFields: 2 },
  { prefix: '+CGREG:', kind: 'registration', answerFields: 2 },
  { prefix: '+CEREG:', kind: 'registration', answerFields: 2 },
  { prefix: '+CUSD:', kind: 'ussd' },
  { prefix: 'RING', kind: 'call' },
  { prefix: '+CRING:', kind: 'call' },
  { prefix: '+CLIP:', kind: 'call' },
  { prefix: 'RDY', kind: 'restarted' },
  { prefix: '+CFUN:', kind: 'noise' },
  { prefix: '+CTZV:', kind: 'noise' },
  { prefix: '+CTZE:', kind: 'noise' },
  { prefix: '+CGEV:', kind: 'noise' },
];

const DEFAULTS: Omit<Driver, 'name' | 'title'> = {
  identify: {},
  // The last one reads EF-ICCID itself (27.007 §8.18), which modems without a vendor command have.
  iccid: ['AT+CCID', 'AT+ICCID', 'AT+QCCID', 'AT+CICCID', 'AT^ICCID?', 'AT+CRSM=176,12258,0,0,10'],
  init: [],
  // A message on the card belongs to the card: after a swap nobody has to guess whose it was.
  stores: ['SM', 'ME'],
  // Store and announce (mt=1): with mt=2 the only copy is on the line, and lost when nobody listens.
  notify: ['2,1,0,0,0', '2,1,0,2,0', '1,1,0,0,0', '2,1', '1,1'],
  urcs: [],
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

/** Fills what a driver leaves out; its URCs come before the standard ones of the same prefix. */
export function defineDriver(driver: Pick<Driver, 'name' | 'title'> & Partial<Driver>): Driver {
  const own = driver.urcs ?? [];
  const standard = STANDARD_URCS.filter((urc) => !own.some((mine) => mine.prefix === urc.prefix));
  return {
    ...DEFAULTS,
    ...driver,
    urcs: [...own, ...standard],
    deadlines: { ...DEFAULTS.deadlines, ...driver.deadlines },
  };
}

/** The driver of a modem by what it says of itself; the one that asks for most wins, `generic` fits everything. */
export function chooseDriver(drivers: readonly Driver[], manufacturer: string, model: string): Driver {
  const fitting = drivers.filter(
    ({ identify }) =>
      (identify.manufacturer?.test(manufacturer) ?? true) && (identify.model?.test(model) ?? true),
  );
  const weight = (driver: Driver): number => Object.keys(driver.identify).length;
  return fitting.reduce((best, driver) => (weight(driver) > weight(best) ? driver : best));
}
