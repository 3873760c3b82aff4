/** What commands set and a power cycle forgets. */
import type { Persona } from './personas.ts';

export type StoreName = 'SM' | 'ME';

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
  memories: [StoreName, StoreName, StoreName];
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
  /** Vendor and minor parameters that are only kept: name → value as set. */
  kept: Map<string, string>;
}

export function defaultSettings(persona: Persona, smsc: string): Settings {
  return {
    echo: true,
    verbose: true,
    quiet: false,
    cmee: persona.cmee,
    textMode: false,
    csdh: 0,
    cnmi: [...persona.cnmi],
    memories: [persona.memory, persona.memory, persona.memory],
    cscs: persona.cscs,
    csms: 0,
    csmp: '17,167,0,0',
    smsc,
    registration: new Map(),
    copsFormat: 0,
    phoneBook: 'SM',
    kept: new Map(Object.entries(persona.parameters)),
  };
}
