/**
 * A long run of mutated PDUs against the decoder:
 *
 *   node runtime/launch.js node test/fuzz/tpdu.ts --count 1000000 --seed 7
 *
 * PDUs of all types are written from random fields, then damaged: bits flipped, octets cut off, put in, taken out or
 * exchanged, lengths falsified, two PDUs spliced, hex digits spoilt. Watched for:
 *
 *   crash       anything thrown but `sms.malformed` with its field and octet, by the decoder or by what reads its answer
 *   hang        a PDU that takes longer than 50 ms, three times over
 *   unflagged   a PDU that was cut short, or got octets behind its end, and is read with text that was not in it, or
 *               with its text changed, without `partial`
 *   unstable    a message that is written again and does not read the same
 *
 * Prints the seed, the rate and a verdict; exit status 1 when anything of this was seen.
 */
import { parseArgs } from 'node:util';
import { hasCode } from '../../src/errors.ts';
import { assemble } from '../../src/sms/concat.ts';
import { assembledRecordOf, recordOf } from '../../src/sms/record.ts';
import { type DecodedPdu, decodePdu, encodePdu, partIdentity } from '../../src/sms/tpdu.ts';
import { viewOf } from '../../src/sms/view.ts';
import { randomPdu } from './pdus.ts';
import { type Random, randomFrom } from './random.ts';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '100000' }, seed: { type: 'string' } },
});
const count = Number(values.count);
const seed = Number(values.seed ?? Date.now() % 1_000_000_007);
const random = randomFrom(seed);

const HANG_MS = 50;
/** From here on a PDU is timed again, for the host pauses too. */
const AGAIN_MS = 2;
const found = new Map<string, string[]>();
let malformed = 0;
let partial = 0;
let slowestMs = 0;

function report(kind: string, hex: string, what: string): void {
  const list = found.get(kind) ?? [];
  if (list.length < 5) console.error(`${kind}: ${what}\n  ${hex}`);
  list.push(hex);
  found.set(kind, list);
}

/** Everything that is done with a PDU. Null when it was refused as it should be. */
function read(hex: string): DecodedPdu | null {
  const decoded = decode(hex);
  if (decoded === null) return null;
  if (decoded.tpdu.partial) partial++;
  JSON.stringify(recordOf(decoded));
  partIdentity(decoded.tpduHex);
  if (decoded.tpdu.type === 'DELIVER') {
    const { concat } = decoded.tpdu;
    assemble([{ index: concat?.seq ?? 1, tpdu: decoded.tpdu }], concat?.total ?? 1);
    if (concat?.total !== undefined && concat.total < 4) assembledRecordOf([decoded, decoded]);
  }
  return decoded;
}

function decode(hex: string): DecodedPdu | null {
  try {
    return decodePdu(hex);
  } catch (error) {
    const { field, octet } = hasCode(error, 'sms.malformed') ? error.detail : {};
    if (typeof field !== 'string' || !Number.isInteger(octet)) throw error;
    malformed++;
    return null;
  }
}

function textOf({ tpdu }: DecodedPdu): string {
  const userData = tpdu.type === 'STATUS-REPORT' ? tpdu.userData : tpdu;
  if (userData?.data) return Buffer.from(userData.data).toString('hex');
  return userData?.text ?? '';
}

/** Runs one PDU through everything, and times it. */
function watch(hex: string): DecodedPdu | null {
  let decoded: DecodedPdu | null = null;
  try {
    let tookMs = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 3 && tookMs > AGAIN_MS; attempt++) {
      const start = performance.now();
      decoded = read(hex);
      tookMs = Math.min(tookMs, performance.now() - start);
    }
    slowestMs = Math.max(slowestMs, tookMs);
    if (tookMs > HANG_MS) report('hang', hex, `${tookMs.toFixed(0)} ms`);
  } catch (error) {
    report('crash', hex, String(error));
  }
  return decoded;
}

/** Cut short or over-long: nothing may be read that was not there, unless it says so. */
function checkLengths(hex: string, whole: DecodedPdu): void {
  const text = textOf(whole);
  const cut = hex.slice(0, 2 * random.below(hex.length / 2));
  const shorter = watch(cut);
  if (shorter !== null) {
    const left = textOf(shorter);
    // An escape or half a character that stands alone now shows as a space or a mark.
    const kept = text.startsWith(left) || text.startsWith(left.replace(/[ \ufffd]$/, ''));
    if (!kept || (!shorter.tpdu.partial && left !== '' && left !== text))
      report('unflagged', cut, 'cut short');
  }
  const surplus = hex + random.hex(1 + random.below(6));
  const longer = watch(surplus);
  if (longer !== null && longer.tpdu.type !== 'STATUS-REPORT') {
    if (!longer.tpdu.partial || textOf(longer) !== text) report('unflagged', surplus, 'over-long');
  }
}

