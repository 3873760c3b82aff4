/**
 * The configuration file: one YAML document, every member optional with a safe default, unknown members refused.
 *
 * All faults are reported at once, each with its path; nothing falls back to a default because it was misspelt. Relative
 * paths are below the file's own folder, wherever the program is started.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { contradictions } from './contradictions.ts';
import { hasCode, SimbankError } from './errors.ts';
import { GATEWAY_ID, gatewayIdFrom, SLOT_NAME } from './protocol/topics.ts';
import { bareSchemas, pathSteps, pathText, schemaBelow } from './schema-faults.ts';
import { byLine, type ConfigFault, describeFaults, examineYaml, invalidYaml, readText } from './yaml-file.ts';

const file = z.string().min(1);
/** A tty, a pattern of them, `usb`, or `tcp://` and a serial server. */
const device = z.string().min(1);
const database = z
  .string()
  .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, 'a database is sqlite:/path/to/hub.db or postgres://…');
const days = z.number().int().min(1).max(3650);

/** `127.0.0.1:8480`, `[::1]:8480` or `0.0.0.0:80`. */
const Listen = z.string().transform((text, context) => {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:[\]]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    context.addIssue({
      code: 'custom',
      message: `"${text}" is not an address and port such as 127.0.0.1:8480`,
    });
    return z.NEVER;
  }
  return { host: match[1]!.replace(/^\[|\]$/g, ''), port };
});
export type Listen = z.infer<typeof Listen>;

const Port = z.strictObject({
  path: device,
  slot: z.string().regex(SLOT_NAME, 'a slot is 1 to 64 characters without "/", "+" and "#"').optional(),
  driver: z.string().optional(),
  baudRate: z.number().int().min(1200).max(4_000_000).default(115_200),
  pinFile: file.optional(),
});
export type PortConfig = z.infer<typeof Port>;

const Gateway = z.strictObject({
  id: z
    .string()
    .regex(GATEWAY_ID, 'a gateway id is 1 to 32 of a-z, 0-9 and "-"')
    .default(() => gatewayIdFrom(hostname())),
  dataDir: file.default('/var/lib/simbankd'),
  ports: z.array(z.union([device, Port])).optional(),
  hotplug: z.boolean().default(true),
  /** A folder with driver files of the operator's own. */
  drivers: file.optional(),
  numbers: file.optional(),
  /** Another table of operators than the one that is shipped. */
  operators: file.optional(),
  /** How SIMs that the list leaves out are asked for their numbers; the card itself always is. */
  ownNumbers: z
    .strictObject({ ussd: z.boolean().default(true), probe: z.boolean().default(false) })
    .prefault({}),
  /** Another catalogue than the one that is shipped. */
  services: file.optional(),
  /** What is refused outright; policy.ts. */
  policy: file.optional(),
  /** What belongs to a SIM rather than to a port; the first rule that fits counts. */
  sims: z
    .array(
      z
        .strictObject({
          iccid: z
            .string()
            .regex(/^89[0-9A-F]{0,18}$/, 'is the beginning of an ICCID, 89… without a trailing F')
            .optional(),
          mccmnc: z
            .string()
            .regex(/^\d{5,6}$/, 'is five or six digits: country and network')
            .optional(),
          pinFile: file.optional(),
          ims: z.boolean().optional(),
          carrierProfile: z
            .string()
            .regex(/^[\w.-]{1,64}$/, 'is the name of a profile, such as ROW_Generic_3GPP')
            .optional(),
        })
        .refine((rule) => rule.iccid !== undefined || rule.mccmnc !== undefined, {
          message: 'says for no SIM what it is for: set iccid or mccmnc',
        }),
    )
    .default([]),
  sendLimits: z
    .strictObject({
      perSimPerHour: z.number().int().min(0).default(10),
      perSimPerDay: z.number().int().min(0).default(50),
    })
    .prefault({}),
  retention: z.strictObject({ days: days.default(30) }).prefault({}),
  /** How long the parts of a long message are waited for before what is there is published. */
  partTimeoutSeconds: z.number().int().min(1).default(600),
  /** How often every store is listed although nothing was announced. */
  sweepSeconds: z.number().min(1).default(60),
  allowAt: z.boolean().default(false),
});

