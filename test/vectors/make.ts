/**
 * Writes tpdu.json, malformed.json and dcs.json: `node runtime/launch.js node test/vectors/make.ts`.
 *
 * Provenance: the fields of every vector are stated here from 3GPP TS 23.040 and 23.038 (the clause is in each), and
 * put into octets by writer.ts. The decoder has no part in it; test/sms/vectors.test.ts compares. The two PDUs marked
 * «published» are the well-known examples of PDU tutorials, given as hex.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dcsVectors } from './make-dcs.ts';
import { malformedVectors } from './make-malformed.ts';
import { addressVectors, schemeVectors, timeVectors } from './make-fields.ts';
import { headerVectors, nationalVectors, waitingVectors } from './make-headers.ts';
import { bodyVectors, cutVectors, textVectors } from './make-text.ts';
import { reportVectors, submitVectors } from './make-types.ts';

export function allVectors(): Record<string, unknown[]> {
  return {
    'tpdu.json': [
      ...addressVectors(),
      ...timeVectors(),
      ...schemeVectors(),
      ...textVectors(),
      ...bodyVectors(),
      ...headerVectors(),
      ...nationalVectors(),
      ...waitingVectors(),
      ...reportVectors(),
      ...submitVectors(),
      ...cutVectors(),
    ],
    'dcs.json': dcsVectors(),
    'malformed.json': malformedVectors(),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, vectors] of Object.entries(allVectors())) {
    const lines = vectors.map((vector) => `  ${JSON.stringify(vector)}`);
    writeFileSync(fileURLToPath(new URL(name, import.meta.url)), `[\n${lines.join(',\n')}\n]\n`);
    console.log(`${name}: ${vectors.length}`);
  }
}
