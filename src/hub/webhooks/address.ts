/**
 * Where a webhook may go. Customers give the hub URLs and the hub calls them from inside its own network, so a URL is
 * checked when it is saved, and the very address that is connected to is checked at every connection (SSRF). Knows
 * nothing of what is sent.
 *
 * Three ways in are closed here. Spellings: the URL parser makes `0x7f.1`, `2130706433` or `①②⑦.0.0.1` the same host.
 * Literals: a socket never looks an address up that is written out, so the literal itself is checked. Rebinding: a name is
 * looked up once a connection, and that connection goes to what was looked up.
 */
import { promises as dns, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { buildConnector } from 'undici';
import { SimbankError } from '../../errors.ts';

/** `hub.webhooks` of the configuration. */
export interface AddressPolicy {
  readonly allowHttp: boolean;
  /**
   * Private networks and this host itself, for tests and closed networks. Link-local addresses and those at which clouds tell
   * a host its secrets are refused all the same.
   */
  readonly allowPrivate: boolean;
  readonly ports: readonly number[];
}

/** The addresses of a host name; rejects as node:dns does when there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Why a URL was refused: `detail.reason` of `webhook.url_refused`. */
export type Refusal = 'length' | 'syntax' | 'scheme' | 'credentials' | 'port' | 'address' | 'unknown-host';

const MAX_LENGTH = 2_048;
const CONNECT_MS = 10_000;

/**
 * The URL in the spelling in which it is kept, if it may be kept. Names are not looked up: see `checkHost`.
 *
 * @throws SimbankError `webhook.url_refused`, with a sentence for the customer and `detail.reason`.
 */
export function checkUrl(text: string, policy: AddressPolicy): URL {
  if (text.length > MAX_LENGTH) throw refused('length', `a webhook URL has at most ${MAX_LENGTH} characters`);
  if (!URL.canParse(text)) {
    throw refused(
      'syntax',
      'this is not a URL: write it in full, such as https://shop.example.com/hooks/sms',
    );
  }
  const url = new URL(text);
  const schemes = policy.allowHttp ? ['https:', 'http:'] : ['https:'];
  if (!schemes.includes(url.protocol)) {
    throw refused(
      'scheme',
      `a webhook URL begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw refused(
      'credentials',
      'a webhook URL holds no user name or password: verify the signature instead',
    );
  }
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  if (!policy.ports.includes(port)) {
    throw refused('port', `port ${port} is not open to webhooks, only ${policy.ports.join(', ')}`);
  }
  // A final dot says «not a local name» to DNS; in a certificate's name and in Host it is in the way.
  url.hostname = url.hostname.replace(/\.$/, '');
  url.hash = '';
  const host = hostOf(url);
  if (isIP(host) === 0) {
    if (!policy.allowPrivate && isLocalName(host)) {
      throw refused('address', `${host} is a name inside a network, not on the internet`);
    }
  } else if (!permits(policy, host)) {
    throw refused('address', `${host} is not an address on the internet`);
  }
  return url;
}

/**
 * Looks the name of a checked URL up, as a delivery will. A name server that does not answer now refuses nothing: every
 * delivery checks again.
 *
 * @throws SimbankError `webhook.url_refused` when the name is not known or leads to an address that may not be called.
 */
export async function checkHost(url: URL, policy: AddressPolicy, resolve: Resolve): Promise<void> {
  const host = hostOf(url);
  if (isIP(host) !== 0) return;
  try {
    await permitted(host, policy, resolve);
  } catch (error) {
    if (error instanceof SimbankError) throw error;
    if (['ENOTFOUND', 'ENODATA'].includes(String((error as NodeJS.ErrnoException).code))) {
      throw refused('unknown-host', `${host} is not known: no name server has an address for it`);
    }
  }
}

/**
 * Connections for an HTTP client that go nowhere else than the policy permits, whatever URL the client was given. The error
 * of a connection that is refused is `webhook.url_refused`.
 *
 * @param ca - certificates to trust instead of the system's.
 */
export function guardedConnector(
  policy: AddressPolicy,
  resolve: Resolve,
  ca?: string,
): buildConnector.connector {
  const lookup: LookupFunction = (host, options, callback) => {
    permitted(host, policy, resolve).then(
      (addresses) => {
        // Without `all` the socket takes one address and tries no other.
        if (options.all === true) callback(null, addresses);
        else callback(null, addresses[0]!.address, addresses[0]!.family);
      },
      (error: Error) => callback(error, ''),
    );
  };
  const connect = buildConnector({
    timeout: CONNECT_MS,
    lookup,
    ...(ca === undefined ? {} : { ca }),
  } as buildConnector.BuildOptions);
  return (options, callback) => {
    const host = unbracketed(options.hostname);
    if (isIP(host) !== 0 && !permits(policy, host)) {
      callback(refused('address', `${host} is not an address on the internet`), null);
      return;
    }
    connect({ ...options, hostname: host }, callback);
  };
}

/**
 * Names by DNS alone. Not by the system's resolver: each of its look-ups holds one of the process's few pool threads until
 * the name server answers, and which name server that is, the owner of the name decides.
 */
export function resolveByDns(
  resolver = new dns.Resolver({ timeout: 2_000, tries: 2, maxTimeout: 4_000 }),
): Resolve {
  return async (host) => {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length > 0) return addresses;
    const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    // «Not now» from either of them outweighs «no such name» from the other.
    throw reasons.find(({ code }) => !['ENOTFOUND', 'ENODATA'].includes(code)) ?? reasons[0];
  };
}

/** Names as this host knows them, its hosts file included: for closed networks, where names are not in DNS. */
export const resolveBySystem: Resolve = async (host) => {
  const found = await dns.lookup(host, { all: true });
  return found.map(({ address }) => address);
};

/** The look-up that goes with a policy. */
export function resolverFor(policy: AddressPolicy): Resolve {
  return policy.allowPrivate ? resolveBySystem : resolveByDns();
}

/** Whether an address, as `isIP` knows them, may be connected to. */
export function permits(policy: AddressPolicy, address: string): boolean {
  const parsed = ipaddr.process(address);
  if (isOfCloud(parsed)) return false;
  const range: string = parsed.range();
  if (policy.allowPrivate && PRIVATE.has(range)) return true;
  if (range !== 'unicast') return false;
  // RFC 4291 §2.4: of IPv6 only 2000::/3 is handed out. What is left is no host's address, or an IPv4 address in disguise
  // (`::127.0.0.1`, §2.5.5.1) that ipaddr.js calls unicast.
  return parsed.kind() === 'ipv4' || (parsed.toByteArray()[0]! & 0xe0) === 0x20;
}

/**
 * Where clouds hand credentials and settings to whatever runs on a host of theirs: those that are in no range that is refused
 * anyway, or in one that `allowPrivate` opens. 169.254.169.254 and its neighbours are link-local, Oracle's 192.0.0.192 is reserved.
 */
const OF_CLOUDS = [
  '168.63.129.16/32', // Azure's host service («WireServer»): an address of the internet by its range
  '100.100.100.200/32', // Alibaba
  'fd00:100::100:200/128', // Alibaba
  'fd00:ec2::/32', // Amazon: metadata, credentials of pods, DNS, time
  'fd20:ce::254/128', // Google
  'fd00:c1::a9fe:a9fe/128', // Oracle
  'fd00:42::42/128', // Scaleway
  'fd00:a9fe:a9fe::1/128', // Akamai
].map((network) => ipaddr.parseCIDR(network));

function isOfCloud(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return OF_CLOUDS.some((network) => network[0].kind() === address.kind() && address.match(network as never));
}

const PRIVATE = new Set(['loopback', 'private', 'carrierGradeNat', 'uniqueLocal']);

/** All addresses of a name, IPv4 first (many a host has no route for IPv6), if every one of them may be connected to. */
async function permitted(host: string, policy: AddressPolicy, resolve: Resolve): Promise<LookupAddress[]> {
  const addresses = await resolve(host);
  // One bad address among good ones is an attempt to be given the good one at the check and the bad one later.
  if (addresses.length === 0 || !addresses.every((address) => permits(policy, address))) {
    // Which address it is would tell strangers about the names of the hub's own network.
    throw refused('address', `${host} leads to an address that is not on the internet`);
  }
  return addresses
    .map((address) => ({ address, family: isIP(address) }))
    .sort((one, other) => one.family - other.family);
}

/** RFC 6761, 6762, 8375, habit, and names without a dot: they mean something only inside a network. */
function isLocalName(host: string): boolean {
  return !host.includes('.') || /\.(localhost|localdomain|local|internal|home\.arpa)$/.test(host);
}

/** The host as a name or an address; `URL` has normalised its spelling. */
function hostOf(url: URL): string {
  return unbracketed(url.hostname);
}

function unbracketed(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

function refused(reason: Refusal, message: string): SimbankError {
  return new SimbankError('webhook.url_refused', message, { reason });
}

/** Why connecting failed because of what this file refuses; null for any other error. */
export function refusalIn(error: unknown): SimbankError | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof SimbankError && cause.code === 'webhook.url_refused') return cause;
  }
  return null;
}
