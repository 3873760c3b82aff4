/** From a command to what it does: what is common to all modems, what a persona does otherwise, what a transcript shows. */

import { callCommands } from './calls.ts';
import type { Device } from './device.ts';
import { generalCommands } from './general.ts';
import { messageCommands } from './messages.ts';
import { networkCommands } from './registration.ts';
import { isInformation, OK, type Reply } from './reply.ts';
import { sendingCommands } from './sending.ts';
import { simCommands } from './simcard.ts';
import { spelled } from './spelling.ts';
import type { Call } from './syntax.ts';
import { ussdCommands } from './ussd.ts';

export type Command = (device: Device, call: Call) => Reply;

const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    ...generalCommands,
    ...networkCommands,
    ...simCommands,
    ...messageCommands,
    ...sendingCommands,
    ...ussdCommands,
    ...callCommands,
  }),
);

export function execute(device: Device, call: Call): Reply {
  const { faults, persona } = device;
  const instead = faults.insteadOf(call.name);
  if (instead !== null) return instead;
  const reply = faults.spoil(call.name, carryOut(device, call));
  if (isInformation(reply) && call.form === 'read' && persona.withoutOk.includes(call.name)) {
    return { unfinished: reply, brokenOff: false };
  }
  return reply;
}

function carryOut(device: Device, call: Call): Reply {
  const { persona, settings } = device;
  const sent = sentAs(call);
  if (persona.resets.includes(sent)) {
    device.line.afterwards(() => device.restart('reset'));
    return OK;
  }
  const own = persona.commands[call.name];
  if (own !== undefined) return own(device, call);
  const spelling = persona.spellings.get(sent);
  if (spelling !== undefined) return spelled(device, spelling);
  const worn = persona.transcript.exchanges.get(sent);
  // A refusal changes nothing in a modem, nor does a test form: the family's own words go first.
  if (worn !== undefined && (worn.refusal !== null || call.form === 'test'))
    return worn.refusal ?? worn.lines;
  if (persona.radio !== null && (sent === persona.radio.off || sent === persona.radio.on)) {
    device.setFunctionality(sent === persona.radio.on ? 1 : 4);
    return worn?.lines ?? OK;
  }
  if (sent === persona.quietedBy) device.quieted = true;

  const command = persona.lacks.includes(call.name) ? undefined : commands.get(call.name);
  if (command !== undefined) return command(device, call);
  const kept = settings.kept.get(call.name);
  if (kept !== undefined) return keep(device, call, kept);
  if (worn !== undefined) return worn.lines;
  return sent === persona.quietedBy ? OK : persona.unknownCommand;
}

/** As transcripts and personas name it. */
function sentAs({ name, form, args }: Call): string {
  switch (form) {
    case 'run':
      return name + args;
    case 'read':
      return `${name}?`;
    case 'test':
      return `${name}=?`;
    case 'set':
      return `${name}=${args.toUpperCase()}`;
  }
}

/** A parameter that is only kept. */
function keep(device: Device, call: Call, value: string): Reply {
  switch (call.form) {
    case 'read':
      return [`${call.name}: ${value}`];
    case 'set':
      device.settings.kept.set(call.name, call.args);
      return [];
    case 'test':
    case 'run':
      return [];
  }
}
