/** Keys of the API and secrets of webhooks: how they are made and what is kept of them. */
import { createHash, randomBytes } from 'node:crypto';

/** A new API key: 256 random bits. */
export function newKey(): string {
  return `sbk_${randomBytes(32).toString('base64url')}`;
}

/** SHA-256 of a key in hex, as the store knows it. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** The characters of a key that lists show. */
export function hintOf(key: string): string {
  return key.slice(0, 8);
}

/** A new signing secret as Standard Webhooks writes them: `whsec_` and base64 of 32 octets. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}
