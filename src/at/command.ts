/** What a command's text tells of it: whether it may be said twice, and what of it may be shown. Pure. */

/**
 * Set commands that a busy modem is not sent again on one's own: what they do is not the same the second time, or not
 * after a while. A place of the store may hold another message by then (+CMGD), a PIN has three tries, an APDU and a USSD
 * string belong to a session.
 */
const ONCE = new Set([
  'CMGS',
  'CMGW',
  'CMSS',
  'CMGC',
  'CMGD',
  'CNMA',
  'CUSD',
  'CPIN',
  'CPWD',
  'CLCK',
  'CPBW',
]);
const SESSION = new Set(['CSIM', 'CGLA', 'CCHO', 'CCHC', 'CRSM']);

/** Whether a command may be sent once more after the modem has said that it is busy. */
export function mayRepeat(command: string): boolean {
  if (command.endsWith('?')) return true;
  const name = /^AT[+^*#!$&]([A-Z0-9_]+)/i.exec(command)?.[1]?.toUpperCase();
  // Basic commands (ATD) have no name; none of them is refused for being busy but those that call.
  return name !== undefined && !ONCE.has(name) && !SESSION.has(name);
}

/** Wherever it stands in the line: an operator's own may hold several commands. An APDU may verify a PIN. */
const SECRET = /([+^*#!$](?:CPIN\w*|CPWD|CLCK|CUSD|CSIM|CGLA)\s*=).+/is;

/** For logs and errors: PINs and what is said to an operator stay out of them. */
export function withoutSecrets(command: string): string {
  return command.replace(SECRET, '$1(secret)');
}
