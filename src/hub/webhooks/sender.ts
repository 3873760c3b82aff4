/** One POST to a customer: guarded connections, no redirects, a total timeout, a bounded answer. Knows no queue and no schedule. */
import { Agent, type Dispatcher, errors, request } from 'undici';
import { type AddressPolicy, checkUrl, guardedConnector, type Resolve, refusalIn } from './address.ts';
import { type Failure, type Outcome, retryAfterMs } from './verdict.ts';

export interface SenderOptions {
  readonly policy: AddressPolicy;
  readonly resolve: Resolve;
  /** Certificates to trust instead of the system's, PEM. */
  readonly ca?: string;
}

export interface Post {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface Answer {
  readonly outcome: Outcome;
  readonly ms: number;
  /** The beginning of the answer's body, for the log of attempts. */
  readonly excerpt: string | null;
}

/** W-73: what is read of an answer, and W-52: what is kept of it. */
const READ_BYTES = 64 * 1024;
const KEEP_BYTES = 1024;

export class Sender {
  readonly #policy: AddressPolicy;
  readonly #agent: Agent;

  constructor({ policy, resolve, ca }: SenderOptions) {
    this.#policy = policy;
    this.#agent = new Agent({
      connect: guardedConnector(policy, resolve, ca),
      // No limit of connections an origin: many endpoints may share one, and a slow one would hold the others up.
      pipelining: 1,
      // Where the receiver does not say itself how long it keeps one. Many receivers, each with one, are many sockets.
      keepAliveTimeout: 10_000,
      // An address is believed for a minute; then the name is looked up again.
      clientTtl: 60_000,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 16 * 1024,
    });
  }

  /** Never rejects: what went wrong is the outcome. */
  async post(post: Post): Promise<Answer> {
    const start = performance.now();
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), post.timeoutMs);
    try {
      const url = checkUrl(post.url, this.#policy);
      const response = await this.#request(url, post, abort.signal);
      const excerpt = await excerptOf(response.body);
      const retryAfter = response.headers['retry-after'];
      return {
        outcome: {
          status: response.statusCode,
          retryAfterMs: retryAfterMs(typeof retryAfter === 'string' ? retryAfter : undefined, Date.now()),
        },
        ms: Math.round(performance.now() - start),
        excerpt,
      };
    } catch (error) {
      const failure = abort.signal.aborted ? 'timeout' : failureOf(error);
      return { outcome: { failure }, ms: Math.round(performance.now() - start), excerpt: null };
    } finally {
      clearTimeout(timer);
    }
  }

  async #request(url: URL, post: Post, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const options = { method: 'POST', headers: post.headers, body: post.body, signal } as const;
    try {
      return await request(url, { ...options, dispatcher: this.#agent });
    } catch (error) {
      if (!wasIdle(error)) throw error;
      return await request(url, { ...options, dispatcher: this.#agent });
    }
  }

  /** Ends every connection; what is under way fails. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/**
 * A kept connection that the receiver closed while this request was on its way into it: nothing is wrong with the receiver,
 * and a pause of the schedule would be for nothing.
 */
function wasIdle(error: unknown): boolean {
  return error instanceof errors.SocketError && (error.socket?.bytesRead ?? 0) > 0;
}

/**
 * Reads so much of a body that its connection can be used again, and no more; what comes after closes it. The status has been
 * said by then: a body that breaks off changes nothing.
 */
async function excerptOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const kept: Buffer[] = [];
  let read = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (read < KEEP_BYTES) kept.push(chunk.subarray(0, KEEP_BYTES - read));
      read += chunk.length;
      // Leaving the loop destroys the body, and the connection with it.
      if (read >= READ_BYTES) break;
    }
  } catch {
    // Cut short by the receiver, or by the end of the time.
  }
  return Buffer.concat(kept).toString('utf8');
}

function failureOf(error: unknown): Failure {
  if (refusalIn(error) !== null) return 'blocked';
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  const [, failure] = FAILURES.find(([pattern]) => pattern.test(code)) ?? [];
  return failure ?? 'protocol';
}

/** By the codes of c-ares and getaddrinfo, of sockets, of TLS, and of undici. */
const FAILURES: readonly (readonly [RegExp, Failure])[] = [
  [
    /^(ENOTFOUND|ENODATA|EAI_\w+|ESERVFAIL|EREFUSED|EBADNAME|EBADRESP|EFORMERR|ENOTIMP|ETIMEOUT|ECANCELLED)$/,
    'dns',
  ],
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, 'timeout'],
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES|EPERM|EINVAL|EMFILE)$/, 'refused'],
  [/^(ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/, 'tls'],
  [/^(UND_ERR_SOCKET|ECONNRESET|EPIPE|UND_ERR_DESTROYED|UND_ERR_CLOSED)$/, 'closed'],
];
