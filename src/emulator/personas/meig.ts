/** MeiG SLM750: says nothing when it starts. */
import { transcript } from '../../../drivers/meig.ts';
import { definePersona } from '../persona.ts';

export const meig = definePersona('meig', transcript, {
  capacity: { SM: 30, ME: 23, SR: 10 },
  memory: 'ME',
  lacks: ['+CCID'],
  bootMs: 200,
  cardMs: 40,
  smsMs: 60,
  simRemoved: ['^SIMST: 255'],
  simInserted: ['^SIMST: 1'],
  noise: { everyMs: 90_000, lines: ['^MODE: 17,17'] },
  onUart: false,
  parameters: { '^SYSCFGEX': '"00",3FFFFFFF,1,2,7FFFFFFFFFFFFFFF' },
});
