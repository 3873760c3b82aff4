/**
 * The control socket of a bank: one JSON request a line, one JSON answer a line, in order.
 *
 * `{"id":1,"op":"deliver","modem":0,"from":"+12025550143","text":"hello"}` is answered
 * `{"id":1,"ok":true,"result":{…}}`, or `{"id":1,"ok":false,"error":"…"}`. The operations are the table at the end.
 */
import { lstat, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { messageOf, SimbankError } from '../errors.ts';
import type { EmulatedModem } from './modem.ts';

export interface ControlServer {
  close(): Promise<void>;
}

type Request = Readonly<Record<string, unknown>>;
type Operation = (modem: EmulatedModem, request: Request) => unknown;

const LINE_LIMIT = 1024 * 1024;

export async function listenForControl(
  modems: readonly EmulatedModem[],
  path: string,
): Promise<ControlServer> {
  if (await answers(path)) {
    throw new SimbankError(
      'emulator.control_in_use',
      `the control socket ${path} is in use: another bank runs there`,
    );
  }
  const existing = await lstat(path).catch(() => null);
  if (existing !== null) {
    if (!existing.isSocket()) {
      throw new SimbankError(
        'emulator.bad_control',
        `${path} exists and is no socket: choose another control socket`,
      );
    }
    // What a killed emulator left behind.
    await unlink(path);
  }
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, modems);
  });
  await listen(server, path);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new SimbankError(
          'emulator.bad_control',
          `the control socket cannot be made at ${path}: ${error.code} (a path has at most 107 octets)`,
          { path },
        ),
      );
    });
    server.listen(path, resolve);
  });
}

function serve(socket: Socket, modems: readonly EmulatedModem[]): void {
  let input = '';
  // Answers keep the order of their requests, so one is carried out after the other.
  let queue = Promise.resolve();
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    input += chunk;
    const lines = input.split('\n');
    input = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() === '') continue;
      queue = queue.then(async () => {
        const answer = await respond(modems, line);
        if (!socket.destroyed) socket.write(`${answer}\n`);
      });
    }
    if (input.length > LINE_LIMIT) socket.destroy();
  });
}

async function respond(modems: readonly EmulatedModem[], line: string): Promise<string> {
  let id: unknown;
  try {
    const request: unknown = JSON.parse(line);
    if (typeof request !== 'object' || request === null || Array.isArray(request)) {
      throw new SimbankError('emulator.bad_request', 'a request is one JSON object a line');
    }
    id = (request as Request).id;
    const result = await carryOut(modems, request as Request);
    return JSON.stringify({ id, ok: true, result: result ?? {} });
  } catch (error) {
    return JSON.stringify({ id, ok: false, error: messageOf(error) });
  }
}

async function carryOut(modems: readonly EmulatedModem[], request: Request): Promise<unknown> {
  const name = request.op;
  if (name === 'status' && request.modem === undefined) return modems.map(status);
  const operation = typeof name === 'string' ? operations.get(name) : undefined;
  if (operation === undefined) {
    throw new SimbankError(
      'emulator.bad_request',
      `no operation ${JSON.stringify(name)}; there are: ${[...operations.keys()].join(', ')}`,
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

function optionalNumber(request: Request, member: string): number | undefined {
  const value = request[member];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw new SimbankError('emulator.bad_request', `"${member}" is a number from 0`);
  }
  return value;
}

function optionalDate(request: Request, member: string): Date | undefined {
  if (request[member] === undefined) return undefined;
  const date = new Date(text(request, member));
  if (Number.isNaN(date.getTime()))
    throw new SimbankError('emulator.bad_request', `"${member}" is an RFC 3339 time`);
  return date;
}

function storeName(request: Request): 'SM' | 'ME' | undefined {
  const { store } = request;
  if (store === undefined || store === 'SM' || store === 'ME') return store;
  throw new SimbankError('emulator.bad_request', '"store" is "SM" or "ME"');
}

function deliver(modem: EmulatedModem, request: Request): unknown {
  const sentAt = optionalDate(request, 'sentAt');
  const { refBits } = request;
  if (refBits !== undefined && refBits !== 8 && refBits !== 16) {
    throw new SimbankError('emulator.bad_request', '"refBits" is 8 or 16');
  }
  return modem.deliverText({
    from: text(request, 'from'),
    text: text(request, 'text'),
    ...(sentAt && { sentAt }),
    ...(typeof request.zoneQuarters === 'number' && { zoneQuarters: request.zoneQuarters }),
    ...(typeof request.typeOfAddress === 'number' && { typeOfAddress: request.typeOfAddress }),
    ...(refBits && { refBits }),
  });
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
  modem.insertSim({
    iccid: text(card, 'iccid'),
    imsi: text(card, 'imsi'),
    msisdn: card.msisdn == null ? null : text(card, 'msisdn'),
    pin: card.pin == null ? null : text(card, 'pin'),
  });
}

/** Only what is named changes; `clear: true` makes a working device first. */
function fault(modem: EmulatedModem, request: Request): unknown {
  const { faults } = modem;
  if (request.clear === true) faults.clear();
  if (typeof request.hang === 'boolean') faults.hang = request.hang;
  faults.dropUrcs = optionalNumber(request, 'dropUrcs') ?? faults.dropUrcs;
  faults.lateMs = optionalNumber(request, 'lateMs') ?? faults.lateMs;
  faults.latencyMs = optionalNumber(request, 'latencyMs') ?? faults.latencyMs;
  for (const [line, answer] of Object.entries((request.answers ?? {}) as Record<string, unknown>)) {
    if (answer === null) faults.answers.delete(line);
    else faults.answers.set(line, String(answer));
  }
  if (request.noiseHex !== undefined) modem.noise(Buffer.from(text(request, 'noiseHex'), 'hex'));
  const { hang, dropUrcs, lateMs, latencyMs, answers } = faults;
  return { hang, dropUrcs, lateMs, latencyMs, answers: Object.fromEntries(answers) };
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
  ['fault', fault],
]);
