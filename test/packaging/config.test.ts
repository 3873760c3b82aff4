import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { Config, parseConfig } from '../../src/config.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const example = readFileSync(join(root, 'config/simbankd.example.yaml'), 'utf8');

/**
 * The example with its out-commented members in force: `#member:` and `#- item`, as against `# prose`. Certificates are for
 * brokers with TLS.
 */
const complete = example
  .replace(/^( *)#(?=[a-zA-Z-])/gm, '$1')
  .replace('url: mqtt://127.0.0.1:1883', 'url: mqtts://127.0.0.1:8883');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'simbankd-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Member {
  /** `gateway.ports[].path`. */
  readonly path: string;
  readonly hasDefault: boolean;
  readonly default: unknown;
}

/** Every member of the schema that is a value, not a section. */
function membersOf(schema: z.core.JSONSchema.JSONSchema, path = ''): Member[] {
  const branches =
    schema.anyOf?.filter((branch) => branch.type === 'object' || branch.type === 'array') ?? [];
  if (branches.length > 0) return branches.flatMap((branch) => membersOf(branch, path));
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([name, member]) =>
      typeof member === 'boolean' ? [] : membersOf(member, path === '' ? name : `${path}.${name}`),
    );
  }
  const items = schema.items as z.core.JSONSchema.JSONSchema | undefined;
  if (items?.anyOf !== undefined) return membersOf(items, `${path}[]`);
  return [{ path, hasDefault: 'default' in schema, default: schema.default }];
}

/** What stands at a path; of a list, the first item that has it. */
function valueAt(document: unknown, path: string): unknown {
  let values: unknown[] = [document];
  for (const step of path.split('.')) {
    const name = step.replace('[]', '');
    values = values.map((value) => (value as Record<string, unknown> | null | undefined)?.[name]);
    if (step.endsWith('[]')) values = values.flat();
  }
  return values.find((value) => value !== undefined);
}

const members = membersOf(z.toJSONSchema(Config, { io: 'input' }));

