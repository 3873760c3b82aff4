/**
 * The configuration file: one YAML document, every member optional with a safe default, unknown members refused.
 *
 * All faults are reported at once, each with its path; nothing falls back to a default because it was misspelt.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { GATEWAY_ID, gatewayIdFrom, SLOT_NAME } from './protocol/topics.ts';
import { parseYaml, readYaml } from './yaml-file.ts';

const file = z.string().min(1);
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
  path: z.string().min(1),
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
  ports: z.array(z.union([z.string().min(1), Port])).optional(),
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

const Mqtt = z.strictObject({
  url: z
    .string()
    .regex(/^(mqtts?|wss?):\/\/.+/, 'a broker is mqtt://, mqtts://, ws:// or wss://')
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
  database: z
    .string()
    .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, 'a database is sqlite:/path/to/hub.db or postgres://…')
    .default('sqlite:/var/lib/simbankd/hub.db'),
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

/**
 * Reads and checks a configuration file; without a path, the defaults.
 *
 * @throws SimbankError `config.invalid` whose `detail.faults` lists every fault (ConfigFault[]).
 */
export function loadConfig(path: string | undefined, env: NodeJS.ProcessEnv = process.env): Config {
  if (path === undefined) return Config.parse({});
  return readYaml(Config, path, env);
}

/** Whether the file itself sets a member (`mqtt.url`), as against a default. The file has been read by loadConfig before. */
export function configured(path: string | undefined): (member: string) => boolean {
  const document = parseDocument(path === undefined ? '' : readFileSync(path, 'utf8'));
  return (member) => document.hasIn(member.split('.'));
}

/** As loadConfig, for a text that came from the file `name`. */
export function parseConfig(name: string, text: string, env: NodeJS.ProcessEnv): Config {
  return parseYaml(Config, name, text, env);
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
