/** The modems we can be: one for each driver and of its name, one file a family in personas/. */
import { SimbankError } from '../errors.ts';
import type { Persona } from './persona.ts';
import { cinterion } from './personas/cinterion.ts';
import { fibocom } from './personas/fibocom.ts';
import { generic } from './personas/generic.ts';
import { huaweiMe909 } from './personas/huawei-me909.ts';
import { huaweiStick } from './personas/huawei-stick.ts';
import { luatAir7xx } from './personas/luat-air7xx.ts';
import { meig } from './personas/meig.ts';
import { neoway } from './personas/neoway.ts';
import { quectelEc25 } from './personas/quectel-ec25.ts';
import { quectelEc200 } from './personas/quectel-ec200.ts';
import { quectelMUc } from './personas/quectel-m-uc.ts';
import { sierraMcEm } from './personas/sierra-mc-em.ts';
import { simcomA76xx } from './personas/simcom-a76xx.ts';
import { simcomSim7x00 } from './personas/simcom-sim7x00.ts';
import { simcomSim800 } from './personas/simcom-sim800.ts';
import { telitLe910 } from './personas/telit-le910.ts';
import { ublox } from './personas/ublox.ts';
import { wavecomQ24 } from './personas/wavecom-q24.ts';
import { zte } from './personas/zte.ts';

const personas: ReadonlyMap<string, Persona> = new Map(
  [
    quectelEc25,
    quectelEc200,
    quectelMUc,
    simcomSim7x00,
    simcomA76xx,
    simcomSim800,
    huaweiStick,
    huaweiMe909,
    wavecomQ24,
    zte,
    sierraMcEm,
    telitLe910,
    ublox,
    fibocom,
    neoway,
    meig,
    cinterion,
    luatAir7xx,
    generic,
  ].map((persona) => [persona.name, persona]),
);

export const personaNames: readonly string[] = [...personas.keys()];

/**
 * `all`, a name, or several between commas.
 *
 * @throws SimbankError `emulator.unknown_persona`, with the names there are.
 */
export function personasOf(names: string): readonly Persona[] {
  if (names === 'all') return [...personas.values()];
  return names.split(',').map((name) => {
    const persona = personas.get(name.trim());
    if (persona !== undefined) return persona;
    throw new SimbankError(
      'emulator.unknown_persona',
      `there is no persona "${name.trim()}"; there are: ${personaNames.join(', ')}, and "all"`,
      { persona: name },
    );
  });
}
