import { expect, it } from 'vitest';
import { Channel } from '../../src/at/channel.ts';
import { noFacts, takeStep, UNKNOWN } from '../../src/modem/steps.ts';

it('a card that is gone when it is to be set up is looked for again, and no word is said to the modem', async () => {
  const written: string[] = [];
  const channel = new Channel(UNKNOWN, { write: (bytes) => written.push(bytes), urc() {}, outOfStep() {} });
  const options = { drivers: [], signal: new AbortController().signal };
  const events = { card: async () => null, forgetCard() {}, changed() {} };
  const result = await takeStep('configure', channel, noFacts(), options, events, () => true);
  expect(result).toMatchObject({ type: 'card-failed', problem: { code: 'modem.not_ready' } });
  expect(written).toEqual([]);
});
