/** The rules of the house: which room may know which, and what may be said where. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

interface Source {
  readonly path: string;
  readonly text: string;
  /** Relative imports as paths from the root, packages by name. */
  readonly imports: readonly string[];
}

const sources: Source[] = ['src', 'drivers'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = join(folder, name);
      const text = readFileSync(join(ROOT, path), 'utf8');
      const found = text.matchAll(/(?:^|\n)(?:import|export)[^'";]*?from '([^']+)'|import\('([^']+)'\)/g);
      const imports = [...found].map((match) => {
        const wanted = match[1] ?? match[2] ?? '';
        return wanted.startsWith('.') ? relative(ROOT, join(ROOT, dirname(path), wanted)) : wanted;
      });
      return { path, text, imports };
    }),
);

const inRoom = (room: string) => sources.filter(({ path }) => path.startsWith(`src/${room}`));
const offenders = (of: readonly Source[], isWrong: (wanted: string) => boolean) =>
  of.flatMap(({ path, imports }) => imports.filter(isWrong).map((wanted) => `${path} imports ${wanted}`));

/** Which other rooms a room may import; leaf files directly under src/ are open to all. */
const MAY_KNOW: Record<string, readonly string[]> = {
  protocol: [],
  at: [],
  sms: [],
  sim: ['at'],
  modem: ['at', 'sim', 'protocol'],
  bank: ['modem', 'sms', 'sim', 'protocol'],
  status: ['protocol'],
  hub: ['protocol'],
  emulator: [],
};

describe('who may import whom', () => {
  it.each(Object.entries(MAY_KNOW))('%s knows only its own and: %s', (room, allowed) => {
    const isForeign = (wanted: string): boolean => {
      const other = /^src\/([^/]+)\//.exec(wanted)?.[1];
      return (
        wanted.startsWith('drivers/') || (other !== undefined && other !== room && !allowed.includes(other))
      );
    };
    expect(inRoom(`${room}/`).length).toBeGreaterThan(0);
    const wearing = /^src\/emulator\/personas\//;
    expect(
      offenders(
        inRoom(`${room}/`).filter(({ path }) => !wearing.test(path)),
        isForeign,
      ),
    ).toEqual([]);
  });

  it('personas import the transcripts of drivers, nothing else of them', () => {
    const personas = inRoom('emulator/personas/');
    expect(personas.length).toBeGreaterThan(0);
    expect(
      offenders(personas, (wanted) => wanted.startsWith('src/') && !wanted.startsWith('src/emulator/')),
    ).toEqual([]);
    const taking = personas.flatMap(({ path, text }) =>
      [...text.matchAll(/import (.*) from '[./]+\/drivers\//g)].map(([, names]) => `${path} ${names}`),
    );
    expect(taking.filter((line) => !line.endsWith(' { transcript }'))).toEqual([]);
  });

  it('leaf files know only the protocol and other leaves', () => {
    const leaves = sources.filter(
      ({ path }) => /^src\/[^/]+\.ts$/.test(path) && !/(cli|main)\.ts$/.test(path),
    );
    expect(
      offenders(leaves, (wanted) => /^src\/[^/]+\//.test(wanted) && !wanted.startsWith('src/protocol/')),
    ).toEqual([]);
  });

  it('drivers import the driver contract and nothing else', () => {
    const drivers = sources.filter(({ path }) => path.startsWith('drivers/'));
    expect(offenders(drivers, (wanted) => wanted !== 'src/modem/driver.ts')).toEqual([]);
  });

  it.each([
    ['@serialport/bindings-cpp/dist/load-bindings.js', /^src\/at\/serial\.ts$/],
    ['mqtt', /^src\/(bank\/uplink\/\w+|hub\/consumer|commands\/request)\.ts$/],
    ['aedes', /^src\/broker\.ts$/],
    ['koffi', /^src\/emulator\/pty\.ts$/],
    ['better-sqlite3', /^src\/sqlite\.ts$/],
    ['pg', /^src\/hub\/store\/postgres\.ts$/],
    // A leaf, but not for everybody: the bank matches by it, the hub sells by it.
    ['src/catalogue.ts', /^src\/(bank|hub|commands)\//],
  ])('only its owner imports %s', (name, owner) => {
    const users = sources.filter(({ imports }) => imports.includes(name)).map(({ path }) => path);
    expect(users.filter((path) => !owner.test(path))).toEqual([]);
  });
});

describe('what may be said where', () => {
  it('pure rooms have no I/O and no clock', () => {
    const pure = [
      ...inRoom('sms/'),
      ...inRoom('sim/iccid'),
      ...inRoom('modem/lifecycle'),
      ...inRoom('bank/activations/'),
      ...inRoom('bank/numbers/parts'),
      ...inRoom('bank/uplink/namesake'),
      ...inRoom('hub/activations/transitions'),
      ...inRoom('hub/activations/due'),
      ...inRoom('hub/activations/choice'),
      ...inRoom('hub/money'),
    ];
    expect(pure.length).toBeGreaterThan(3);
    expect(offenders(pure, (wanted) => wanted.startsWith('node:'))).toEqual([]);
    const clock = /\bDate\.now\(|new Date\(\)|\bperformance\.|\bsetTimeout\(|\bsetInterval\(|Math\.random/;
    expect(pure.filter(({ text }) => clock.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it('SQL is only in stores', () => {
    const sql = /\b(SELECT\s.+\sFROM|INSERT INTO|DELETE FROM|UPDATE \w+ SET|CREATE TABLE)\b/s;
    const speaking = sources.filter(({ path, text }) => sql.test(text) && !/\/store[./]/.test(path));
    expect(speaking.map(({ path }) => path)).toEqual([]);
  });

  it('AT commands are only where modems are spoken to', () => {
    const at = /['"`]AT[+^*#!$&][A-Z]/;
    const speaking = sources.filter(
      ({ path, text }) => at.test(text) && !/^(drivers|src\/(at|modem|sim|emulator))\//.test(path),
    );
    expect(speaking.map(({ path }) => path)).toEqual([]);
  });

  it('no file is a drawer', () => {
    const drawers = /(^|[/-])(utils?|helpers?|managers?|services?|handlers?|base|common|impl)([./-]|$)/;
    expect(sources.map(({ path }) => path).filter((path) => drawers.test(path))).toEqual([]);
  });

  it('a file that passes 300 lines asks for two names', () => {
    const long = sources.filter(
      ({ path, text }) => text.split('\n').length > 301 && !path.includes('-tables'),
    );
    expect(long.map(({ path, text }) => `${path} ${text.split('\n').length}`)).toEqual([]);
  });
});
