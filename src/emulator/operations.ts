/** What can be asked over the control socket: the table at the end. */
import { SimbankError } from '../errors.ts';
import { faultMeanings, setFaults, shownFaults } from './fault-request.ts';
import type { EmulatedModem } from './modem.ts';
import type { StoreName } from './settings.ts';

export type Request = Readonly<Record<string, unknown>>;
type Operation = (modem: EmulatedModem, request: Request) => unknown;

/** @throws SimbankError `emulator.bad_request` for what no modem can do, and whatever the modem throws. */
export async function carryOut(modems: readonly EmulatedModem[], request: Request): Promise<unknown> {
  const name = request.op;
  if (name === 'faults') return faultMeanings;
  if (name === 'status' && request.modem === undefined) return modems.map(status);
  const operation = typeof name === 'string' ? operations.get(name) : undefined;
  if (operation === undefined) {
    throw new SimbankError(
      'emulator.bad_request',
      `no operation ${JSON.stringify(name)}; there are: ${[...operations.keys(), 'faults'].join(', ')}`,
    );
  }
  const index = request.modem;
  const modem = typeof index === 'number' ? modems[index] : undefined;
  if (modem === undefined) {
    throw new SimbankError('emulator.bad_request', `"modem" is a number from 0 to ${modems.length - 1}`);
  }
  return await operation(modem, request);
}

function status(modem: EmulatedModem): unknown {
  const { index, path, persona, imei, sim, plugged, powered } = modem;
  return {
    modem: index,
    path,
    persona,
    imei,
    sim: sim && { iccid: sim.iccid, imsi: sim.imsi, msisdn: sim.msisdn },
    plugged,
    powered,
    pending: modem.pending(),
    stored: { SM: modem.stored('SM').length, ME: modem.stored('ME').length },
  };
}

function text(request: Request, member: string): string {
  const value = request[member];
  if (typeof value !== 'string') throw new SimbankError('emulator.bad_request', `"${member}" is a string`);
  return value;
}

function optionalDate(request: Request, member: string): Date | undefined {
  if (request[member] === undefined) return undefined;
  const date = new Date(text(request, member));
  if (Number.isNaN(date.getTime()))
    throw new SimbankError('emulator.bad_request', `"${member}" is an RFC 3339 time`);
  return date;
}

function storeName(request: Request): StoreName | undefined {
  const { store } = request;
  if (store === undefined || store === 'SM' || store === 'ME' || store === 'SR') return store;
  throw new SimbankError('emulator.bad_request', '"store" is "SM", "ME" or "SR"');
}

function deliver(modem: EmulatedModem, request: Request): unknown {
  const sentAt = optionalDate(request, 'sentAt');
  const { refBits, messageClass } = request;
  if (refBits !== undefined && refBits !== 8 && refBits !== 16) {
    throw new SimbankError('emulator.bad_request', '"refBits" is 8 or 16');
  }
  if (messageClass !== undefined && !isClass(messageClass)) {
    throw new SimbankError('emulator.bad_request', '"messageClass" is a number from 0 to 3');
  }
  return modem.deliverText({
    from: text(request, 'from'),
    text: text(request, 'text'),
    ...(sentAt && { sentAt }),
    ...(typeof request.zoneQuarters === 'number' && { zoneQuarters: request.zoneQuarters }),
    ...(typeof request.typeOfAddress === 'number' && { typeOfAddress: request.typeOfAddress }),
    ...(refBits && { refBits }),
    ...(messageClass !== undefined && { messageClass }),
  });
}

function isClass(value: unknown): value is 0 | 1 | 2 | 3 {
  return value === 0 || value === 1 || value === 2 || value === 3;
}

function insertSim(modem: EmulatedModem, request: Request): void {
  const { sim } = request;
  if (sim === undefined) {
    modem.insertSim();
    return;
  }
  if (typeof sim !== 'object' || sim === null)
    throw new SimbankError('emulator.bad_request', '"sim" is an object');
  const card = sim as Request;
  const inserted = modem.insertSim({
    iccid: text(card, 'iccid'),
    imsi: text(card, 'imsi'),
    msisdn: card.msisdn == null ? null : text(card, 'msisdn'),
    pin: card.pin == null ? null : text(card, 'pin'),
  });
  if (card.ownNumber !== undefined) inserted.ownNumber = card.ownNumber as string | null;
}

/** `clear` makes a working device first; `noiseHex` is sent at once. */
function fault(modem: EmulatedModem, request: Request): unknown {
  const { id: _id, op: _op, modem: _modem, clear, noiseHex, ...switches } = request;
  if (clear === true) modem.faults.clear();
  setFaults(modem.faults, switches);
  if (noiseHex !== undefined) modem.noise(Buffer.from(text(request, 'noiseHex'), 'hex'));
  return shownFaults(modem.faults);
}

function endCall(modem: EmulatedModem): void {
  for (const call of modem.calls) call.end('given up');
}

function shownCalls(modem: EmulatedModem): unknown {
  return modem.calls.map(({ from, rings, answered, ended }) => ({ from, rings, answered, ended }));
}

const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['status', status],
  ['deliver', deliver],
  ['deliver-tpdu', (modem, request) => modem.deliverTpdu(text(request, 'tpdu'))],
  ['pending', (modem) => modem.pending()],
  ['stored', (modem, request) => modem.stored(storeName(request))],
  ['counters', (modem) => modem.counters()],
  ['log', (modem) => modem.log],
  ['sent', (modem) => modem.sent],
  ['unplug', (modem) => modem.unplug()],
  ['replug', (modem) => modem.replug()],
  ['reboot', (modem) => modem.reboot()],
  ['remove-sim', (modem) => void modem.removeSim()],
  ['insert-sim', insertSim],
  ['announce', (modem, request) => ({ sent: modem.announce(text(request, 'urc')) })],
  ['ring', (modem, request) => void modem.ring(text(request, 'from'))],
  ['end-call', endCall],
  ['calls', shownCalls],
  ['urc-tty', async (modem) => ({ path: await modem.urcTty() })],
  ['fault', fault],
]);
