/**
 * An operator's own driver: a file with plain data, read and checked as strictly as the configuration.
 *
 * Knows no modem. Our own drivers are checked by the same rules, in test/drivers.
 */
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { type Driver, type DriverData, defineDriver, URC_KINDS, WRITES_IMEI } from '../modem/driver.ts';
import { flatten, pathText } from '../schema-faults.ts';
import type { ConfigFault } from '../yaml-file.ts';

const o = z.exactOptional;
const ms = z.int().min(0);
const interfaceNumber = z.int().min(0).max(255);

/** One command with its name in capitals; two on one line would hide which of them was refused. */
const Command = z
  .string()
  .regex(
    /^AT[+^*#!$%&]?[A-Z][A-Z0-9_]*(\?|=\?|=[^;\r\n]*)?$/,
    'is not one command in capitals, such as AT+CCID or AT#QSS=2',
  )
  .refine((command) => !WRITES_IMEI.test(command), 'writes an IMEI: that is never done');

const Name = z.string().regex(/^[+^*#!$%&][A-Z][A-Z0-9_]*$/, 'is not the name of a command, such as +CMGL');

const Expression = z
  .instanceof(RegExp, { error: 'is not a regular expression, such as /acme/i' })
  // They remember where they stopped: the second modem of a kind would not be recognised.
  .refine((expression) => !/[gy]/.test(expression.flags), 'must not have the flags g and y');

/** The first group is the number. */
const Counter = Expression.refine(
  ({ source }) => (new RegExp(`${source}|`).exec('')?.length ?? 0) > 1,
  'has no group for the number, such as /\\+XPIN: ?(\\d+)/',
);

const Choice = z.strictObject({
  read: Command,
  on: z.strictObject({ set: Command, expect: Expression }),
  off: z.strictObject({ set: Command, expect: Expression }),
});

const Usb = z
  .strictObject({
    id: z
      .string()
      .regex(
        /^[0-9a-f]{4}:([0-9a-f]{4}|\*)$/,
        'is not a USB id in small letters, such as 2c7c:0125 or 12d1:*',
      ),
    at: z.array(interfaceNumber),
    atProtocols: o(z.array(interfaceNumber)),
    never: o(z.array(interfaceNumber)),
  })
  .refine(({ at, never = [] }) => !never.some((number) => at.includes(number)), {
    path: ['never'],
    error: 'has an interface that is in `at`, too',
  });

const Urcs = z
  .array(
    z.strictObject({
      prefix: z.string().regex(/^\S.*\S$|^\S$/, 'is empty, or has a space at an end'),
      kind: z.enum(URC_KINDS),
      body: o(z.int().min(0).max(10)),
      answerFields: o(z.int().min(1)),
      quoted: o(z.boolean()),
    }),
  )
  .superRefine((urcs, context) => {
    for (const [i, { prefix }] of urcs.entries()) {
      if (urcs.findIndex((urc) => urc.prefix === prefix) === i) continue;
      context.addIssue({ code: 'custom', path: [i, 'prefix'], message: `"${prefix}" is there twice` });
    }
  });

/** The members of DriverData, and no other. */
export const DriverFile = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'is not a name of a-z, 0-9 and "-", such as acme-x1'),
  title: z.string().min(1),
  state: o(z.enum(['proven', 'sourced'])),
  unconfirmed: o(z.array(z.string().min(1))),
  usb: o(z.array(Usb)),
  identify: o(z.strictObject({ manufacturer: o(Expression), model: o(Expression) })),
  iccid: o(z.array(Command).min(1)),
  quiet: o(z.array(Command)),
  init: o(z.array(z.strictObject({ set: Command, read: o(Command), expect: o(Expression) }))),
  stores: o(z.array(z.string().regex(/^[A-Z]{2}$/, 'is not a memory, such as SM or ME')).min(1)),
  namedStores: o(z.array(z.literal([1, 2, 3])).min(1)),
  notify: o(z.array(z.string().regex(/^\d(,\d){1,4}$/, 'is not a value of +CNMI, such as 2,1,0,0,0')).min(1)),
  list: o(z.enum(['cmgl', 'cmgr'])),
  firstIndex: o(z.literal([0, 1])),
  deletesSiblings: o(z.boolean()),
  classZero: o(z.enum(['store', 'line', 'unknown'])),
  urcs: o(Urcs),
  smsReady: o(z.strictObject({ ask: Command, ready: Expression }).nullable()),
  pinTries: o(z.strictObject({ ask: Command, tries: Counter }).nullable()),
  ussd: o(z.enum(['charset', 'packed', 'none'])),
  logicalChannels: o(z.enum(['yes', 'no', 'unknown'])),
  ims: o(Choice.nullable()),
  carrierProfile: o(
    z.strictObject({ read: Command, select: Command.includes('%s', 'has no %s for the name') }).nullable(),
  ),
  radio: o(z.strictObject({ off: Command, on: Command, pauseMs: ms })),
  reset: o(z.strictObject({ command: Command, backMs: ms }).nullable()),
  withoutOk: o(z.array(Name)),
  refusals: o(z.array(z.string().min(1))),
  pollCardMs: o(ms),
  deadlines: o(z.record(Name, z.int().min(100).max(600_000))),
}) satisfies z.ZodType<DriverData>;

/** The driver of a file, or every fault it has; `line` is never known. */
export async function readDriverFile(path: string): Promise<Driver | readonly ConfigFault[]> {
  const fault = (message: string): ConfigFault[] => [{ path: '', message, line: null }];
  let value: unknown;
  try {
    value = ((await import(pathToFileURL(path).href)) as { default?: unknown }).default;
    if (typeof value === 'function') value = value(defineDriver);
  } catch (error) {
    return fault(`cannot be loaded: ${messageOf(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fault('has no driver as its default export: export default { name: …, title: … }');
  }
  const parsed = DriverFile.safeParse(value);
  if (parsed.success) return defineDriver(parsed.data);
  return flatten(DriverFile, parsed.error.issues, value).map((issue) => ({
    path: pathText(issue.path),
    message: issue.message,
    line: null,
  }));
}
