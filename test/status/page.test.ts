import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PHASES } from '../../src/protocol/state.ts';
import { type StatusServer, startStatus } from '../../src/status/server.ts';
import { needs } from '../programs.ts';
import { Browser, type Page } from './browser.ts';
import { glance, type ShownGateway, shownGateway, simState, slotInEveryPhase, slotState } from './view.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const ICCID = '8944110068500100007';

test('the types of the page hold', () => {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, stdout } = spawnSync(
    process.execPath,
    [tsc, '--noEmit', '-p', join(import.meta.dirname, 'tsconfig.json')],
    { encoding: 'utf8' },
  );
  expect([stdout, status]).toEqual(['', 0]);
});

describe.skipIf(!needs('chromium'))('in a browser', () => {
  let browser: Browser;
  const servers: StatusServer[] = [];
  const pages: Page[] = [];
  beforeAll(() => {
    browser = new Browser();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
    // Whatever a test did: no script failed, and nothing went against the content-security policy.
    expect(pages.splice(0).flatMap(({ faults }) => faults)).toEqual([]);
  });

  async function serve(view: ShownGateway, port = 0, tokenFile?: string): Promise<StatusServer> {
    const server = await startStatus({ listen: { host: '127.0.0.1', port }, tokenFile, view });
    servers.push(server);
    return server;
  }

  async function open(server: StatusServer): Promise<Page> {
    const page = await browser.open(`${server.url}/`);
    pages.push(page);
    return page;
  }

  async function show(view: ShownGateway): Promise<Page> {
    const page = await open(await serve(view));
    await page.until('document.querySelector("#live").textContent === "Live"');
    return page;
  }

  /** The names of the slots that are to be seen, in their order. */
  const seen = (page: Page) =>
    page.evaluate<string[]>(
      '[...document.querySelectorAll("#slots tbody")].filter((b) => b.offsetParent).map((b) => b.querySelector("button").textContent)',
    );
  const text = (page: Page, selector: string) =>
    page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).innerText`);
  const type = (page: Page, selector: string, value: string) =>
    page.evaluate(
      `{ const field = document.querySelector(${JSON.stringify(selector)}); field.value = ${JSON.stringify(value)}; field.dispatchEvent(new Event("input")); }`,
    );
  const press = async (page: Page, key: string) => {
    await page.command('Input.dispatchKeyEvent', { type: 'keyDown', key, text: key.length === 1 ? key : '' });
    await page.command('Input.dispatchKeyEvent', { type: 'keyUp', key });
  };
  const click = (page: Page, selector: string) =>
    page.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);

  function bank(): ShownGateway {
    const view = shownGateway(slotInEveryPhase());
    view.shown.slots.push(
      slotState('A10', {
        iccid: ICCID,
        storage: [
          { name: 'ME', used: 1, total: 23 },
          { name: 'SM', used: 24, total: 30 },
        ],
        lastReceivedAt: new Date(Date.now() - 180_000).toISOString(),
        restarts: 4,
      }),
      slotState('A9', {
        phase: 'lost',
        operator: null,
        rat: null,
        signalDbm: null,
        storage: [],
        problem: {
          code: 'port.missing',
          message: '/dev/tty-A9 is not there',
          since: new Date().toISOString(),
        },
      }),
    );
    view.shown.sims = [
      simState(ICCID, { slot: 'A10', msisdn: '+12025550143', imsi: '310150123456789' }),
      simState('8944110068500100999', { msisdn: '+12025550199' }),
    ];
    view.shown.messages = [
      glance('Your code is ••••••', { slot: 'A10', iccid: ICCID, parts: { total: 3, received: 2 } }),
    ];
    return view;
  }

  test('shows who and how, every phase in a word, each slot, SIM and message', async () => {
    const view = bank();
    view.shown.uplink = { ...view.shown.uplink, waiting: 27 };
    const page = await show(view);
    expect(await text(page, 'header')).toMatch(/host-a[\s\S]*simbankd 0\.1\.0, running for 2 h/);
    expect(await text(page, '#ready')).toBe('2 of 11');
    expect(await text(page, '#ready-note')).toBe('2 need a look');
    expect(await text(page, '#uplink')).toMatch(/Connected[\s\S]*mqtt:\/\/127\.0\.0\.1:1883, MQTT 5/);
    expect(await text(page, '#waiting')).toBe('27');
    expect(await page.evaluate('document.title')).toBe('2/11 ready · host-a');

    for (const phase of PHASES) {
      expect(await text(page, `.pill[data-phase="${phase}"]`)).toMatch(/^[A-Z]\w/);
      const count = ['ready', 'lost'].includes(phase) ? 2 : 1;
      expect(await text(page, `#phases [data-phase="${phase}"] b`)).toBe(String(count));
    }
    // As a person counts: A9 before A10.
    expect((await seen(page)).slice(0, 2)).toEqual(['A9', 'A10']);
    const rows = await page.evaluate<string[]>(
      '[...document.querySelectorAll("#slots .glance")].slice(0, 2).map((row) => row.innerText)',
    );
    expect(rows[0]).toMatch(/A9[\s\S]*Lost[\s\S]*the port is not there/);
    for (const part of [
      '+12025550143',
      ICCID,
      'Example Mobile',
      'LTE',
      '−71 dBm',
      'SM 24/30',
      'nearly full',
    ]) {
      expect(rows[1]).toContain(part);
    }
    expect(rows[1]).toMatch(/3 min ago\s+4\b/);
    expect(await text(page, '#messages tbody')).toMatch(
      /A10\s+\+12025550143\s+Acme\s+Your code is ••••••\s+2\/3/,
    );
    expect(await text(page, '#loose tbody')).toMatch(/8944110068500100999\s+\+12025550199/);
    expect(await text(page, '#loose tbody')).not.toContain(ICCID);
  });

  test('filters by phase and by search, with the mouse and from the keyboard', async () => {
    const page = await show(bank());
    await click(page, '#phases [data-phase="lost"]');
    expect(await seen(page)).toEqual(['A9', 'in-lost']);
    expect(await text(page, '#slots-found')).toBe('2 of 11 shown');
    const pressed = 'document.querySelector("#phases [aria-pressed=true]").dataset.phase';
    expect(await page.evaluate(pressed)).toBe('lost');
    await click(page, '#phases [data-phase="lost"]');
    expect(await seen(page)).toHaveLength(11);
    await click(page, '#phases [data-phase="look"]');
    expect(await seen(page)).toEqual(['A9', 'A10']);
    await click(page, '#phases [data-phase="all"]');

    await press(page, '/');
    expect(await page.evaluate('document.activeElement.id')).toBe('search');
    for (const [search, found] of [
      ['0100007', ['A10']],
      ['2025550143', ['A10']],
      ['310150123', ['A10']],
      ['a9 lost', ['A9']],
      ['not there', ['A9']],
      ['490154203237518 no sim', ['in-no-sim']],
      ['nothing like it', []],
    ] as const) {
      await type(page, '#search', search);
      expect([search, await seen(page)]).toEqual([search, found]);
    }
    expect(await text(page, '#slots-none')).toBe('No slot fits.');
    await press(page, 'Escape');
    expect(await seen(page)).toHaveLength(11);

    // Kept over a reload.
    await type(page, '#search', 'a10');
    await page.command('Page.reload');
    await page.until('document.querySelector("#slots-found")?.textContent === "1 of 11 shown"');
  });

  test('orders by what is clicked, what is unknown last', async () => {
    const view = shownGateway([
      slotState('A1', { signalDbm: -90, restarts: 1 }),
      slotState('A2', { signalDbm: null, restarts: 12 }),
      slotState('A3', { signalDbm: -60, restarts: 3 }),
    ]);
    const page = await show(view);
    await click(page, 'th.signal button');
    expect(await seen(page)).toEqual(['A1', 'A3', 'A2']);
    await click(page, 'th.signal button');
    expect(await seen(page)).toEqual(['A3', 'A1', 'A2']);
    expect(await page.evaluate('document.querySelector("th.signal").ariaSort')).toBe('descending');
    await click(page, 'th.restarts button');
    expect(await seen(page)).toEqual(['A2', 'A3', 'A1']);
  });

  test('hostile text is shown and never carried out', async () => {
    const hostile = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
    const view = shownGateway([
      slotState(hostile.replaceAll('/', '|'), {
        operator: hostile,
        model: hostile,
        problem: { code: hostile, message: hostile, since: new Date().toISOString() },
      }),
    ]);
    view.shown.messages = [glance(hostile, { from: hostile }), glance('\u202etxet\n\tdesrever'.repeat(90))];
    view.shown.sims = [simState(ICCID, { operator: hostile })];
    view.shown.uplink = { ...view.shown.uplink, connected: false, broker: hostile };
    const page = await show(view);
    await click(page, '#slots tbody button');
    for (const where of ['#messages .text', '#messages .from', 'td.network', 'td.problem', '.more']) {
      expect([where, await text(page, where)]).toEqual([where, expect.stringContaining(hostile)]);
    }
    expect(await page.evaluate('document.querySelectorAll("img, main script").length')).toBe(0);
    expect(await page.evaluate('window.hit === undefined')).toBe(true);
    // And if the page had a hole, the browser would still refuse.
    const refused =
      'try { document.body.innerHTML = "<b>"; false } catch (error) { error instanceof TypeError }';
    expect(await page.evaluate(refused)).toBe(true);
    // That attempt is in the console, as it should be.
    expect(pages[0]?.faults).toEqual([expect.stringContaining('TrustedHTML')]);
    pages.splice(0);
  });

  test('follows the bank without touching what stays the same', async () => {
    const view = bank();
    const page = await show(view);
    await click(page, '#slots tbody button');
    await page.evaluate('window.before = [...document.querySelectorAll("#slots tbody")]; null');
    expect(await text(page, '.more')).toMatch(/\/dev\/tty-A9 is not there[\s\S]*port\.missing[\s\S]*powe?r/);

    await page.evaluate('document.querySelectorAll("#slots tbody button")[1].click()');
    expect(await page.evaluate('document.querySelectorAll(".more")[1].innerText')).toMatch(
      /SM 24\/30, ME 1\/23/,
    );

    await page.evaluate('document.querySelector("#slots tbody button").focus()');

    view.shown.problem = {
      code: 'store.failed',
      message: 'the disk is full: make room',
      since: new Date().toISOString(),
    };
    view.shown.slots = view.shown.slots.map((slot) =>
      slot.slot === 'A9'
        ? {
            ...slot,
            phase: 'registering',
            problem: null,
            recoveries: { reopen: 2, reset: 0, power: 1 },
            line: { commands: 90, timeouts: 3, late: 0 },
            unknownUrcs: { '+QNITZ': 4 },
          }
        : slot,
    );
    view.shown.messages = [glance('the next one', { slot: 'A9' }), ...view.shown.messages];
    await page.until('document.querySelector("#messages .text").textContent === "the next one"');
    expect(await text(page, '#slots .pill')).toBe('Registering');
    expect(await text(page, '.more')).not.toContain('port.missing');
    for (const told of ['reopen 2×, power 1×', 'commands 90×, timeouts 3×', '+QNITZ 4×']) {
      expect(await text(page, '.more')).toContain(told);
    }
    expect(await text(page, '#problem')).toMatch(/^the disk is full: make room\. Like this for \d+ s\.$/);
    // A moved row would lose it.
    expect(await page.evaluate('document.activeElement.textContent')).toBe('A9');
    expect(
      await page.evaluate(
        '[...document.querySelectorAll("#slots tbody")].every((body, i) => body === window.before[i])',
      ),
    ).toBe(true);

    view.shown.problem = null;
    view.shown.slots = view.shown.slots.filter(({ slot }) => slot !== 'A10');
    await page.until('document.querySelectorAll("#slots tbody").length === 10');
    expect(await page.evaluate('document.querySelector("#problem").offsetParent')).toBe(null);
    expect((await seen(page))[0]).toBe('A9');
  });

  test('says so when the gateway goes away, keeps what it knew, and goes on when it is back', async () => {
    const view = bank();
    const server = await serve(view);
    const page = await open(server);
    await page.until('document.querySelector("#live").textContent === "Live"');
    const port = Number(new URL(server.url).port);
    await servers.pop()?.stop();
    await page.until('document.querySelector("#live").textContent === "The gateway does not answer."');
    expect(await text(page, '#live-note')).toMatch(/^Shown is what it said at \d\d:\d\d:\d\d, \d+ s ago\.$/);
    expect(await page.evaluate('document.title')).toBe('No answer · host-a');
    expect(await seen(page)).toHaveLength(11);
    await type(page, '#search', 'a10');
    expect(await seen(page)).toEqual(['A10']);

    const failing = {
      ...view,
      sims: () => {
        throw new Error('disk I/O error');
      },
    };
    await serve(failing, port);
    await page.until(
      'document.querySelector("#live").textContent === "The gateway has trouble: disk I/O error."',
    );
    await servers.pop()?.stop();
    await serve(view, port);
    await page.until('document.querySelector("#live").textContent === "Live"');
  });

  test('takes the new page when the gateway was updated under it', async () => {
    const server = await serve(bank());
    const page = await open(server);
    await page.until('document.querySelector("#live").textContent === "Live"');
    await page.evaluate('window.old = true');
    const port = Number(new URL(server.url).port);
    await servers.pop()?.stop();
    await serve(shownGateway([], '0.2.0'), port);
    await page.until(
      'window.old === undefined && document.querySelector("#program")?.textContent.includes("0.2.0")',
    );
    expect(await text(page, '#slots-none')).toContain('gateway.ports');
  });

  test('asks for the token, keeps it in this tab, and forgets it when told', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'simbankd-page-'));
    const tokenFile = join(dir, 'token');
    writeFileSync(tokenFile, 'a-token-of-the-test\n');
    try {
      const page = await open(await serve(bank(), 0, tokenFile));
      const signIn = async (token: string) => {
        await type(page, '#token', token);
        await page.evaluate('document.querySelector("#sign-in").requestSubmit()');
      };
      await page.until('document.activeElement.id === "token"');
      expect(await page.evaluate('document.querySelector("main").offsetParent')).toBe(null);
      for (const wrong of ['not-the-token-at-all', 'kein Schlüsselwört']) {
        await signIn(wrong);
        await page.until('document.querySelector("#sign-in-fault").textContent.startsWith("This is not")');
        await page.evaluate('document.querySelector("#sign-in-fault").textContent = ""');
      }
      await signIn('a-token-of-the-test');
      await page.until('document.querySelector("#live").textContent === "Live"');
      expect(await seen(page)).toHaveLength(11);
      expect(await page.evaluate('location.href.includes("token") || document.cookie !== ""')).toBe(false);

      await page.command('Page.reload');
      await page.until('document.querySelector("#live")?.textContent === "Live"');
      await click(page, '#forget');
      await page.until('document.querySelector("#live").textContent === "Not signed in"');
      expect(await page.evaluate('document.querySelector("main").offsetParent')).toBe(null);
      expect(await page.evaluate('sessionStorage.getItem("simbankd-token")')).toBe(null);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test('asks nothing while its tab is hidden', async () => {
    const view = bank();
    let asked = 0;
    const page = await show({
      ...view,
      uplink: () => {
        asked += 1;
        return view.uplink();
      },
    });
    const hide = (hidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, "hidden", { value: ${hidden}, configurable: true }); document.dispatchEvent(new Event("visibilitychange"))`,
      );
    await hide(true);
    await sleep(200);
    const before = asked;
    await sleep(3_000);
    expect(asked).toBe(before);
    await hide(false);
    await page.until('document.querySelector("#live").textContent === "Live"');
    await sleep(300);
    expect(asked).toBe(before + 1);
  });

  test('512 slots, on a phone: all there, nothing wider than the screen', async () => {
    const slots = Array.from({ length: 512 }, (_, i) =>
      slotState(`pci-0000:00:14.0-usb-0:${i}.2:1.2-port0`, { phase: PHASES[i % PHASES.length]! }),
    );
    const view = shownGateway(slots);
    view.shown.messages = [glance('x'.repeat(900), { slot: 'y'.repeat(64), from: 'z'.repeat(40) })];
    const page = await show(view);
    for (const width of [360, 800, 1280]) {
      await page.command('Emulation.setDeviceMetricsOverride', {
        width,
        height: 800,
        deviceScaleFactor: 1,
        mobile: width < 700,
      });
      expect(await seen(page)).toHaveLength(512);
      expect([width, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([
        width,
        await page.evaluate('document.documentElement.clientWidth'),
      ]);
    }
    await type(page, '#search', ':511.2:');
    expect(await seen(page)).toHaveLength(1);
  });
});