/** Runs the program as a person does. */
function simbankd(args: string[], env: NodeJS.ProcessEnv = process.env) {
  return spawnSync(process.execPath, [join(root, 'src/main.ts'), ...args], {
    encoding: 'utf8',
    env,
    cwd: folder,
    timeout: 20_000,
  });
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('the examples', () => {
  it.each(['simbankd', 'hub'])('%s.example.yaml is valid as it stands', (name) => {
    const text = readFileSync(join(root, `config/${name}.example.yaml`), 'utf8');
    expect(parseConfig(name, text, {})).toBeTypeOf('object');
  });

  it('the schema was walked to its leaves', () => {
    expect(members.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['gateway.ports[].baudRate', 'mqtt.version', 'hub.webhooks.ports', 'log.level']),
    );
  });

  it('the reference says the defaults, and nothing else', () => {
    expect(parseConfig('example', example, {})).toEqual(Config.parse({}));
  });

  // The default of gateway.id is the host’s name, and a port has defaults only once there is one.
  const common = members.filter(({ path }) => path !== 'gateway.id' && !path.startsWith('gateway.ports'));
  it.each(common.filter(({ hasDefault }) => hasDefault))(
    'the reference has $path with its default',
    (member) => {
      expect(valueAt(parse(example), member.path)).toEqual(member.default);
    },
  );

  it('the reference shows every member without a default, out-commented', () => {
    const document = parse(complete);
    const rest = members.filter((member) => !common.includes(member) || !member.hasDefault);
    expect(rest.filter(({ path }) => valueAt(document, path) === undefined)).toEqual([]);
    expect(valueAt(document, 'gateway.ports[].baudRate')).toBe(115_200);
  });

  it('the reference is valid with everything out-commented in force', () => {
    const config = parseConfig('example', complete, {});
    expect(config.gateway).toMatchObject({ id: 'host-a', ports: [expect.any(String), { slot: 'A03' }] });
  });

  it('every member has its own comment', () => {
    const lines = example.split('\n');
    const bare = lines.filter((line, index) => {
      if (!/^ *#?(- )?[a-zA-Z]+:/.test(line)) return false;
      return !/^ *#( |$)/.test(lines[index - 1] ?? '') && !/^ *#?ports:$/.test(lines[index - 1] ?? '');
    });
    expect(bare.filter((line) => !line.includes('- path:'))).toEqual([]);
  });
});

describe('a configuration that cannot be used', () => {
  const many = `gateway:
  id: Host A
  prots: [/dev/ttyUSB0]
  ports:
    - { path: /dev/ttyUSB1, baudRate: 12 }
    - { slot: A01 }
  retention: { days: 0 }
mqtt:
  url: http://broker
  username: \${NO_SUCH_VARIABLE}
status: { listen: 0.0.0.0:80 }
hub: { listen: somewhere }
`;
  const faults = [
    ['gateway.id', 2],
    ['gateway.prots', 3],
    ['gateway.ports[0].baudRate', 5],
    ['gateway.ports[1].path', 6],
    ['gateway.retention.days', 7],
    ['mqtt.url', 9],
    ['mqtt.username', 10],
    ['status.listen', 11],
    ['hub.listen', 12],
  ] as const;

  it.each(['gateway', 'hub', 'up'])(
    'ends simbankd %s with 78 and every fault, its place and path',
    (command) => {
      const path = file('many.yaml', many);
      const state = { ...process.env, XDG_STATE_HOME: join(folder, 'state') };
      const { status, stdout, stderr } = simbankd([command, '--config', path], state);
      expect({ status, stdout }).toEqual({ status: 78, stdout: '' });
      const told = stderr
        .trimEnd()
        .split('\n')
        .map((line) => /^(.+):(\d+): ([\w.[\]]+): ./.exec(line));
      expect(told.map((fault) => [fault?.[1], fault?.[3], Number(fault?.[2])]).sort()).toEqual(
        faults.map(([member, line]) => [path, member, line]).sort(),
      );
    },
  );

  it('is told by config check, for people and for programs', () => {
    const path = file('many.yaml', many);
    expect(simbankd(['config', 'check', path])).toMatchObject({ status: 78, stdout: '' });
    const { status, stdout, stderr } = simbankd(['config', 'check', '--json', path]);
    expect({ status, stderr }).toEqual({ status: 78, stderr: '' });
    const answer = JSON.parse(stdout) as { faults: { path: string; line: number }[] };
    expect(answer.faults.map(({ path, line }) => [path, line]).sort()).toEqual([...faults].sort());
  });

  it('says what is expected and what was probably meant, in the order of the lines', () => {
    const path = file(
      'words.yaml',
      `gatway: {}
gateway:
  hotplug: yes
  potrs: [usb]
  ports: [3, { path: /dev/ttyS0, baudRate: fast, drver: zte }]
  dataDir: ./one
  retention: { days: 0 }
  dataDir: ./two
mqtt: { version: 4 }
log: { level: wran, colour: red }
`,
    );
    expect(simbankd(['config', 'check', path]).stderr.replaceAll(path, '').trimEnd().split('\n')).toEqual([
      ':1: gatway: is not a known member: did you mean "gateway"?',
      ':3: gateway.hotplug: must be true or false: write true',
      ':4: gateway.potrs: is not a known member: did you mean "ports"?',
      ':5: gateway.ports[0]: must be a text or a section with members',
      ':5: gateway.ports[1].baudRate: must be a number',
      ':5: gateway.ports[1].drver: is not a known member: did you mean "driver"?',
      ':7: gateway.retention.days: must be at least 1',
      ':8: gateway.dataDir: is here once more: it is in line 6 already',
      ':9: mqtt.version: must be "auto", 5 or "3.1.1"',
      ':10: log.level: must be "trace", "debug", "info", "warn", "error" or "silent": did you mean "warn"?',
      ':10: log.colour: is not a known member',
    ]);
  });

  it('may have a section without members', () => {
    const path = file('empty-section.yaml', 'log: { level: info }\nhub:\n');
    expect(simbankd(['config', 'check', path])).toMatchObject({ status: 0 });
  });

  it.each([
    ['broken syntax', 'gateway:\n  id: a\n\tx: 1\n', ':3: '],
    ['a member twice', 'gateway:\n  id: a\n  id: b\n', ':3: '],
    ['a text where sections belong', 'just a sentence\n', ':1: '],
    ['two documents', 'log: {}\n---\nlog: {}\n', ':2: '],
    ['an alias to nowhere', 'gateway: *nothing\n', ': '],
    ['aliases that would fill the memory', bomb(), ': '],
    ['bytes that are no text', '\u0000\u0001\ufffd', ':1: '],
  ])('is refused for %s', (_, text, place) => {
    const path = file('bad.yaml', text);
    const { status, stdout, stderr } = simbankd(['config', 'check', path]);
    expect({ status, stdout }).toEqual({ status: 78, stdout: '' });
    expect(stderr.startsWith(path + place)).toBe(true);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('is refused when it cannot be read', () => {
    for (const path of [join(folder, 'absent.yaml'), folder]) {
      const { status, stdout, stderr } = simbankd(['gateway', '--config', path]);
      expect({ status, stdout }).toEqual({ status: 78, stdout: '' });
      expect(stderr).toMatch(/^[^\n]+: cannot be read: [^\n]+\n$/);
    }
  });
});

describe('a configuration that can be used', () => {
  it.each([
    ['nothing', ''],
    ['a comment', '# nothing yet\n'],
    ['one section', 'log: { level: warn }\n'],
  ])('may hold %s', (_, text) => {
    const path = file('good.yaml', text);
    expect(simbankd(['config', 'check', path])).toMatchObject({ status: 0, stdout: `${path}: no faults\n` });
  });

  it('takes strings from the environment', () => {
    const path = file('env.yaml', `mqtt: { url: "mqtt://\${BROKER}:1884" }\n`);
    expect(simbankd(['config', 'check', path]).status).toBe(78);
    expect(simbankd(['config', 'check', path], { ...process.env, BROKER: 'localhost' }).status).toBe(0);
  });
});

it('config schema prints a JSON Schema that knows every member', () => {
  const { status, stdout } = simbankd(['config', 'schema']);
  expect(status).toBe(0);
  expect(membersOf(JSON.parse(stdout)).map(({ path }) => path)).toEqual(members.map(({ path }) => path));
});

function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i += 1) {
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  }
  return `${lines.join('\n')}\n`;
}
