/**
 * Writes docs/contracts.md: which test holds which row of the contracts that the hub's API keeps. `npm run docs`;
 * test/hub/http/contracts-page.test.ts holds the page to what this would write, and every row to a test or a reason.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** Each contract, and how many rows it has. */
const CONTRACTS = [
  { prefix: 'M', rows: 49, title: 'MeiSIM: numbers that are kept, their webhooks and polling' },
  { prefix: 'G', rows: 42, title: 'SMSBulk: the developer guide' },
  { prefix: 'B', rows: 46, title: 'SMSBulk: the REST API' },
] as const;

type State = 'n/a' | 'not built';

/** Rows that no test can hold, and why. */
const WITHOUT: Readonly<Record<string, readonly [State, string]>> = {
  'M-12': ['n/a', 'an offer of that vendor; here the operator makes accounts and keys on the command line'],
  'M-40': ['n/a', 'a habit of senders'],
  'M-41': ['n/a', 'a habit of senders'],
  'M-42': ['n/a', 'the network’s time'],
  'M-43': ['n/a', 'a duration: measured by `npm run bench`, not asserted'],
  'M-44': ['n/a', 'a duration: measured by `npm run bench`, not asserted'],
  'M-47': ['n/a', 'why customers want such numbers'],
  'M-10': ['n/a', 'the numbers are those of the operator’s SIM cards'],
  'G-03': ['n/a', 'an address; ours is `/sketch`'],
  'G-13': ['not built', 'dashboard and sign-up for customers; keys and top-ups are made on the command line'],
  'G-22': ['n/a', 'a habit of senders'],
  'G-23': ['n/a', 'the client’s patience'],
  'G-24': ['n/a', 'what an operator has SIM cards of'],
  'G-28': ['n/a', 'the client’s own code'],
  'G-30': [
    'not built',
    'the client’s own failover; the hub chooses among its gateways by how they do (G-29)',
  ],
  'G-33': ['not built', 'e-mail verification'],
  'G-34': ['n/a', 'the client’s own code'],
  'G-35': ['n/a', 'the client’s own code; the balance is there to be asked for (G-16)'],
  'G-39': ['n/a', '`npm start` is one: an emulated bank, a demo key, and a wallet'],
  'G-41': ['n/a', 'advice to clients'],
  'G-42': ['not built', 'a site for customers'],
  'B-03': ['n/a', 'keys are opaque; ours begin with `sbk_`'],
  'B-26': ['not built', 'a dashboard for customers'],
  'B-31': ['not built', 'here; the façade of SMS-Activate is a part of its own'],
  'B-32': ['not built', 'here; the MCP server is a part of its own'],
  'B-42': ['not built', 'rentals by the day; numbers are kept for 30 days at a time (B-43)'],
  'B-44': ['n/a', 'a habit of senders'],
  'B-46': ['n/a', 'what customers use it for'],
};

/** What a test of a row leaves out. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'M-06': 'the eSIM’s members are there and null: the SIMs are cards',
  'G-32': 'e-mail verification and travel eSIM data are not built',
  'G-38': 'the figures are in the API; a dashboard for customers is not built',
  'B-40': 'sign-up by e-mail is not built',
  'B-41': 'e-mail verification, travel eSIM data and rentals by the day are not built',
};

interface Found {
  readonly file: string;
  readonly name: string;
}

/** A text that names a row, and a function behind it: the name of a test. */
const NAME = /(['"`])([^'"`\n]*\b[MGB]-\d\d\b[^\n]*?)\1,\s*(?:async\s*)?\(/g;

/** The tests by the rows that their names begin with, or hold in brackets. */
export function testsByRow(): Map<string, Found[]> {
  const rows = new Map<string, Found[]>();
  const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .sort();
  for (const file of files) {
    const text = readFileSync(join(ROOT, 'test', file), 'utf8');
    for (const [, , name = ''] of text.matchAll(NAME)) addTest(rows, file, name);
  }
  return rows;
}

function addTest(rows: Map<string, Found[]>, file: string, name: string): void {
  for (const row of new Set(name.match(/\b[MGB]-\d\d\b/g) ?? [])) {
    const there = rows.get(row) ?? [];
    rows.set(row, there);
    if (!there.some((one) => one.file === file && one.name === name)) there.push({ file, name });
  }
}

/** Rows without a test or a reason, and those that have both or are of no contract. */
export function faultsOfRows(): string[] {
  const tests = testsByRow();
  const rows = CONTRACTS.flatMap(({ prefix, rows }) =>
    Array.from({ length: rows }, (_, i) => idOf(prefix, i + 1)),
  );
  return [
    ...rows
      .filter((row) => !tests.has(row) && WITHOUT[row] === undefined)
      .map((row) => `${row}: neither test nor reason`),
    ...rows
      .filter((row) => tests.has(row) && WITHOUT[row] !== undefined)
      .map((row) => `${row}: test and reason`),
    ...[...tests.keys()].filter((row) => !rows.includes(row)).map((row) => `${row}: of no contract`),
  ];
}

/** The whole page. */
export function contractsPage(): string {
  const tests = testsByRow();
  const sections = CONTRACTS.map(({ prefix, rows, title }) => {
    const lines = Array.from({ length: rows }, (_, i) => line(idOf(prefix, i + 1), tests));
    return `## ${title}\n\n| row | test | state |\n| --- | --- | --- |\n${lines.join('\n')}\n`;
  });
  return `${HEAD}\n${sections.join('\n')}`;
}

const HEAD = `# Contracts

Written by \`npm run docs\` from the names of the tests. The API keeps what the documents of several vendors say, so that their
clients work with nothing but another address; each fact is a row with an id, and the test that holds it has that id in its name.
\`n/a\` is what no program can keep or break.

Not built now: e-mail verification, travel eSIM data, sign-up and dashboard for customers, rentals by the day outside the protocol
of SMS-Activate, and failover on the client's side.
`;

function line(row: string, tests: ReadonlyMap<string, readonly Found[]>): string {
  const without = WITHOUT[row];
  if (without !== undefined) return `| ${row} | – | ${without[0]}: ${without[1]} |`;
  const found = (tests.get(row) ?? []).map(({ file, name }) => `[${file}](../test/${file}): ${cell(name)}`);
  const left = LEFT_OUT[row];
  return `| ${row} | ${found.join('<br>')} | kept${left === undefined ? '' : `; ${left}`} |`;
}

/** The name without the rows that it begins with. */
function cell(name: string): string {
  return name.replace(/^(?:[A-Z]-\d\d[ :]*)+/, '').replaceAll('|', '\\|');
}

function idOf(prefix: string, n: number): string {
  return `${prefix}-${String(n).padStart(2, '0')}`;
}

if (import.meta.main) {
  writeFileSync(join(import.meta.dirname, 'contracts.md'), contractsPage());
}