const MqttMembers = z.strictObject({
  url: z
    .string()
    .regex(/^(mqtts?|wss?):\/\/.+/, {
      message: 'a broker is mqtt://, mqtts://, ws:// or wss://',
      abort: true,
    })
    .refine(URL.canParse, 'is not a URL')
    .default('mqtt://127.0.0.1:1883'),
  root: z
    .string()
    .regex(/^[^/+#]+(\/[^/+#]+)*$/, 'a topic root has no "+", no "#" and no empty level')
    .default('simbank'),
  username: z.string().optional(),
  passwordFile: file.optional(),
  caFile: file.optional(),
  certFile: file.optional(),
  keyFile: file.optional(),
  version: z.union([z.literal('auto'), z.literal(5), z.literal('5'), z.literal('3.1.1')]).default('auto'),
  embedded: z.boolean().default(false),
});
const Mqtt = MqttMembers.refine(({ embedded, url }) => !embedded || isLoopback(hostOf(url)), {
  path: ['embedded'],
  message:
    'lets everybody in who can reach it: name 127.0.0.1 in mqtt.url, or run a broker such as mosquitto',
});
export type MqttConfig = z.infer<typeof Mqtt>;

const Status = z
  .strictObject({ listen: Listen.prefault('127.0.0.1:8480'), tokenFile: file.optional() })
  .refine(({ listen, tokenFile }) => isLoopback(listen.host) || tokenFile !== undefined, {
    path: ['listen'],
    // Listening elsewhere without a token would show the bank to the whole network.
    message: 'is not loopback: set status.tokenFile as well, or listen on 127.0.0.1',
  });

const Hub = z.strictObject({
  listen: Listen.prefault('127.0.0.1:8490'),
  database: database.default('sqlite:/var/lib/simbankd/hub.db'),
  services: file.optional(),
  prices: file.optional(),
  activations: z.strictObject({ ttlSeconds: z.number().int().min(60).default(1200) }).prefault({}),
  webhooks: z
    .strictObject({
      allowHttp: z.boolean().default(false),
      allowPrivate: z.boolean().default(false),
      ports: z.array(z.number().int().min(1).max(65_535)).default([443, 8443]),
    })
    .prefault({}),
  retention: z.strictObject({ days: days.default(30) }).prefault({}),
});

export const Config = z.strictObject({
  gateway: Gateway.prefault({}),
  mqtt: Mqtt.prefault({}),
  uplink: z.strictObject({ confirm: z.enum(['auto', 'hub', 'broker']).default('auto') }).prefault({}),
  status: Status.prefault({}),
  hub: Hub.prefault({}),
  log: z
    .strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info') })
    .prefault({}),
});
export type Config = z.infer<typeof Config>;

/** Exit status of a program that was given a configuration it cannot use (EX_CONFIG of sysexits). */
export const EXIT_CONFIG = 78;

/** A file as it was read, whole or not. */
export interface ConfigReading {
  /** Null where there is a fault. */
  readonly config: Config | null;
  /** In the order of their lines. */
  readonly faults: readonly ConfigFault[];
  /** What it says, with `${NAME}` replaced and paths made absolute; undefined where it cannot be read at all. */
  readonly given: unknown;
  lineOf(path: readonly PropertyKey[]): number | null;
}

/**
 * Reads and checks a configuration file; without a path, the defaults.
 *
 * @throws SimbankError `config.invalid` whose `detail.faults` lists every fault (ConfigFault[]).
 */
export function loadConfig(path: string | undefined, env: NodeJS.ProcessEnv = process.env): Config {
  return path === undefined ? Config.parse({}) : parseConfig(path, readText(path), env);
}

/** As loadConfig, for a text that came from the file `name`. */
export function parseConfig(name: string, text: string, env: NodeJS.ProcessEnv): Config {
  const { config, faults } = examineConfig(name, text, env);
  if (config === null) throw invalidYaml(name, faults);
  return config;
}

/** As parseConfig, for whoever wants to look further although there are faults. Throws nothing. */
export function examineConfig(name: string, text: string, env: NodeJS.ProcessEnv): ConfigReading {
  const read = examineYaml(Config, text, env);
  const folder = dirname(resolve(name));
  const given = rooted(bareSchemas(Config), read.given, folder);
  const between = contradictions(given).map(({ path, message }) => ({
    path: pathText(path),
    message,
    line: read.lineOf(path),
  }));
  const faults = byLine([...read.faults, ...between]);
  const config = faults.length > 0 ? null : (rooted(bareSchemas(Config), read.data, folder) as Config);
  return { config, faults, given, lineOf: read.lineOf };
}

/** Makes relative paths absolute: what is a path, the schema says. */
function rooted(schemas: readonly z.core.$ZodType[], value: unknown, folder: string): unknown {
  const below = (step: PropertyKey) =>
    schemas.flatMap((schema) => schemaBelow(schema, step) ?? []).flatMap(bareSchemas);
  if (typeof value === 'string') {
    if (schemas.includes(file)) return resolve(folder, value);
    if (schemas.includes(device)) {
      return value === 'usb' || value.startsWith('tcp:') ? value : resolve(folder, value);
    }
    const sqlite = schemas.includes(database) ? /^sqlite:(.+)$/s.exec(value)?.[1] : undefined;
    return sqlite === undefined ? value : `sqlite:${resolve(folder, sqlite)}`;
  }
  if (Array.isArray(value)) return value.map((item) => rooted(below(0), item, folder));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, rooted(below(key), item, folder)]),
  );
}

