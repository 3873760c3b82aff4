/**
 * The floor: the same reads, an fsync and a publish for each message, with nothing around them.
 *
 * No decoding, no database, no numbering, no receipts, no recovery: what is left is what the modems, the disk and the
 * broker cost on this machine. Usage: floor.ts DIR BROKER_URL FILE
 */
import { constants, fdatasyncSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ReadStream } from 'node:tty';
import mqtt from 'mqtt';

const [dir = '', url = '', file = ''] = process.argv.slice(2);
const journal = openSync(file, 'a');
const client = mqtt.connect(url, { protocolVersion: 5 });
(client.stream as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true);
await new Promise((resolve) => client.once('connect', resolve));

const names = readdirSync(dir).filter((name) => name.startsWith('modem-'));
await Promise.all(names.map((name) => receive(join(dir, name))));
console.log('ready');

async function receive(path: string): Promise<void> {
  const tty = new ReadStream(openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK));
  let rest = '';
  let answer: string[] = [];
  let answered: (lines: string[]) => void = () => {};
  const hints: string[] = [];
  let busy = true;

  const ask = (command: string): Promise<string[]> =>
    new Promise((resolve) => {
      answer = [];
      answered = resolve;
      tty.write(`${command}\r`);
    });
  const drain = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    for (let index = hints.shift(); index !== undefined; index = hints.shift()) {
      const [, pdu = ''] = await ask(`AT+CMGR=${index}`);
      writeSync(journal, `${pdu}\n`);
      fdatasyncSync(journal);
      client.publish('floor/message', pdu, { qos: 1 });
      await ask(`AT+CMGD=${index}`);
    }
    busy = false;
  };
  tty.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('latin1')).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') continue;
      if (line.startsWith('+CMTI:')) {
        hints.push(line.slice(line.indexOf(',') + 1));
        void drain();
      } else if (line === 'OK' || (line.startsWith('+CM') && line.includes('ERROR'))) answered(answer);
      else answer.push(line);
    }
  });
  for (const command of ['ATE0', 'AT+CMGF=0', 'AT+CPMS="SM","SM","SM"', 'AT+CNMI=2,1,0,0,0'])
    await ask(command);
  busy = false;
}
