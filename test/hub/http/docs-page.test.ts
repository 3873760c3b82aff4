/** The page at /docs as a browser shows it: from another host, over plain HTTP, and on a phone. */
import { writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Config } from '../../../src/config.ts';
import { type Hub, startHub } from '../../../src/hub/hub.ts';
import { createLog } from '../../../src/log.ts';
import { needs } from '../../programs.ts';
import { Browser, type Page } from '../../status/browser.ts';
import { scratch } from '../events.ts';

/** Browsers trust what comes from loopback; what this is about shows only at an address that others use as well. */
const address = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address;
if (address === undefined) console.warn('skipped: this host has no address but loopback');

describe.skipIf(!needs('chromium') || address === undefined)('the page of the API', () => {
  const folder = scratch();
  let hub: Hub;
  let browser: Browser;
  let url: string;
  beforeAll(async () => {
    const config = Config.parse({
      mqtt: { url: 'mqtt://127.0.0.1:9' },
      hub: { listen: '0.0.0.0:0', database: `sqlite:${join(folder.dir, 'hub.db')}` },
    });
    hub = await startHub({ config, log: createLog('silent') });
    url = `http://${address}:${new URL(hub.url).port}`;
    browser = new Browser();
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
    folder.remove();
  });

  const SHOWN = 'document.querySelectorAll(".opblock").length > 30';
  /** Opens an operation, and waits for what belongs to it. */
  const unfold = async (page: Page, operation: string, part: string): Promise<void> => {
    const block = `document.querySelector("#operations-${operation}")`;
    await page.evaluate(`${block}.querySelector("button.opblock-summary-control").click()`);
    await page.until(`${block}.querySelector(${JSON.stringify(part)}) !== null`);
  };
  /** `SCREENSHOTS=/tmp` keeps what was seen. */
  const look = async (page: Page, name: string): Promise<void> => {
    if (process.env.SCREENSHOTS === undefined) return;
    const { data } = await page.command('Page.captureScreenshot');
    writeFileSync(join(process.env.SCREENSHOTS, `${name}.png`), Buffer.from(data as string, 'base64'));
  };

  it('is shown over plain http to another host, and nothing in it goes against its policy', async () => {
    const page = await browser.open(`${url}/docs`);
    await page.until(SHOWN);
    await look(page, 'docs');
    expect(page.faults).toEqual([]);
  });

  it('the address of the hub leads there', async () => {
    expect((await fetch(`${url}/`)).url).toBe(`${url}/docs`);
    expect((await fetch(`${url}/api/docs`)).url).toBe(`${url}/docs`);
  });

  it('is as wide as a telephone, with nobody else’s logo and no bar for other descriptions', async () => {
    const page = await browser.open('about:blank');
    const metrics = { width: 390, height: 844, deviceScaleFactor: 1, mobile: true };
    await page.command('Emulation.setDeviceMetricsOverride', metrics);
    await page.command('Page.navigate', { url: `${url}/docs` });
    await page.until(SHOWN);
    expect(await page.evaluate('document.title')).toBe('simbankd API');
    expect(await page.evaluate('document.querySelectorAll(".topbar").length')).toBe(0);
    await look(page, 'phone');
    await unfold(page, 'Activations-createActivation', 'textarea');
    await page.evaluate(
      'document.querySelector("#operations-Activations-createActivation").scrollIntoView()',
    );
    await look(page, 'phone-order');
    const width = 'Math.max(innerWidth, document.documentElement.scrollWidth)';
    expect(await page.evaluate(width)).toBe(390);
    expect(page.faults).toEqual([]);
  });
});
