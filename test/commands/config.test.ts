import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDir } from '../temporary.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** A folder with files in it, and what `config check` says of its configuration; `DIR` stands for the folder. */
function check(config: string, files: Record<string, string>, ...flags: readonly string[]) {
  const dir = temporaryDir();
  const fill = (text: string): string => text.replaceAll('DIR', dir);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(dir, name, '..'), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  const file = join(dir, 'simbankd.yaml');
  writeFileSync(file, fill(config));
  const args = [MAIN, 'config', 'check', ...flags, file];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 });
  return { status, stdout: stdout.replaceAll(dir, 'DIR'), stderr: stderr.replaceAll(dir, 'DIR') };
}

const CONFIG = `gateway:
  numbers: DIR/numbers.csv
  operators: DIR/operators.yaml
  policy: DIR/policy.yaml
  services: DIR/services.yaml
  drivers: DIR/drivers
  ports: [{ path: /dev/ttyUSB0, driver: acme-x1 }]
hub: { services: DIR/services.yaml, prices: DIR/prices.yaml }
`;
const GOOD = {
  'numbers.csv': 'iccid,msisdn\n8999000000000000011,+12025550143\n',
  'operators.yaml': 'operators:\n  - { codes: ["00101"], name: Acme }\n',
  'policy.yaml': 'refuse: { services: [bank] }\n',
  'services.yaml': 'services: [{ code: acme, name: Acme, slug: acme, senders: [acme] }]\n',
  'prices.yaml': 'prices: [{ price: "0.10" }]\n',
  'drivers/acme-x1.js': "export default { name: 'acme-x1', title: 'Acme X1' };\n",
};

describe('config check', () => {
  it('finds no fault where there is none, in none of the files that are named', () => {
    expect(check(CONFIG, GOOD)).toEqual({ status: 0, stdout: 'DIR/simbankd.yaml: no faults\n', stderr: '' });
  });

  it('names every fault of every file, with its line, and exits with 78', () => {
    const bad = {
      ...GOOD,
      'numbers.csv': '8999000000000000011,+12025550143\nnot a line\n8999000000000000029,+12025550143\n',
      'operators.yaml':
        'operators:\n  - { codes: ["00101"], name: Acme }\n  - { codes: ["00101"], name: Other, pattern: "\\\\d+" }\n',
      'policy.yaml': 'refuse:\n  servces: [bank]\n',
      'prices.yaml': 'prices:\n  - { price: free }\n',
      'drivers/acme-x1.js': "export default { name: 'ACME', title: 'Acme X1' };\n",
    };
    const { status, stdout, stderr } = check(CONFIG, bad);
    expect({ status, stdout }).toEqual({ status: 78, stdout: '' });
    const places = stderr
      .trimEnd()
      .split('\n')
      .map((line) => line.split(': ').slice(0, 2));
    expect(places).toEqual([
      ['DIR/numbers.csv:2', 'the first column is no ICCID (18 to 20 digits from 89…)'],
      ['DIR/numbers.csv:3', expect.stringMatching(/^the number is that of line 1, too/)],
      ['DIR/operators.yaml:3', 'operators[1].pattern'],
      ['DIR/policy.yaml:2', 'refuse.servces'],
      ['DIR/prices.yaml:2', 'prices[0].price'],
      ['DIR/drivers/acme-x1.js', 'name'],
    ]);
    const json = JSON.parse(check(CONFIG, bad, '--json').stdout) as {
      faults: { file: string; line: number }[];
    };
    expect(json.faults.map(({ file, line }) => (line === null ? file : `${file}:${line}`))).toEqual(
      places.map(([place]) => place),
    );
  });

  it('names files that are not there, and a driver that no file has', () => {
    const { 'policy.yaml': _, 'numbers.csv': __, 'drivers/acme-x1.js': ___, ...rest } = GOOD;
    const { status, stderr } = check(CONFIG, rest);
    expect(status).toBe(78);
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^DIR\/numbers.csv: cannot be read: ENOENT/),
      expect.stringMatching(/^DIR\/policy.yaml: cannot be read: ENOENT/),
      expect.stringMatching(/^DIR\/drivers: cannot be read: ENOENT/),
      '',
    ]);
    const other = check(CONFIG, {
      ...GOOD,
      'drivers/acme-x1.js': GOOD['drivers/acme-x1.js'].replace('x1', 'x2'),
    });
    expect(other.stderr).toMatch(
      /^DIR\/simbankd.yaml: gateway.ports\[0\].driver: there is no driver acme-x1; there are /,
    );
  });
});
