/** Watching a port: `SIMBANKD_TRACE=/dev/ttyUSB2` (or `all`) writes its dialogue to standard error. */
import { LineSplitter } from './line.ts';
import { openPort, type Port, type PortEvents } from './serial.ts';
import { Veil } from './veil.ts';

const wanted = process.env.SIMBANKD_TRACE;

/** As `openPort`, and shows what passes when this port is to be watched. */
export async function openTraced(
  path: string,
  options: { baudRate: number },
  events: PortEvents,
): Promise<Port> {
  if (wanted !== 'all' && wanted !== path) return openPort(path, options, events);
  // Line by line: a piece of a message would not be known as such.
  const splitter = new LineSplitter();
  const veil = new Veil();
  const port = await openPort(path, options, {
    ...events,
    data: (chunk) => {
      for (const token of splitter.push(chunk.toString('latin1')))
        show(path, '<', token.kind === 'line' ? veil.heard(token.text) : '> ');
      events.data(chunk);
    },
  });
  return {
    ...port,
    write: (bytes) => {
      for (const line of bytes.split(/[\r\n]+/)) if (line !== '') show(path, '>', veil.written(line));
      port.write(bytes);
    },
  };
}

function show(path: string, direction: '<' | '>', line: string): void {
  const shown = JSON.stringify(line).slice(1, -1);
  process.stderr.write(`${new Date().toISOString()} ${path} ${direction} ${shown}\n`);
}