/** A fault, and the file it is in: that of the configuration, or one that it names. */
export interface FileFault extends ConfigFault {
  readonly file: string;
}

/** Where in the configuration a fault is that was found by using it; one inside another file stays there. */
export function placed(
  name: string,
  { given, lineOf }: Pick<ConfigReading, 'given' | 'lineOf'>,
  fault: ConfigFault & { readonly file?: string },
): FileFault {
  const isThere = fault.path === '' && fault.line === null && fault.file !== undefined;
  const path = isThere ? memberWith(given, fault.file) : pathSteps(fault.path);
  if (path === null || (fault.file !== undefined && !isThere)) return { ...fault, file: fault.file ?? name };
  return { path: pathText(path), message: fault.message, line: fault.line ?? lineOf(path), file: name };
}

/** The path of the first member that is this text. */
function memberWith(given: unknown, text: unknown): (string | number)[] | null {
  if (typeof given !== 'object' || given === null) return null;
  for (const [key, value] of Object.entries(given)) {
    const step = Array.isArray(given) ? Number(key) : key;
    const within = value === text ? [] : memberWith(value, text);
    if (within !== null) return [step, ...within];
  }
  return null;
}

/** An error that came of a configuration, with the places of its faults; any other as it is. */
export function placedError(name: string | undefined, error: unknown): unknown {
  if (name === undefined || !hasCode(error, 'config.invalid') || error.detail.file === name) return error;
  const reading = examineConfig(name, readText(name), process.env);
  const about = error.detail.file as string | undefined;
  const faults = (error.detail.faults as readonly ConfigFault[]).map((fault) =>
    placed(name, reading, { ...(about === undefined ? {} : { file: about }), ...fault }),
  );
  const text = faults.map((fault) => describeFaults(fault.file, [fault])).join('\n');
  return new SimbankError('config.invalid', text, { file: name, faults }, { cause: error });
}

/** Whether the file itself sets a member (`mqtt.url`), as against a default. The file has been read by loadConfig before. */
export function configured(path: string | undefined): (member: string) => boolean {
  const document = parseDocument(path === undefined ? '' : readFileSync(path, 'utf8'));
  return (member) => document.hasIn(member.split('.'));
}

/** That of a URL, as isLoopback has it; what is no URL is another fault. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : 'localhost';
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
