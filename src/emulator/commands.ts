/** The command table: from a command's name to what it does. Personas add to it and override it. */
import type { Device } from './device.ts';
import { generalCommands } from './general.ts';
import { messageCommands } from './messages.ts';
import { networkCommands } from './registration.ts';
import { cme, ERROR, type Reply } from './reply.ts';
import { simCommands } from './simcard.ts';
import type { Call } from './syntax.ts';

export type Command = (device: Device, call: Call) => Reply;

const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({ ...generalCommands, ...networkCommands, ...simCommands, ...messageCommands }),
);

export function execute(device: Device, call: Call): Reply {
  const { persona, settings } = device;
  const command = persona.commands[call.name] ?? commands.get(call.name);
  if (command !== undefined) return command(device, call);
  const kept = settings.kept.get(call.name);
  if (kept !== undefined) return keep(device, call, kept);
  return persona.unknownCommand === null ? ERROR : cme(persona.unknownCommand);
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
