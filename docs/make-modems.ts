/** Writes docs/modems.md from the drivers: `npm run docs`. test/drivers holds the page to what this would write. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DriverModule, loadModules } from '../src/commands/drivers.ts';
import { type Driver, defineDriver, type UsbIdentity } from '../src/modem/driver.ts';

/** What a driver has that says nothing. */
const PLAIN = defineDriver({ name: 'plain', title: 'Plain' });

const HEAD = `# Modems

Written by \`npm run docs\` from the files in [drivers/](../drivers/); the evidence for each oddity is there, as a comment.

**proven** means that every oddity of the family is emulated, and that the whole path of a message is tested against the
emulation. **unproven** families are put together from sources and wait for somebody who has one: what their section lists
as not confirmed is the first thing to look at, and a trace of it (\`SIMBANKD_TRACE\`, see
[CONTRIBUTING.md](../CONTRIBUTING.md)) is as good as a patch.

A modem is recognised by what it answers to \`AT+CGMI\` and \`AT+CGMM\`; one that says nothing useful gets its driver by name
(\`gateway.ports[].driver\`). \`*\` stands for every product of a vendor. Where no AT interface is given, it is found by probing.
`;

const OWN = `
## A driver of your own

A file in the folder that \`gateway.drivers\` names, as \`.js\`, \`.mjs\` or \`.ts\`. It says only what its family does otherwise than
3GPP TS 27.007 and 27.005; [src/modem/driver.ts](../src/modem/driver.ts) explains every member and its default. A driver with
the name of one of ours takes its place. What is wrong with a file is said at the start, member by member, and nothing runs.

\`\`\`js
export default {
  name: 'acme-x1',
  title: 'Acme X1',
  usb: [{ id: '1234:5678', at: [2], never: [0, 1] }],
  identify: { manufacturer: /acme/i, model: /^X1/ },
  iccid: ['AT+XCCID'],
  urcs: [{ prefix: '+XSIM:', kind: 'sim-state' }],
};
\`\`\`
`;

/** The whole page. */
export function modemsPage(modules: readonly DriverModule[]): string {
  const sorted = [...modules].sort((a, b) => a.default.title.localeCompare(b.default.title, 'en'));
  const rows = sorted.map(({ default: driver }) => row(driver));
  const table = [
    '| family | state | USB ids and AT interfaces | ICCID | stores | reset | eUICC |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ];
  return [HEAD, table.join('\n'), OWN, ...sorted.map(section)].join('\n');
}

function row(driver: Driver): string {
  const cells = [
    `[${driver.title}](#${driver.name})`,
    state(driver),
    byInterface(driver.usb).join('<br>') || 'UART',
    code(driver.iccid[0] ?? ''),
    driver.stores.join(', '),
    driver.reset === null ? 'power only' : code(driver.reset.command),
    driver.logicalChannels,
  ];
  return `| ${cells.join(' | ')} |`;
}

const state = (driver: Driver): string => (driver.state === 'proven' ? '**proven**' : 'unproven');
const code = (text: string): string => `\`${text}\``;
const list = (items: readonly string[]): string => items.map(code).join(', ');

/** Ids of one family that have their AT port in the same place, together. */
function byInterface(usb: readonly UsbIdentity[]): string[] {
  const groups = Map.groupBy(usb, place);
  return [...groups].map(([where, ids]) => `${list(ids.map(({ id }) => id))}: ${where}`);
}

function place({ at, atProtocols = [], never = [] }: UsbIdentity): string {
  const protocols = atProtocols.map((protocol) => protocol.toString(16).padStart(2, '0'));
  if (at.length === 0 && never.length > 0) return 'never written to';
  const by =
    at.length > 0 ? at.join(', ') : protocols.length > 0 ? `by protocol ${protocols.join(', ')}` : 'probed';
  return never.length === 0 ? by : `${by}; never ${never.join(', ')}`;
}

function section({ default: driver, transcript }: DriverModule): string {
  const unconfirmed =
    driver.unconfirmed.length === 0
      ? ''
      : `\nNot confirmed:\n\n${driver.unconfirmed.map((sentence) => `- ${sentence}`).join('\n')}\n`;
  return `
<a id="${driver.name}"></a>

## ${driver.title}

\`${driver.name}\`, ${state(driver)}.

${facts(driver)
  .map((fact) => `- ${fact}`)
  .join('\n')}
${unconfirmed}
\`\`\`
${transcript.trim()}
\`\`\`
`;
}

/** Whether it says other than the defaults. */
const differs = (driver: Driver, member: keyof Driver): boolean =>
  JSON.stringify(driver[member]) !== JSON.stringify(PLAIN[member]);

function facts(driver: Driver): string[] {
  const { identify, smsReady, pinTries, reset, ims, carrierProfile } = driver;
  const words = Object.entries(identify).map(([what, expression]) => `${what} ${code(String(expression))}`);
  const all: (string | false)[] = [
    words.length > 0 ? `recognised by ${words.join(', ')}` : 'taken when no other fits',
    driver.iccid.length > 1 && `ICCID: ${list(driver.iccid)}`,
    driver.quiet.length > 0 && `quieted with ${list(driver.quiet)}`,
    driver.init.length > 0 && `set at every readiness: ${list(driver.init.map(({ set }) => set))}`,
    `announcements (+CNMI), first that holds: ${list(driver.notify)}`,
    differs(driver, 'namedStores') &&
      `memories that +CPMS wants named: ${driver.namedStores.join(', then ')}`,
    driver.firstIndex === 0 && 'places in a store count from 0',
    driver.deletesSiblings && 'deleting one part takes the others of its message along',
    smsReady !== null && `stores are ready when ${code(smsReady.ask)} says so`,
    pinTries === null
      ? 'PIN tries cannot be read, so no PIN is sent'
      : `tries left for the PIN: ${code(pinTries.ask)}`,
    driver.ussd !== 'charset' &&
      (driver.ussd === 'packed' ? 'USSD as packed 7-bit hex, whatever +CSCS says' : 'no USSD'),
    ims !== null && `SMS over LTE: ${code(ims.on.set)}, ${code(ims.off.set)}`,
    carrierProfile !== null && `operator profile: ${code(carrierProfile.select)}`,
    differs(driver, 'radio') &&
      `off the air with ${code(driver.radio.off)}, on with ${code(driver.radio.on)}`,
    reset !== null && `back within ${reset.backMs / 1_000} s after a reset`,
    driver.withoutOk.length > 0 && `answers without OK: ${list(driver.withoutOk)}`,
    driver.refusals.length > 0 && `refuses with ${list(driver.refusals)}`,
    driver.pollCardMs > 0 && `the card is asked for every ${driver.pollCardMs / 1_000} s`,
  ];
  return all.filter((fact) => fact !== false);
}

if (import.meta.main) {
  writeFileSync(join(import.meta.dirname, 'modems.md'), modemsPage(await loadModules()));
}
