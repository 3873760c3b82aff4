/** Watching a port: `SIMBANKD_TRACE=/dev/ttyUSB2` (or `all`) writes its dialogue to standard error. */
import { withoutSecrets } from './command.ts';
import { LineSplitter } from './line.ts';
import { openPort, type Port, type PortEvents } from './serial.ts';

const wanted = process.env.SIMBANKD_TRACE;

/** As `openPort`, and shows what passes when this port is to be watched. */
export async function openTraced(
  path: string,
  options: { baudRate: number },
  events: PortEvents,
): Promise<Port> {
  if (wanted !== 'all' && wanted !== path) return openPort(path, options, events);
  // Shown line by line: of a PDU, which is a message and a secret, only the length may be seen, and a piece of one would
  // not be known as such.
  const splitter = new LineSplitter();
  const port = await openPort(path, options, {
    ...events,
    data: (chunk) => {
      for (const token of splitter.push(chunk.toString('latin1'))) {
        show(path, '<', token.kind === 'line' ? token.text : '> ');
      }
      events.data(chunk);
    },
  });
  return {
    ...port,
    write: (bytes) => {
      show(path, '>', bytes);
      port.write(bytes);
    },
  };
}

function show(path: string, direction: '<' | '>', bytes: string): void {
  for (const line of bytes.split(/[\r\n]+/)) {
    if (line === '') continue;
    // A quoted string of some length is a text or a number; names of stores and settings are short.
    const shown = withoutSecrets(line)
      .replace(/[0-9A-Fa-f]{24,}/g, (hex) => `(${hex.length / 2} octets)`)
      .replace(/"([^"]{9,})("|$)/g, (_, text: string) => `"(${text.length} characters)"`);
    process.stderr.write(
      `${new Date().toISOString()} ${path} ${direction} ${JSON.stringify(shown).slice(1, -1)}\n`,
    );
  }
}
