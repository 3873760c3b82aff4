/** Webhooks reach what is on the internet and nothing else, however the URL is spelt and whatever DNS says. */
import fc from 'fast-check';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasCode } from '../../../src/errors.ts';
import {
  type AddressPolicy,
  checkHost,
  checkUrl,
  guardedConnector,
  permits,
  type Resolve,
  resolveByDns,
  resolveBySystem,
} from '../../../src/hub/webhooks/address.ts';
import { Sender } from '../../../src/hub/webhooks/sender.ts';
import { type NameServer, startNameServer } from './dns.ts';
import { type Receiver, startReceiver } from './receiver.ts';

/** Servers of this host on every address of it: what must receive nothing. */
let loopback4: Receiver;
let loopback6: Receiver | null;
let names: NameServer;
let open: AddressPolicy;

beforeAll(async () => {
  loopback4 = await startReceiver({ host: '0.0.0.0' });
  // Where there is IPv6 at all.
  loopback6 = await startReceiver({ host: '::1', port: loopback4.port }).catch(() => null);
  names = await startNameServer();
  // Only the address stands in the way: scheme and port are allowed.
  open = { allowHttp: true, allowPrivate: false, ports: [loopback4.port] };
});
afterAll(async () => {
  await loopback4.close();
  await loopback6?.close();
  await names.close();
});
const reached = () => loopback4.connections + (loopback6?.connections ?? 0);

async function reasonOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (hasCode(error, 'webhook.url_refused')) return String(error.detail.reason);
    throw error;
  }
  return 'taken';
}

/** Posts without the check at saving, as to a URL that came into the database some other way. */
async function post(url: string, policy: AddressPolicy, resolve: Resolve) {
  const sender = new Sender({ policy, resolve });
  const answer = await sender.post({ url, body: '{}', headers: {}, timeoutMs: 5_000 });
  await sender.close();
  return answer.outcome;
}

/** Spellings of this host and of other places that are not on the internet; PORT is that of a server that listens. */
const SPELLINGS = [
  // IPv4 loopback as the URL standard's parser reads it
  'http://127.0.0.1:PORT/',
  'http://127.1:PORT/',
  'http://127.0.1:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f000001:PORT/',
  'http://0x7f.1:PORT/',
  'http://0X7F.0x0.0x0.0X1:PORT/',
  'http://017700000001:PORT/',
  'http://0177.0.0.1:PORT/',
  'http://0177.0.0.01:PORT/',
  'http://00000177.0.0.1:PORT/',
  'http://0x7f.0.0.01:PORT/',
  'http://127.0.0.1.:PORT/',
  'http://127.255.255.254:PORT/',
  'http://127%2e0%2e0%2e1:PORT/',
  'http:127.0.0.1:PORT/',
  'http:///127.0.0.1:PORT/',
  'http:\\\\127.0.0.1:PORT/',
  '  http://127.0.0.1:PORT/',
  'http://127.0.0\n.1:PORT/',
  // Digits, dots and letters that IDNA maps
  'http://１２７.０.０.１:PORT/',
  'http://①②⑦.⓪.⓪.①:PORT/',
  'http://127。0。0。1:PORT/',
  'http://127．0．0．1:PORT/',
  'http://ｌｏｃａｌｈｏｓｔ:PORT/',
  'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/',
  'http://lo\u00adcalhost:PORT/',
  'http://lo\u200bcalhost:PORT/',
  'http://%6c%6f%63%61%6c%68%6f%73%74:PORT/',
  // The unspecified address is this host to a socket
  'http://0:PORT/',
  'http://0.0.0.0:PORT/',
  'http://0x0:PORT/',
  'http://000.000.000.000:PORT/',
  'http://[::]:PORT/',
  'http://[0:0:0:0:0:0:0:0]:PORT/',
  // IPv6, and IPv4 inside it
  'http://[::1]:PORT/',
  'http://[0000:0000:0000:0000:0000:0000:0000:0001]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/',
  'http://[::127.0.0.1]:PORT/',
  'http://[::7f00:1]:PORT/',
  'http://[::ffff:0:127.0.0.1]:PORT/',
  'http://[::ffff:0.0.0.0]:PORT/',
  'http://[64:ff9b::7f00:1]:PORT/',
  'http://[64:ff9b::127.0.0.1]:PORT/',
  'http://[64:ff9b:1::7f00:1]:PORT/',
  'http://[2002:7f00:1::]:PORT/',
  'http://[2002:7f00:0001::1]:PORT/',
  'http://[2001:0:7f00:1::]:PORT/',
  'http://[fe80::1]:PORT/',
  'http://[fe80::1%25lo]:PORT/',
  'http://[::1%25lo]:PORT/',
  'http://[fec0::1]:PORT/',
  'http://[fd00:ec2::254]:PORT/',
  'http://[fc00::1]:PORT/',
  'http://[ff02::1]:PORT/',
  'http://[2001:db8::1]:PORT/',
  'http://[100::1]:PORT/',
  'http://[4000::1]:PORT/',
  // Names of this host and of networks
  'http://localhost:PORT/',
  'http://LOCALHOST:PORT/',
  'http://localhost.:PORT/',
  'http://localhost.localdomain:PORT/',
  'http://anything.localhost:PORT/',
  'http://ip6-localhost:PORT/',
  'http://printer.local:PORT/',
  'http://metadata.google.internal:PORT/',
  'http://router.home.arpa:PORT/',
  'http://intranet:PORT/',
  // A user name that looks like the host
  'http://example.com@127.0.0.1:PORT/',
  'http://example.com:80@127.0.0.1:PORT/',
  'http://example.com%00@127.0.0.1:PORT/',
  'http://127.0.0.1:PORT\\@example.com/',
  'http://127.0.0.1:PORT#@example.com/',
  'http://127.0.0.1:PORT?@example.com/',
  'http://1.1.1.1 &@127.0.0.1:PORT/',
  // Private, shared, link-local, reserved, multicast, broadcast, documentation
  'http://10.0.0.1:PORT/',
  'http://10.255.255.255:PORT/',
  'http://172.16.0.1:PORT/',
  'http://172.31.255.255:PORT/',
  'http://192.168.1.1:PORT/',
  'http://3232235777:PORT/',
  'http://100.64.0.1:PORT/',
  'http://100.127.255.255:PORT/',
  'http://169.254.169.254:PORT/',
  'http://2852039166:PORT/',
  'http://0xa9fea9fe:PORT/',
  'http://[::ffff:169.254.169.254]:PORT/',
  'http://[::ffff:10.0.0.1]:PORT/',
  'http://169.254.170.2:PORT/',
  // Azure's host service, on the internet by its range; Alibaba's metadata
  'http://168.63.129.16:PORT/',
  'http://2822734096:PORT/',
  'http://0xa83f8110:PORT/',
  'http://[::ffff:168.63.129.16]:PORT/',
  'http://[2002:a83f:8110::]:PORT/',
  'http://100.100.100.200:PORT/',
  'http://192.0.0.192:PORT/',
  'http://192.0.2.1:PORT/',
  'http://192.88.99.1:PORT/',
  'http://198.18.0.1:PORT/',
  'http://198.51.100.1:PORT/',
  'http://203.0.113.1:PORT/',
  'http://224.0.0.1:PORT/',
  'http://239.255.255.250:PORT/',
  'http://240.0.0.1:PORT/',
  'http://255.255.255.255:PORT/',
  'http://4294967295:PORT/',
];

