/** The switches of faults.ts over the control socket: what each is called, takes and means. */
import { z } from 'zod';
import { SimbankError } from '../errors.ts';
import type { Faults } from './faults.ts';

const cure = {
  curedBy: z.enum(['reopen', 'cfun', 'reset', 'power', 'nothing']).optional(),
  ms: z.number().positive().optional(),
};
const count = z.int().min(0);
const times = z.int().min(1).optional();
const store = z.enum(['SM', 'ME', 'SR']);

/** `null` switches off what has no other way to say so. */
const schema = z
  .strictObject({
    answers: z
      .record(z.string(), z.string().nullable())
      .describe('answers to exact command lines; "" is silence, null the own answer'),
    hang: z.boolean().describe('reads and says nothing'),
    hangOn: z
      .strictObject({ command: z.string(), blocks: z.boolean().optional(), ...cure })
      .nullable()
      .describe('this command ("all": every one) is never answered; "blocks": nor is any after it'),
    registeredButDeaf: z
      .strictObject({ how: z.enum(['hang', 'fail']), ...cure })
      .nullable()
      .describe('answers and is registered, but CMGL, CMGR and CPMS hang or fail, and no message comes'),
    dropUrcs: count.describe('so many of the next URCs are lost'),
    urcElsewhere: z.boolean().describe('URCs go to the tty PATH-urc until a vendor setting brings them here'),
    lateMs: count.describe('the next command is carried out at once and answered so much later'),
    latencyMs: count.describe('every command is carried out and answered so much later'),
    splitBytes: count
      .nullable()
      .describe('all that is sent comes in pieces: 0 one octet each, else 1 to 3 drawn from this seed'),
    garbage: count.describe('so many of the next answers have octets in them that nobody sent'),
    echo: z.enum(['asked', 'always']).describe('"always": ATE0 is accepted and ignored'),
    withoutOk: z.array(z.string()).describe('commands that are answered without the final OK'),
    cmsError: z
      .strictObject({ code: z.int(), times, command: z.string().optional() })
      .nullable()
      .describe('the next message commands (or the next of this name) are refused with +CMS ERROR'),
    busy: z
      .strictObject({ times: z.int().min(1), code: z.int().optional() })
      .nullable()
      .describe('so many commands get +CMS ERROR: 500 or +CME ERROR: 14, or this code'),
    cmglBroken: z
      .enum(['hang', 'error', 'cut'])
      .nullable()
      .describe('a listing is never answered, refused, or breaks off'),
    firstIndex: z
      .union([z.literal(0), z.literal(1)])
      .nullable()
      .describe('number of the first place of each store, whatever the persona says'),
    emptySlot: z
      .enum(['ok', 'refused', 'zero', '00'])
      .nullable()
      .describe('+CMGR of an empty place: just OK, +CMS ERROR: 321, a record of length 0, or a PDU of 00'),
    pduTail: z.string().nullable().describe('behind each PDU that is shown: ",0", or octets FF'),
    prompt: z.string().nullable().describe('what asks for a text, as it is sent'),
    wrongStore: z
      .strictObject({ stores: store, announces: store })
      .nullable()
      .describe('messages go to one store and are announced of another'),
    storesTwice: z
      .enum(['same', 'both'])
      .nullable()
      .describe('each message is in two places of its store, or in SM and in ME'),
    announcesTwice: z.boolean().describe('each +CMTI comes twice'),
    fullSilently: z
      .boolean()
      .describe('a full store is not told, and no +CMTI comes until space was made and the store listed'),
    deletesSiblings: z
      .boolean()
      .describe('deleting one part of a long message deletes the others of its store'),
    carriesClassZero: z.boolean().describe('class 0 messages come as +CMT and are stored nowhere'),
    forgetsAfterCfun: z
      .boolean()
      .describe('CNMI, CMGF, CPMS, CSCS and CSMS are as after power-on when CFUN changed'),
    renameOnReplug: z.boolean().describe('a replug makes a new path (modem-000-r1); the old one is gone'),
    deadSim: z.boolean().describe('the SIM answers with +CME ERROR: 13; another SIM, or false, ends it'),
    registration: z
      .enum(['lost', 'searching', 'denied', 'roaming', 'psOnly', 'csDenied', 'psOnlyNoSms'])
      .nullable()
      .describe(
        '+CREG and +CEREG 0, 2, 3 or 5; psOnly and csDenied: +CREG 0 or 3, +CEREG 1; NoSms: nothing arrives without IMS',
      ),
    refusesCreg: z.boolean().describe('+CREG is refused, as by LTE-only firmware'),
    sending: z
      .union([z.strictObject({ error: z.int(), times }), z.literal('hang'), z.literal('lost')])
      .nullable()
      .describe(
        'after the prompt: +CMS ERROR, no answer, or it is sent and the modem restarts before it says so',
      ),
    bootLoop: count.describe('the modem restarts again and again, every so many ms; 0 ends it'),
  })
  .partial();

export type FaultRequest = z.infer<typeof schema>;

/** Name and meaning of each switch. */
export const faultMeanings: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(schema.shape).map(([name, member]) => [name, meaningOf(member)]),
);

function meaningOf(member: z.ZodType & { unwrap?(): unknown }): string {
  return member.description ?? (member.unwrap?.() as z.ZodType | undefined)?.description ?? '';
}

/**
 * Only what is named changes.
 *
 * @throws SimbankError `emulator.bad_request`, with every mistake.
 */
export function setFaults(faults: Faults, wanted: unknown): void {
  const parsed = schema.safeParse(wanted);
  if (!parsed.success) {
    throw new SimbankError('emulator.bad_request', `no such fault: ${z.prettifyError(parsed.error)}`);
  }
  const { answers = {}, ...switches } = parsed.data;
  Object.assign(faults, switches);
  for (const [line, answer] of Object.entries(answers)) {
    if (answer === null) faults.answers.delete(line);
    else faults.answers.set(line, answer);
  }
}

/** As they are now, in the shape of a request. */
export function shownFaults(faults: Faults): FaultRequest {
  const names = Object.keys(schema.shape).filter((name) => name !== 'answers');
  const switches = Object.fromEntries(names.map((name) => [name, faults[name as keyof Faults]]));
  return { ...switches, answers: Object.fromEntries(faults.answers) };
}