/** What was read can be written, and then reads the same. */
function checkStable(hex: string, decoded: DecodedPdu): void {
  if (decoded.tpdu.partial) return;
  const again = decodePdu(encodePdu(decoded.smsc, decoded.tpdu));
  if (JSON.stringify(recordOf(again)) !== JSON.stringify(recordOf(decoded)))
    report('unstable', hex, 'written again');
}

type Mutation = (hex: string, random: Random) => string;

const octetAt = (hex: string, random: Random): number => 2 * random.below(Math.max(1, hex.length / 2));

const MUTATIONS: Mutation[] = [
  // A bit.
  (hex, random) => {
    const at = octetAt(hex, random);
    const octet = Number.parseInt(hex.slice(at, at + 2) || '0', 16) ^ (1 << random.below(8));
    return hex.slice(0, at) + octet.toString(16).padStart(2, '0') + hex.slice(at + 2);
  },
  // An octet, anything or a length that hurts.
  (hex, random) => {
    const at = octetAt(hex, random);
    return (
      hex.slice(0, at) +
      random.pick(['00', '01', '7F', '80', 'A0', 'A1', 'FF', random.hex(1)]) +
      hex.slice(at + 2)
    );
  },
  // Cut off, at an octet or in its middle.
  (hex, random) => hex.slice(0, random.below(hex.length + 1)),
  // Put in, taken out, exchanged.
  (hex, random) => {
    const at = octetAt(hex, random);
    return hex.slice(0, at) + random.hex(1 + random.below(4)) + hex.slice(at);
  },
  (hex, random) => {
    const at = octetAt(hex, random);
    return hex.slice(0, at) + hex.slice(at + 2 * (1 + random.below(4)));
  },
  (hex, random) => {
    const [from, to] = [octetAt(hex, random), octetAt(hex, random)].sort((a, b) => a - b) as [number, number];
    return hex.slice(0, from) + hex.slice(to) + hex.slice(from, to);
  },
  // The head of one, the tail of another.
  (hex, random) => hex.slice(0, octetAt(hex, random)) + randomPdu(random).slice(octetAt(hex, random)),
  // Padding.
  (hex, random) => hex + random.pick(['FF', '00']).repeat(random.below(200)),
  // What is no hex.
  (hex, random) => {
    const at = random.below(hex.length + 1);
    return hex.slice(0, at) + random.pick(['G', ' ', '\u0000', 'é', '１', '\ud800', '-']) + hex.slice(at + 1);
  },
  // No PDU at all.
  (_, random) => random.hex(random.below(180)),
];

const start = performance.now();
for (let turn = 0; turn < count; turn++) {
  const original = randomPdu(random);
  let hex = original;
  for (let times = 1 + random.below(3); times > 0; times--) hex = random.pick(MUTATIONS)(hex, random);
  const decoded = watch(hex);
  try {
    if (decoded !== null) checkStable(hex, decoded);
    // One in eight is looked at more closely, in its unharmed form as well.
    if (turn % 8 === 0) {
      const whole = watch(original);
      if (whole === null || whole.tpdu.partial)
        report('unstable', original, 'an unharmed PDU is not read as whole');
      else checkLengths(original, whole);
      if (decoded !== null) viewOf(decoded);
      if (decoded !== null && !decoded.tpdu.partial) checkLengths(hex, decoded);
    }
  } catch (error) {
    report('crash', hex, String(error));
  }
}
const seconds = (performance.now() - start) / 1000;

const problems = [...found].map(([kind, list]) => `${list.length} ${kind}`).join(', ');
console.log(
  `seed ${seed}: ${count} mutated PDUs in ${seconds.toFixed(1)} s (${Math.round(count / seconds)}/s), ` +
    `${malformed} refused, ${partial} partial, slowest ${slowestMs.toFixed(1)} ms: ${problems === '' ? 'nothing wrong' : problems}`,
);
process.exitCode = found.size === 0 ? 0 : 1;
