/** The program's log: JSON lines by pino on standard output. Texts and codes never enter it. */
import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Members that must not reach a log even when a caller hands them over by mistake. */
const SECRETS = [
  'text',
  'dataHex',
  'pdu',
  'pdus',
  'tpdu',
  'code.value',
  'code.raw',
  'pin',
  'password',
  'key',
  'token',
];

/** To standard output, or to the end of a file. */
export function createLog(level: string, file?: string): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: SECRETS, censor: '(secret)' },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return file === undefined ? pino(options) : pino(options, pino.destination({ dest: file, mode: 0o600 }));
}

/** `+12025550143` becomes `+1202•••0143`: enough to recognise one's own number, too little to use it. */
export function maskNumber(number: string): string {
  const plus = number.startsWith('+') ? '+' : '';
  const digits = number.slice(plus.length);
  if (digits.length < 7) return plus + '•'.repeat(digits.length);
  return `${plus}${digits.slice(0, digits.length - 7)}•••${digits.slice(-4)}`;
}

/** A sender as it may be shown in a log: names and short codes as they are, subscribers' numbers masked. */
export function maskSender(sender: string): string {
  return /^\+?\d{7,}$/.test(sender) ? maskNumber(sender) : sender;
}

/**
 * A text as the local page may show it: no digit is readable, nor a run of capitals and digits that may be a code
 * (`QGFDAE`, `G-583921`).
 */
export function maskCodes(text: string): string {
  return text.replace(/\p{Nd}/gu, '•').replace(/[A-Z•][A-Z•-]{3,}/g, (run) => '•'.repeat(run.length));
}
