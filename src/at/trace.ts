/** Watching a port: `SIMBANKD_TRACE=/dev/ttyUSB2` (or `all`) writes its dialogue to standard error. */
import type { Port } from './serial.ts';

const wanted = process.env.SIMBANKD_TRACE;

/** The port itself, or a wrapper that shows what is written, when this one is to be watched. */
export function traced(port: Port): Port {
  if (!isTraced(port.path)) return port;
  return {
    ...port,
    write: (bytes) => {
      show(port.path, '>', bytes);
      port.write(bytes);
    },
  };
}

export function isTraced(path: string): boolean {
  return wanted !== undefined && (wanted === 'all' || wanted === path);
}

/** One line a line of the dialogue; a PDU is a message and therefore a secret, so only its length is shown. */
export function show(path: string, direction: '<' | '>', bytes: string): void {
  for (const line of bytes.split(/[\r\n]+/)) {
    if (line === '') continue;
    const shown = line
      .replace(/[0-9A-Fa-f]{24,}/g, (hex) => `(${hex.length / 2} octets)`)
      .replace(/(\+CPIN=).*/, '$1(secret)');
    process.stderr.write(
      `${new Date().toISOString()} ${path} ${direction} ${JSON.stringify(shown).slice(1, -1)}\n`,
    );
  }
}
