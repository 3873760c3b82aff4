/** The modems we can be, one file a family in personas/. */
import { SimbankError } from '../errors.ts';
import type { Persona } from './persona.ts';
import { generic } from './personas/generic.ts';
import { quectelEc25 } from './personas/quectel-ec25.ts';

const personas: ReadonlyMap<string, Persona> = new Map(
  [generic, quectelEc25].map((persona) => [persona.name, persona]),
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
      `there is no persona "${name}"; there are: ${personaNames.join(', ')}, and "all"`,
      { persona: name },
    );
  });
}
