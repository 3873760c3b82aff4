/** What commands set and a power cycle forgets. */
import type { Persona } from './persona.ts';

/** A message memory that is one; other names of +CPMS mean one of these. */
export type StoreName = 'SM' | 'ME' | 'SR';

export interface Settings {
  /** V.250: E, V, Q. */
  echo: boolean;
  verbose: boolean;
  quiet: boolean;
  /** 27.007 §9.1. */
  cmee: number;
  /** 27.005 §3.2.3: true is text mode. */
  textMode: boolean;
  /** 27.005 §3.3.3: header details in text mode. */
  csdh: number;
  /** 27.005 §3.4.1: mode, mt, bm, ds, bfr. */
  cnmi: number[];
  /** 27.005 §3.2.2: read and delete, write and send, receive. */
  memories: [string, string, string];
  /** 27.007 §5.5. */
  cscs: string;
  csms: number;
  csmp: string;
  smsc: string;
  /** <n> of +CREG, +CGREG, +CEREG. */
  registration: Map<string, number>;
  copsFormat: number;
  /** Phone book that +CPBR reads. */
  phoneBook: string;
  /** 27.007 §7.11 and §6.11: the caller's number with each ring, and what kind of call it is. */
  callerNumber: boolean;
  callKind: boolean;
  /** Vendor and minor parameters that are only kept: name → value as set. */
  kept: Map<string, string>;
}

export function defaultSettings(persona: Persona, smsc: string): Settings {
  return {
    echo: true,
    verbose: true,
    quiet: false,
    smsc,
    copsFormat: 0,
    phoneBook: 'SM',
    callerNumber: false,
    callKind: false,
    registration: new Map(),
    kept: new Map(Object.entries(persona.parameters)),
    csmp: '17,167,0,0',
    csdh: 0,
    cmee: persona.cmee,
    ...messageDefaults(persona),
  };
}

/** What some modems forget already when their radio was off. */
export function messageDefaults(
  persona: Persona,
): Pick<Settings, 'textMode' | 'cnmi' | 'memories' | 'cscs' | 'csms'> {
  const { memory } = persona;
  return {
    textMode: false,
    cnmi: [...persona.cnmi],
    memories: [memory, memory, memory],
    cscs: persona.cscs,
    csms: 0,
  };
}
