import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatewayIdFrom, parseTopic } from '../../src/protocol/topics.ts';
import { commandsHold, payloadsHold } from './properties.ts';

describe('payloads', () => {
  it('of any kind are read, or their faults told', () => fc.assert(payloadsHold, { numRuns: 300 }));
  it('that are commands are answered once each', () => fc.assert(commandsHold, { numRuns: 200 }));
});

describe('a gateway’s id', () => {
  it.each([
    ['Bank_7.example.org', 'bank-7'],
    ['host-a', 'host-a'],
    ['___', 'gateway'],
    ['x'.repeat(64), 'x'.repeat(32)],
  ])('%s is %s', (hostname, id) => expect(gatewayIdFrom(hostname)).toBe(id));
});

describe('a topic', () => {
  it.each([
    ['simbank/host-a/events/sms.received', { gateway: 'host-a', kind: 'events', rest: 'sms.received' }],
    ['simbank/host-a/slots/A/B', { gateway: 'host-a', kind: 'slots', rest: 'A/B' }],
    ['simbank/Host A/status', null],
    ['other/host-a/status', null],
    ['simbank/host-a', null],
  ])('%s', (topic, parsed) => expect(parseTopic('simbank', topic)).toEqual(parsed));
});