/** What has no place in a webhook's URL whatever the address. */
const ODD = [
  ['', 'syntax'],
  ['example.com/hook', 'syntax'],
  ['//example.com/hook', 'syntax'],
  ['http://', 'syntax'],
  ['http://256.0.0.1:PORT/', 'syntax'],
  ['http://exa mple.com:PORT/', 'syntax'],
  ['http://example.com:99999/', 'syntax'],
  ['ftp://example.com/', 'scheme'],
  ['file:///etc/passwd', 'scheme'],
  ['gopher://127.0.0.1:PORT/_x', 'scheme'],
  ['javascript:alert(1)', 'scheme'],
  ['data:text/plain,x', 'scheme'],
  ['unix:/run/docker.sock', 'scheme'],
  ['wss://example.com/', 'scheme'],
  ['http://user:pass@example.com:PORT/', 'credentials'],
  ['http://user@example.com:PORT/', 'credentials'],
  ['http://example.com/', 'port'],
  ['http://example.com:0/', 'port'],
  ['http://example.com:22/', 'port'],
  [`http://example.com:PORT/${'a'.repeat(2_050)}`, 'length'],
] as const;

const withPort = (url: string) => url.replaceAll('PORT', String(loopback4.port));

describe('a URL that leads elsewhere than the internet', () => {
  test.each(SPELLINGS)(
    '%j is refused when it is saved, and no delivery reaches anything',
    async (spelling) => {
      const before = reached();
      const url = withPort(spelling);
      expect(await reasonOf(() => checkUrl(url, open))).toMatch(/^(address|credentials|syntax)$/);
      expect(await post(url, open, resolveBySystem)).toEqual({ failure: 'blocked' });
      expect(reached()).toBe(before);
    },
  );

  test.each(ODD)('%j is refused: %s', async (spelling, reason) => {
    const before = reached();
    const url = withPort(spelling);
    expect(await reasonOf(() => checkUrl(url, open))).toBe(reason);
    expect(await post(url, open, resolveBySystem)).toEqual({ failure: 'blocked' });
    expect(reached()).toBe(before);
  });

  test('nor does a connection go there when nobody has looked at the URL before', async () => {
    // The client's own connections, with the same octets: checked by the literal, for a socket never looks one up.
    const agent = new Agent({ connect: guardedConnector(open, resolveBySystem) });
    const before = reached();
    for (const spelling of SPELLINGS) {
      const url = withPort(spelling);
      if (!URL.canParse(url)) continue;
      // This host may not know one of the names at all.
      await expect(request(url, { dispatcher: agent }), url).rejects.toMatchObject({
        code: expect.stringMatching(/^(webhook\.url_refused|ENOTFOUND|EAI_AGAIN)$/),
      });
    }
    expect(reached()).toBe(before);
    await agent.destroy();
  });
});

