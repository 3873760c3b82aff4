import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDir } from '../temporary.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** A folder with files in it, and what a command says of its configuration; `DIR` stands for the folder. */
function check(config: string, files: Record<string, string>, ...flags: readonly string[]) {
  return run(config, files, 'config', 'check', ...flags);
}

function run(config: string, files: Record<string, string>, ...command: readonly string[]) {
  const dir = temporaryDir();
  const fill = (text: string): string => text.replaceAll('DIR', dir);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(dir, name, '..'), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  const file = join(dir, 'simbankd.yaml');
  writeFileSync(file, fill(config));
  const args = [MAIN, ...command, file];
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

  it('names files that are not there by the member and its line, and a driver that no file has', () => {
    const { 'policy.yaml': _, 'numbers.csv': __, 'drivers/acme-x1.js': ___, ...rest } = GOOD;
    const { status, stderr } = check(CONFIG, rest);
    expect(status).toBe(78);
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(
        /^DIR\/simbankd.yaml:2: gateway.numbers: cannot be read: ENOENT.*DIR\/numbers.csv/,
      ),
      expect.stringMatching(
        /^DIR\/simbankd.yaml:4: gateway.policy: cannot be read: ENOENT.*DIR\/policy.yaml/,
      ),
      expect.stringMatching(/^DIR\/simbankd.yaml:6: gateway.drivers: cannot be read: ENOENT.*DIR\/drivers/),
      '',
    ]);
    const other = check(CONFIG, {
      ...GOOD,
      'drivers/acme-x1.js': GOOD['drivers/acme-x1.js'].replace('x1', 'x2'),
    });
    expect(other.stderr).toMatch(
      /^DIR\/simbankd.yaml:7: gateway.ports\[0\].driver: there is no driver acme-x1; there are /,
    );
  });

  it('takes relative paths from the folder of the file, and says where it looked', () => {
    const relative = CONFIG.replaceAll('DIR/', './');
    expect(check(relative, GOOD)).toMatchObject({ status: 0 });
    const { 'numbers.csv': _, ...rest } = GOOD;
    expect(check(relative, rest).stderr).toMatch(/:2: gateway.numbers: cannot be read: .*'DIR\/numbers.csv'/);
  });

  it('looks further although the file has faults, and tells everything in the order of its lines', () => {
    const config = `gateway:
  colour: red
  numbers: ./none.csv
  ports:
    - { path: /dev/ttyUSB0, slot: A07, driver: none, pinFile: ./pin }
    - { path: /dev/ttyUSB1, slot: A07 }
    - { path: /dev/ttyUSB0, slot: A08 }
    - tcp://10.0.0.9
    - { path: "tcp://10.0.0.9:70000" }
  sims: [{ iccid: "89", pinFile: ./none }]
mqtt:
  url: mqtts://broker.example:8883
  passwordFile: ./none
  caFile: ./none.pem
  certFile: ./cert.pem
status: { listen: 0.0.0.0:80, tokenFile: ./token }
`;
    const { status, stderr } = check(config, { pin: 'no pin', token: 'short', 'cert.pem': 'x' });
    expect(status).toBe(78);
    const told = stderr.trimEnd().split('\n');
    expect(
      told.map((line) => line.replace(/^DIR\/simbankd.yaml:/, '').replace(/ENOENT.*/, 'ENOENT')),
    ).toEqual([
      '2: gateway.colour: is not a known member',
      '3: gateway.numbers: cannot be read: ENOENT',
      '5: gateway.ports[0].pinFile: DIR/pin does not hold a PIN: 4 to 8 digits and nothing else',
      expect.stringMatching(/^5: gateway.ports\[0\].driver: there is no driver none/),
      '6: gateway.ports[1].slot: "A07" is the slot of gateway.ports[0] already: each place needs its own name',
      '7: gateway.ports[2].path: "/dev/ttyUSB0" is gateway.ports[0] already',
      '8: gateway.ports[3]: "tcp://10.0.0.9" is not a host and port such as tcp://10.0.0.9:4001',
      '9: gateway.ports[4].path: "tcp://10.0.0.9:70000" is not a host and port such as tcp://10.0.0.9:4001',
      '10: gateway.sims[0].pinFile: cannot be read: ENOENT',
      '13: mqtt.passwordFile: needs mqtt.username as well',
      '13: mqtt.passwordFile: cannot be read: ENOENT',
      '14: mqtt.caFile: cannot be read: ENOENT',
      '15: mqtt.certFile: certFile and keyFile go together',
      '16: status.tokenFile: DIR/token holds fewer than 16 characters',
    ]);
  });

  const DATA = 'gateway:\n  dataDir: ./data\n';
  it.each([
    [
      'a slot twice',
      'gateway: { ports: [{ path: /dev/a, slot: A }, { path: /dev/b, slot: A }] }\n',
      ':1: gateway.ports[1].slot: ',
    ],
    ['a broker for all', 'mqtt: { embedded: true, url: "mqtt://10.0.0.9" }\n', ':1: mqtt.embedded: lets '],
    ['a file that is not there', `${DATA}  numbers: ./none.csv\n`, ':3: gateway.numbers: cannot be read: '],
    [
      'no such driver',
      `${DATA}  ports:\n    - { path: /dev/a, driver: none }\n`,
      ':4: gateway.ports[0].driver: ',
    ],
  ])('says of %s what the gateway says when it starts', (_, config, place) => {
    const checked = check(config, {});
    expect(checked.stderr).toContain(`DIR/simbankd.yaml${place}`);
    expect(run(config, {}, 'gateway', '--config')).toEqual({ ...checked, status: 78 });
  });
});
