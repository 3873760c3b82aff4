/**
 * Decodes a second of this codec and of node-pdu, on the same PDUs in the same run: rounds take turns, so that both
 * meet the same noise, and the median counts. Both make the text, which node-pdu leaves to `getText`.
 */
import { pathToFileURL } from 'node:url';
import { parse } from 'node-pdu';
import { assemble } from '../../src/sms/concat.ts';
import { type Deliver, decodePdu } from '../../src/sms/tpdu.ts';
import { ascii, type DeliverParts, deliver, hex, smsc, utf16 } from '../vectors/writer.ts';

export interface DecodeRates {
  gsm7Short: number;
  gsm7Full: number;
  ucs2Full: number;
  /** Messages of three parts, decoded and joined; node-pdu decodes the parts and joins nothing. */
  multipart: number;
}

interface Contest {
  ours: () => void;
  nodePdu: () => void;
}

const SMSC = smsc(0x91, '12025550199');
const code = 'Your code is 482916. '.repeat(8);
const cyrillic = 'Ваш код подтверждения: 482916. Никому его не сообщайте. Спасибо, банк.';

function pdu(parts: DeliverParts): string {
  return hex(...SMSC, ...deliver(parts));
}

const parts = [1, 2, 3].map((seq) =>
  pdu({ udh: [0x00, 3, 0xa7, 3, seq], septets: ascii(code.slice(0, seq < 3 ? 153 : 60)) }),
);

/** The length of all texts read, so that no reading can be left out as useless. */
let characters = 0;

function ours(hexPdu: string): void {
  characters += (decodePdu(hexPdu).tpdu as Deliver).text?.length ?? 0;
}

function nodePdu(hexPdu: string): void {
  const read = parse(hexPdu);
  if ('data' in read) characters += read.data.getText().length;
}

function single(hexPdu: string): Contest {
  return { ours: () => ours(hexPdu), nodePdu: () => nodePdu(hexPdu) };
}

const contests: Record<keyof DecodeRates, Contest> = {
  gsm7Short: single(pdu({ septets: ascii('Hello, world') })),
  gsm7Full: single(pdu({ septets: ascii(code.slice(0, 160)) })),
  ucs2Full: single(pdu({ dcs: 0x08, octets: utf16(cyrillic.slice(0, 70)) })),
  multipart: {
    ours: () => {
      const read = parts.map((part, index) => ({ index: index + 1, tpdu: decodePdu(part).tpdu as Deliver }));
      characters += assemble(read, 3).text?.length ?? 0;
    },
    nodePdu: () => parts.forEach(nodePdu),
  },
};

function ratePerSecond(work: () => void, forMs: number): number {
  const start = performance.now();
  let count = 0;
  let elapsedMs = 0;
  while (elapsedMs < forMs) {
    for (let turn = 0; turn < 200; turn++) work();
    count += 200;
    elapsedMs = performance.now() - start;
  }
  return (1000 * count) / elapsedMs;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

export async function benchDecode(
  rounds = 9,
  roundMs = 60,
): Promise<{ ours: DecodeRates; nodePdu: DecodeRates }> {
  const result = { ours: {} as DecodeRates, nodePdu: {} as DecodeRates };
  for (const name of Object.keys(contests) as (keyof DecodeRates)[]) {
    const contest = contests[name];
    const rates: Record<keyof Contest, number[]> = { ours: [], nodePdu: [] };
    // The first round warms up and does not count.
    for (let round = 0; round <= rounds; round++) {
      for (const who of ['ours', 'nodePdu'] as const) {
        const rate = ratePerSecond(contest[who], roundMs);
        if (round > 0) rates[who].push(rate);
      }
    }
    result.ours[name] = Math.round(median(rates.ours));
    result.nodePdu[name] = Math.round(median(rates.nodePdu));
  }
  return result;
}

/** Prints the rates, one contest a line. */
export async function printDecode(): Promise<void> {
  const result = await benchDecode();
  for (const name of Object.keys(result.ours) as (keyof DecodeRates)[]) {
    const times = (result.ours[name] / result.nodePdu[name]).toFixed(1);
    const figures = `${result.ours[name]}/s, node-pdu ${result.nodePdu[name]}/s, ${times} times`;
    console.log(`decode ${name.padEnd(10)} ${figures}`);
  }
  // What was decoded must have been read, or there was nothing to measure.
  if (characters === 0) throw new Error('nothing was decoded');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await printDecode();