describe('the same servers', () => {
  test('are reached when private addresses are allowed: the table above can fail', async () => {
    const policy = { ...open, allowPrivate: true };
    for (const host of ['127.0.0.1', '2130706433', '[::ffff:127.0.0.1]', 'localhost']) {
      const before = reached();
      const url = checkUrl(`http://${host}:${loopback4.port}/`, policy).href;
      expect(await post(url, policy, resolveBySystem)).toMatchObject({ status: 200 });
      expect(reached()).toBe(before + 1);
    }
  });

  test('but never by what stands for this host or hands out credentials', () => {
    const policy = { ...open, allowPrivate: true };
    for (const address of [
      '0.0.0.0',
      '::',
      '169.254.169.254',
      'fe80::1',
      '224.0.0.1',
      '255.255.255.255',
      '168.63.129.16',
      '::ffff:168.63.129.16',
      '192.0.0.192',
      '100.100.100.200',
      'fd00:100::100:200',
      'fd00:ec2::254',
      'fd00:ec2::23',
      'fd20:ce::254',
      'fd00:c1::a9fe:a9fe',
      'fd00:42::42',
      'fd00:a9fe:a9fe::1',
    ]) {
      expect(permits(policy, address), address).toBe(false);
    }
    for (const address of ['168.63.129.17', '100.100.100.201', 'fd00:42::43', 'fd00:ec3::254']) {
      expect(permits(policy, address), address).toBe(true);
    }
  });
});

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('%i to this host is a failure and not followed', async (status) => {
    const policy = { ...open, allowPrivate: true };
    const target = await startReceiver();
    loopback4.answer = (_request, response) =>
      void response.writeHead(status, { location: `${target.url}/stolen` }).end();
    expect(await post(loopback4.url, policy, resolveBySystem)).toEqual({ status, retryAfterMs: null });
    expect(target.connections).toBe(0);
    await target.close();
    loopback4.answer = (_request, response) => void response.end();
  });
});

