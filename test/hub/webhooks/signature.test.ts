/** Signatures, as packages of others verify them: `stripe` for `X-MeiSIM-Signature`, `standardwebhooks` for the standard. */
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { newWebhookSecret } from '../../../src/hub/secrets.ts';
import {
  isSecret,
  meisimSignature,
  type Scheme,
  standardHeaders,
} from '../../../src/hub/webhooks/signature.ts';

const NOW = Math.floor(Date.now() / 1_000);
const BODY = '{"event":"sms.received","text":"Żółw 🐢 604118"}';

/** What Stripe's library says of a header, with its own tolerance of 300 s. */
function stripeTakes(header: string, body: string, secret: string): boolean {
  try {
    return Stripe.webhooks.signature!.verifyHeader(body, header, secret, 300);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false;
    throw error;
  }
}

function standardTakes(headers: Record<string, string>, body: string, secret: string): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

describe('X-MeiSIM-Signature', () => {
  const secret = newWebhookSecret();
  const sign = (scheme: Scheme, seconds = NOW, secrets = [secret]) =>
    meisimSignature({ id: 'evt', seconds, body: BODY, secrets }, scheme);

  test('has the shape of the contract: seconds, then lower-case hex', () => {
    expect(sign('t.body')).toMatch(new RegExp(`^t=${NOW},v1=[0-9a-f]{64}$`));
    expect(sign('both')).toMatch(new RegExp(`^t=${NOW},v1=[0-9a-f]{64},v1=[0-9a-f]{64}$`));
  });

  test.each([
    ['t.body', true],
    ['both', true],
    // for receivers that read the contract literally; a verifier of the usual kind must refuse it.
    ['body', false],
  ] as const)('scheme %s is valid for stripe: %s', (scheme, valid) => {
    expect(stripeTakes(sign(scheme), BODY, secret)).toBe(valid);
  });

  test('a literal reader finds the signature of the body alone in «body» and in «both»', async () => {
    const key = await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(secret),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    );
    const mac = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(BODY));
    const hex = Buffer.from(mac).toString('hex');
    expect(sign('body')).toBe(`t=${NOW},v1=${hex}`);
    expect(sign('both')).toContain(`,v1=${hex}`);
    expect(sign('t.body')).not.toContain(hex);
  });

  test('stripe refuses another body, another secret, an old time, and a captured body under a new time', () => {
    expect(stripeTakes(sign('t.body'), `${BODY} `, secret)).toBe(false);
    expect(stripeTakes(sign('t.body'), BODY, newWebhookSecret())).toBe(false);
    expect(stripeTakes(sign('t.body', NOW - 301), BODY, secret)).toBe(false);
    for (const scheme of ['t.body', 'both'] as const) {
      const captured = sign(scheme, NOW - 1_000);
      expect(stripeTakes(captured.replace(/^t=\d+/, `t=${NOW}`), BODY, secret)).toBe(false);
    }
  });

  test('while a secret is replaced, the old and the new one both verify, and no other', () => {
    const next = newWebhookSecret();
    for (const scheme of ['t.body', 'both'] as const) {
      const header = sign(scheme, NOW, [next, secret]);
      expect([next, secret, newWebhookSecret()].map((one) => stripeTakes(header, BODY, one))).toEqual([
        true,
        true,
        false,
      ]);
    }
  });
});

describe('Standard Webhooks', () => {
  const secret = newWebhookSecret();
  const signed = (more: object = {}) =>
    standardHeaders({ id: 'evt_1', seconds: NOW, body: BODY, secrets: [secret], ...more });

  test('is what the reference library signs itself', () => {
    const theirs = new Webhook(secret).sign('evt_1', new Date(NOW * 1_000), BODY);
    expect(signed()).toEqual({
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(NOW),
      'webhook-signature': theirs,
    });
  });

  test('any text verifies; any other text, id or time does not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (text, other) => {
        // The library parses what it has verified, so the bodies are JSON as ours are.
        const [body, wrong] = [JSON.stringify({ text }), JSON.stringify({ text: other })];
        const headers = signed({ body });
        expect(standardTakes(headers, body, secret)).toBe(true);
        expect(standardTakes(headers, wrong, secret)).toBe(text === other);
        expect(standardTakes({ ...headers, 'webhook-id': 'evt_2' }, body, secret)).toBe(false);
        expect(standardTakes({ ...headers, 'webhook-timestamp': String(NOW + 1) }, body, secret)).toBe(false);
      }),
    );
  });

  test('while a secret is replaced, the old and the new one both verify, and no other', () => {
    const next = newWebhookSecret();
    const headers = signed({ secrets: [next, secret] });
    expect([next, secret, newWebhookSecret()].map((one) => standardTakes(headers, BODY, one))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('secrets', () => {
  test('are new each time, of 32 octets, and secrets by our own check', () => {
    const made = Array.from({ length: 50 }, newWebhookSecret);
    expect(new Set(made).size).toBe(50);
    expect(made.every(isSecret)).toBe(true);
    expect(Buffer.from(made[0]!.slice(6), 'base64')).toHaveLength(32);
  });

  test.each([
    [24, true],
    [64, true],
    [23, false],
    [65, false],
  ])('of %i octets: %s', (length, valid) => {
    expect(isSecret(`whsec_${Buffer.alloc(length, 7).toString('base64')}`)).toBe(valid);
  });

  test.each([
    '',
    'whsec_',
    `whsk_${Buffer.alloc(32).toString('base64')}`,
    `whsec_${'-'.repeat(43)}=`,
    `whsec_${Buffer.alloc(32).toString('base64')}\n`,
    `whsec_${Buffer.alloc(32).toString('hex')}!`,
  ])('%j is none', (text) => {
    expect(isSecret(text)).toBe(false);
  });
});
