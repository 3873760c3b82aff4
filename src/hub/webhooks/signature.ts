/** Signatures of webhooks: pure functions of secret, time and octets. Which endpoint wants which is in renderings.ts. */
import { createHmac } from 'node:crypto';

/** What one attempt signs. */
export interface Signed {
  /** The same for every attempt of one event. */
  readonly id: string;
  /** Unix seconds of this attempt: a receiver refuses what is older than some minutes. */
  readonly seconds: number;
  /** Exactly what is sent. */
  readonly body: string;
  /** All that are valid now, the newest first: several while those before one go on beside it. */
  readonly secrets: readonly string[];
}

/** What a MeiSIM signature covers; customer-apis A-03 leaves it open, so an endpoint may say. */
export const SCHEMES = ['t.body', 'body', 'both'] as const;
export type Scheme = (typeof SCHEMES)[number];

/**
 * `X-MeiSIM-Signature` (customer-apis M-21 to M-23, A-03, A-04): `t=<seconds>,v1=<hex>`, with a further `v1` for each
 * scheme and each valid secret. The key is the secret's text as it stands.
 */
export function meisimSignature({ seconds, body, secrets }: Signed, scheme: Scheme): string {
  const contents = [
    ...(scheme === 'body' ? [] : [`${seconds}.${body}`]),
    ...(scheme === 't.body' ? [] : [body]),
  ];
  const values = secrets.flatMap((secret) =>
    contents.map((content) => hmac(secret, content).toString('hex')),
  );
  return [`t=${seconds}`, ...values.map((value) => `v1=${value}`)].join(',');
}

/** The three headers of Standard Webhooks 1.0.0. The key is what the secret's base64 stands for. */
export function standardHeaders({ id, seconds, body, secrets }: Signed): Record<string, string> {
  const values = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${hmac(key, `${id}.${seconds}.${body}`).toString('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': values.join(' ') };
}

const PREFIX = 'whsec_';

/** Whether a text is a secret as Standard Webhooks has them: 24 to 64 octets in base64 behind `whsec_`. */
export function isSecret(text: string): boolean {
  if (!text.startsWith(PREFIX)) return false;
  const key = Buffer.from(text.slice(PREFIX.length), 'base64');
  // Buffer.from skips what is not base64: only what it writes back itself was whole.
  return key.length >= 24 && key.length <= 64 && PREFIX + key.toString('base64') === text;
}

function hmac(key: string | Buffer, content: string): Buffer {
  return createHmac('sha256', key).update(content).digest();
}