describe('names', () => {
  const PUBLIC = '3ffe:0:0:0:0:0:0:1'; // once the 6bone's, given back: global unicast, and nobody's (RFC 3701)
  const at = (name: string) => `http://${name}:${loopback4.port}/`;
  const both =
    (v4: readonly string[], v6: readonly string[] = []) =>
    (type: 'A' | 'AAAA') =>
      type === 'A' ? v4 : v6;

  test.each([
    ['loopback', ['127.0.0.1'], []],
    ['loopback over IPv6', [], ['0:0:0:0:0:0:0:1']],
    ['a mapped loopback', [], ['0:0:0:0:0:ffff:7f00:1']],
    ['a compatible loopback', [], ['0:0:0:0:0:0:7f00:1']],
    ['the unspecified address', ['0.0.0.0'], []],
    ['a private network', ['10.1.2.3'], []],
    ['the metadata service', ['169.254.169.254'], []],
    ['something public and loopback', ['1.1.1.1', '127.0.0.1'], []],
    ['something public, and loopback over IPv6', ['1.1.1.1'], ['0:0:0:0:0:0:0:1']],
  ])('that lead to %s are refused at saving and at delivery', async (_what, v4, v6) => {
    names.names.set('evil.example', both(v4, v6));
    const resolve = resolveByDns(names.resolver);
    const url = checkUrl(at('evil.example'), open);
    const before = reached();
    expect(await reasonOf(() => checkHost(url, open, resolve))).toBe('address');
    expect(await post(url.href, open, resolve)).toEqual({ failure: 'blocked' });
    expect(reached()).toBe(before);
  });

  test('are not told which private address they lead to', async () => {
    names.names.set('evil.example', both(['10.9.8.7']));
    const error = await checkHost(
      checkUrl(at('evil.example'), open),
      open,
      resolveByDns(names.resolver),
    ).catch((reason: unknown) => reason);
    expect(JSON.stringify([error, String(error)])).not.toContain('10.9');
  });

  test('that are public when saved and loopback at the delivery (rebinding) are refused then', async () => {
    let now = '1.1.1.1';
    names.names.set('rebind.example', (type) => (type === 'A' ? [now] : []));
    const resolve = resolveByDns(names.resolver);
    const url = checkUrl(at('rebind.example'), open);
    expect(await reasonOf(() => checkHost(url, open, resolve))).toBe('taken');
    now = '127.0.0.1';
    const before = reached();
    expect(await post(url.href, open, resolve)).toEqual({ failure: 'blocked' });
    expect(reached()).toBe(before);
  });

  test('that change between the check and the connection are connected to as they were checked', async () => {
    // Public once, this host ever after: whoever looks up a second time to connect is here.
    names.names.set('flip.example', (type, query) =>
      type === 'A' ? (query === 1 ? [] : ['127.0.0.1']) : query === 1 ? [PUBLIC] : [],
    );
    const before = reached();
    const outcome = await post(at('flip.example'), open, resolveByDns(names.resolver));
    expect(outcome).toMatchObject({ failure: expect.stringMatching(/^(refused|timeout)$/) });
    expect(reached()).toBe(before);
    expect(names.queries('flip.example', 'A')).toBe(1);
  });

  test('are looked up once a connection, and the request names the host as it was written', async () => {
    const policy = { ...open, allowPrivate: true };
    names.names.set('pinned.example', both(['127.0.0.1']));
    const count = loopback4.received.length;
    expect(await post(at('pinned.example'), policy, resolveByDns(names.resolver))).toMatchObject({
      status: 200,
    });
    expect(names.queries('pinned.example', 'A')).toBe(1);
    expect(loopback4.received[count]?.headers.host).toBe(`pinned.example:${loopback4.port}`);
  });

  test('that nobody knows are refused at saving; a name server that is silent refuses nothing', async () => {
    const url = checkUrl(at('nobody.example'), open);
    const resolve = resolveByDns(names.resolver);
    expect(await reasonOf(() => checkHost(url, open, resolve))).toBe('unknown-host');
    expect(await post(url.href, open, resolve)).toEqual({ failure: 'dns' });
    const silent: Resolve = () => Promise.reject(Object.assign(new Error('timeout'), { code: 'ETIMEOUT' }));
    expect(await reasonOf(() => checkHost(url, open, silent))).toBe('taken');
    expect(await post(url.href, open, silent)).toEqual({ failure: 'dns' });
  });
});

describe('a URL that may be kept', () => {
  const usual: AddressPolicy = { allowHttp: false, allowPrivate: false, ports: [443, 8443] };

  test.each([
    ['https://shop.example.com/hooks/sms?x=1', 'https://shop.example.com/hooks/sms?x=1'],
    ['HTTPS://Shop.Example.COM:443/a', 'https://shop.example.com/a'],
    ['https://shop.example.com.:8443/#part', 'https://shop.example.com:8443/'],
    ['https://bücher.example/ü', 'https://xn--bcher-kva.example/%C3%BC'],
    ['https://1.1.1.1/', 'https://1.1.1.1/'],
    ['https://[2606:4700:4700::1111]/', 'https://[2606:4700:4700::1111]/'],
  ])('%s is kept as %s', (written, kept) => {
    expect(checkUrl(written, usual).href).toBe(kept);
  });

  test('http only where the configuration allows it', async () => {
    const url = 'http://shop.example.com/';
    expect(await reasonOf(() => checkUrl(url, usual))).toBe('scheme');
    expect(await reasonOf(() => checkUrl(url, { ...usual, allowHttp: true }))).toBe('port');
    expect(await reasonOf(() => checkUrl(url, { ...usual, allowHttp: true, ports: [80, 443] }))).toBe(
      'taken',
    );
  });

  test('no IPv4 address of a private range is permitted in any of the forms that IPv6 has for it', () => {
    const octet = fc.nat(255);
    const addresses = fc.oneof(
      fc.tuple(fc.constant(127), octet, octet, octet),
      fc.tuple(fc.constant(10), octet, octet, octet),
      fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
      fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
    );
    fc.assert(
      fc.property(addresses, ([a, b, c, d]) => {
        const [high, low] = [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
        for (const form of [
          `${a}.${b}.${c}.${d}`,
          `::ffff:${high}:${low}`,
          `::${high}:${low}`,
          `::ffff:0:${high}:${low}`,
          `64:ff9b::${high}:${low}`,
          `2002:${high}:${low}::`,
        ]) {
          expect(permits(usual, form), form).toBe(false);
        }
      }),
    );
  });
});
