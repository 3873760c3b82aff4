/** What modems we can be: data, and a command of their own only where data cannot say it. */

import { SimbankError } from '../errors.ts';
import type { Command } from './commands.ts';
import { quectelCommands } from './quectel.ts';

export interface Persona {
  readonly name: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly revision: string;
  /** The lines of ATI. */
  readonly about: readonly string[];
  /** Slots of the SIMs this bank starts with, and of the modem's own memory. */
  readonly capacity: { readonly SM: number; readonly ME: number };
  /** The memory that all three parts of +CPMS start with. */
  readonly memory: 'SM' | 'ME';
  readonly cmee: 0 | 1 | 2;
  readonly cscs: string;
  /** +CNMI after power-on, and its test answer. */
  readonly cnmi: readonly number[];
  readonly cnmiRange: string;
  /** +CMGR of an empty slot: just OK, or +CMS ERROR: 321. */
  readonly emptySlot: 'ok' | 'refused';
  /** An unknown command: +CME ERROR: this, or plain ERROR when null. */
  readonly unknownCommand: number | null;
  /** The identity commands whose answer carries their name: `+CCID` or not. */
  readonly iccidCommand: string;
  /** A nineteen-digit ICCID is shown with its filler F. */
  readonly iccidFiller: boolean;
  /** From power-on until it answers. */
  readonly bootMs: number;
  /** Notices after power-on, without and with a usable SIM behind the first ones. */
  readonly boot: readonly string[];
  readonly bootWithSim: readonly string[];
  readonly simInserted: readonly string[];
  readonly simRemoved: readonly string[];
  /** Commands that only keep a value: name → value after power-on. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly commands: Readonly<Record<string, Command>>;
}

/** A plain 27.007 and 27.005 module without a vendor. */
const generic: Persona = {
  name: 'generic',
  manufacturer: 'SIMBANKD',
  model: 'EMULATED',
  revision: 'EMULATED-1.0',
  about: ['SIMBANKD EMULATED', 'Revision: EMULATED-1.0'],
  capacity: { SM: 20, ME: 23 },
  memory: 'SM',
  cmee: 0,
  cscs: 'IRA',
  cnmi: [0, 0, 0, 0, 0],
  cnmiRange: '(0-2),(0-2),(0,2),(0-2),(0,1)',
  emptySlot: 'refused',
  unknownCommand: 4,
  iccidCommand: '+CCID',
  iccidFiller: false,
  bootMs: 100,
  boot: [],
  bootWithSim: ['+CPIN: READY'],
  simInserted: ['+CPIN: READY'],
  simRemoved: ['+CPIN: NOT READY'],
  parameters: {},
  commands: {},
};

/** Quectel EC25: notices, +QCCID with its filler, empty slots answered by OK (modem-quirks 1.6 and 4.1). */
const quectelEc25: Persona = {
  name: 'quectel-ec25',
  manufacturer: 'Quectel',
  model: 'EC25',
  revision: 'EC25EFAR06A06M4G',
  about: ['Quectel', 'EC25', 'Revision: EC25EFAR06A06M4G'],
  capacity: { SM: 40, ME: 23 },
  memory: 'ME',
  cmee: 1,
  cscs: 'GSM',
  cnmi: [2, 1, 0, 0, 0],
  cnmiRange: '(0-2),(0-3),(0-3),(0-2),(0,1)',
  emptySlot: 'ok',
  unknownCommand: null,
  iccidCommand: '+QCCID',
  iccidFiller: true,
  bootMs: 150,
  boot: ['RDY', '+CFUN: 1'],
  bootWithSim: ['+CPIN: READY', '+QUSIM: 1', '+QIND: SMS DONE', '+QIND: PB DONE'],
  simInserted: ['+CPIN: READY', '+QUSIM: 1', '+QIND: SMS DONE', '+QIND: PB DONE'],
  simRemoved: ['+CPIN: NOT READY'],
  parameters: { '+QSIMDET': '0,0', '+QURCCFG': '"urcport","usbat"', '+QINDCFG': '"all",1', '+QSCLK': '0' },
  commands: quectelCommands,
};

const personas: ReadonlyMap<string, Persona> = new Map(
  [generic, quectelEc25].map((persona) => [persona.name, persona]),
);

export const personaNames: readonly string[] = [...personas.keys()];

export function findPersona(name: string): Persona {
  const persona = personas.get(name);
  if (persona === undefined) {
    throw new SimbankError(
      'emulator.unknown_persona',
      `there is no persona "${name}"; there are: ${personaNames.join(', ')}`,
      { persona: name },
    );
  }
  return persona;
}
