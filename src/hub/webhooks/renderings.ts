/**
 * The forms in which an event is sent, one row each: body, signature, what counts as taken, and when it is tried again. A
 * further form is a further row. Pure; the exact octets of a body are kept with the delivery, only the signature is made
 * anew for every attempt.
 */
import { TEST, type WebhookEvent } from './events.ts';
import { meisimSignature, type Scheme, type Signed, standardHeaders } from './signature.ts';

/** What the owner of an endpoint may choose beside the rendering. */
export interface EndpointOptions {
  /** `meisim`: what its signature covers. Default `t.body`. */
  readonly scheme?: Scheme;
}

export interface Rendering {
  readonly contentType: string;
  /** The types of events that it has words for; null: of all. A test of the endpoint is always one. */
  readonly speaks: readonly string[] | null;
  /** Null for an event that this form has no words for: nothing is sent then. */
  body(event: WebhookEvent): string | null;
  /** Signature and id; computed for each attempt. */
  headers(signed: Signed, options: EndpointOptions): Record<string, string>;
  acknowledges(status: number): boolean;
  /** The time for a whole attempt, from looking the name up to the end of the answer. */
  readonly timeoutMs: number;
  /** How long to wait after the first failure, the second, …; after one more failure the delivery has failed. */
  readonly pausesMs: readonly number[];
  /** A pause is lengthened or shortened by chance, at most by this share of it. */
  readonly jitter: number;
  /** Statuses that turn the endpoint off. */
  readonly gone: readonly number[];
  /** Statuses that ask for fewer requests; `Retry-After` is honoured with them. */
  readonly busy: readonly number[];
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** customer-apis section 1.2. The body is closed: what is added goes into headers. */
const meisim: Rendering = {
  contentType: 'application/json',
  speaks: ['sms.received'],
  body({ type, at, data: { message, number, activation, phone } }) {
    if (type !== TEST && (type !== 'sms.received' || message === undefined)) return null;
    const { from, text, receivedAt } = message ?? { ...TEST_MESSAGE, receivedAt: at };
    return JSON.stringify({
      event: 'sms.received',
      number_id: number?.id ?? activation?.id ?? '',
      phone: phone ?? '',
      from: hyphenated(from),
      text: text ?? '',
      received_at: `${receivedAt.slice(0, 19)}Z`, // M-20
    });
  },
  headers: (signed, { scheme = 't.body' }) => ({
    'x-meisim-signature': meisimSignature(signed, scheme),
    'webhook-id': signed.id,
  }),
  // the text says 200, and to call 204 a failure would only make duplicates.
  acknowledges: isSuccess,
  timeoutMs: 10 * SECOND, // M-25
  // M-27, A-06: attempts at 0, 15, 75 and 375 s, each counted from the failure before.
  pausesMs: [15 * SECOND, MINUTE, 5 * MINUTE],
  jitter: 0,
  gone: [],
  busy: [],
};

/** The contract has no event for a test of the endpoint, so that one looks like a message. */
const TEST_MESSAGE = { from: '00000', text: 'This is a test of your webhook.' };

/** M-18: a short code of five or six digits has a hyphen after the third: `72941` is `729-41`. */
export function hyphenated(from: string): string {
  return /^\d{5,6}$/.test(from) ? `${from.slice(0, 3)}-${from.slice(3)}` : from;
}

/** Standard Webhooks 1.0.0. */
const standard: Rendering = {
  contentType: 'application/json',
  speaks: null,
  body: ({ type, at, data }) => JSON.stringify({ type, timestamp: at, data: snakeCased(data) }),
  headers: standardHeaders,
  acknowledges: isSuccess,
  timeoutMs: 15 * SECOND,
  pausesMs: [
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
  ],
  jitter: 0.1,
  gone: [410],
  busy: [429, 502, 504],
};

/** Inside, members are named as TypeScript does; outside, as the REST API does. */
function snakeCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeCased(member),
    ]),
  );
}

const renderings = { meisim, standard };
export type RenderingName = keyof typeof renderings;
export const RENDERINGS = Object.keys(renderings) as RenderingName[];

export function isRendering(name: string): name is RenderingName {
  return Object.hasOwn(renderings, name);
}

export function renderingOf(name: RenderingName): Rendering {
  return renderings[name];
}
