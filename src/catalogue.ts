/**
 * The services of the catalogue: which message is of which, by its sender or by its text. A table in
 * config/services.yaml, or the operator's own file in its place.
 *
 * Its patterns run on texts of strangers, so that every one must take a time that grows with the text and no faster:
 * repetitions have an upper bound, and nothing that repeats stands in something else that does.
 */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { beginningsOf, isJoined } from './catalogue-index.ts';
import { messageOf } from './errors.ts';
import { readYaml } from './yaml-file.ts';

export interface Service {
  /** The short code of the SMS-Activate family, or a longer one of our own: `tg`, `kraken`. */
  readonly code: string;
  /** For people: `Telegram`. */
  readonly name: string;
  /** For addresses: `whatsapp-business`. */
  readonly slug: string;
  /** Where the code stands in a text of this service; the first group is the code. For findCode (sms/code.ts). */
  readonly codes: readonly RegExp[];
}

export interface Catalogue {
  readonly services: readonly Service[];
  byCode(code: string): Service | undefined;
  bySlug(slug: string): Service | undefined;
  /** Whether the sender or the text is of this service, or of the one with this code. */
  fits(service: Service | string, from: string, text: string | null): boolean;
  /** Whose message this may be, the likeliest first: by the sender, then by the brand that the text names first. */
  fitting(from: string, text: string | null): Service[];
}

/** In how many ways a pattern may read one stretch of text; more and its time is felt. */
const MOST_WAYS = 4096;

/** Why a regular expression might take long on some text; null when it cannot. */
export function slownessOf(source: string): string | null {
  if (/(?:^|[^\\])(?:\\\\)*\\[1-9k]/.test(source)) return 'refers back to a group';
  // Classes and escapes hold no operators, and how a group begins is all one.
  const bare = source
    .replaceAll(/\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|.)|\[(?:\\.|[^\]\\])*\]/gs, 'a')
    .replaceAll(/\(\?(?:[:=!]|<[=!]|<\w+>)/g, '(');
  /** For each open group, how many alternatives it has and whether there is a choice in it. */
  const open = [{ alternatives: 1, hasChoice: false }];
  let ways = 1;
  for (let at = 0; at < bare.length; at++) {
    const sign = bare[at];
    if (sign === '(') open.push({ alternatives: 1, hasChoice: false });
    const group = open.at(-1)!;
    if (sign === '|') {
      group.alternatives++;
      group.hasChoice = true;
    }
    const closed = sign === ')' && open.length > 1 ? open.pop()! : null;
    ways *= closed?.alternatives ?? 1;
    const [quantifier, least = '', comma = '', most = ''] =
      sign === '(' ? [] : (/^(?:[*+?]|\{(\d+)(,?)(\d*)\})/.exec(bare.slice(at + 1)) ?? []);
    if (quantifier !== undefined) {
      if (quantifier === '*' || quantifier === '+' || (comma !== '' && most === '')) {
        return 'repeats without an upper bound: write {0,40} for *';
      }
      const repetitions = quantifier === '?' ? 1 : Number(most === '' ? least : most);
      if (closed?.hasChoice === true && repetitions > 1) {
        return 'repeats something that can be read in several ways';
      }
      ways *= 1 + (quantifier === '?' ? 1 : repetitions - Number(least));
    }
    if (ways > MOST_WAYS) return 'can be read in too many ways: repeat less, or write several patterns';
    if (quantifier !== undefined || closed?.hasChoice === true) open.at(-1)!.hasChoice = true;
  }
  return null;
}

/** A pattern as it is written: in any case, or as it stands between slashes. `around` makes it one of whole strings. */
const patternOf = (around: (source: string) => string) =>
  z.string().transform((text, context) => {
    const [, exact] = /^\/(.+)\/$/s.exec(text) ?? [];
    const compiled = compile(exact ?? text, around, exact === undefined ? 'giu' : 'gu');
    if (typeof compiled !== 'string' && compiled.exec('') === null) return compiled;
    const fault = typeof compiled === 'string' ? compiled : 'fits a text of nothing';
    context.addIssue({ code: 'custom', message: `"${text}" ${fault}` });
    return z.NEVER;
  });
const anywhere = (source: string): string => source;
const whole = (source: string): string => `^(?:${source})$`;

const Template = z.string().transform((text, context) => {
  const compiled = compile(text, anywhere, 'u');
  const groups = typeof compiled === 'string' ? 0 : (new RegExp(`${text}|`, 'u').exec('')?.length ?? 1) - 1;
  if (typeof compiled !== 'string' && groups === 1) return compiled;
  const fault = typeof compiled === 'string' ? compiled : `has ${groups} groups, not one for the code`;
  context.addIssue({ code: 'custom', message: `"${text}" ${fault}` });
  return z.NEVER;
});

/** The expression, or what is wrong with it. */
function compile(source: string, around: (source: string) => string, flags: string): RegExp | string {
  try {
    return slownessOf(source) ?? new RegExp(around(source), flags);
  } catch (error) {
    return `is not a regular expression: ${messageOf(error)}`;
  }
}

const Entry = z
  .strictObject({
    code: z.string().regex(/^[a-z0-9_]{1,16}$/, 'a code is 1 to 16 of a-z, 0-9 and "_"'),
    name: z.string().min(1),
    slug: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'a slug is words of a-z and 0-9 with "-" between'),
    senders: z.array(patternOf(whole)).default([]),
    texts: z.array(patternOf(anywhere)).default([]),
    codes: z.array(Template).default([]),
  })
  .refine(({ senders, texts }) => senders.length + texts.length > 0, 'has neither senders nor texts');
type Entry = z.output<typeof Entry>;

const Services = z.strictObject({ services: z.array(Entry).min(1) }).superRefine(({ services }, context) => {
  for (const member of ['code', 'slug'] as const) {
    const seen = new Map<string, number>();
    for (const [index, { [member]: value }] of services.entries()) {
      const before = seen.get(value);
      seen.set(value, index);
      if (before === undefined) continue;
      const message = `"${value}" is that of services[${before}] as well`;
      context.addIssue({ code: 'custom', path: ['services', index, member], message });
    }
  }
});

/** Beside this module in the sources; one folder further away in dist. */
const SHIPPED = fileURLToPath(
  new URL(`../${import.meta.url.endsWith('.ts') ? '' : '../'}config/services.yaml`, import.meta.url),
);

/**
 * Reads a catalogue; without a path the one that is shipped.
 *
 * @throws SimbankError `config.invalid` with every fault of the file, each with its path and line.
 */
export function readCatalogue(path: string = SHIPPED): Catalogue {
  const entries = readYaml(Services, path, {}).services;
  const codes = new Map(entries.map((entry) => [entry.code, entry]));
  const slugs = new Map(entries.map((entry) => [entry.slug, entry]));
  const bySender = entriesBy(entries, ({ senders }) => senders.map(bare));
  const byText = entriesBy(entries, ({ texts }) => texts.map(({ source }) => source));

  /** How well a message fits; null when it does not. */
  const fitOf = (entry: Entry, senders: readonly string[], text: string): Fit | null => {
    const sent = senders.some((sender) => entry.senders.some((pattern) => sender.search(pattern) >= 0));
    const places = entry.texts.map((pattern) => placeIn(pattern, text)).filter((place) => place !== null);
    const [first] = places.sort((a, b) => a.start - b.start || b.length - a.length);
    return sent || first !== undefined ? { entry, sent, place: first ?? null } : null;
  };

  return {
    services: entries,
    byCode: (code) => codes.get(code),
    bySlug: (slug) => slugs.get(slug),
    fits(service, from, text) {
      const entry = codes.get(typeof service === 'string' ? service : service.code);
      return entry !== undefined && fitOf(entry, sendersOf(from), spelled(text)) !== null;
    },
    fitting(from, text) {
      const senders = sendersOf(from);
      const plain = spelled(text);
      const likely = new Set([...senders.flatMap(bySender), ...byText(plain)]);
      return [...likely]
        .sort((a, b) => a - b)
        .map((at) => fitOf(entries[at]!, senders, plain))
        .filter((fit) => fit !== null)
        .sort(byLikelihood)
        .map(({ entry }) => entry);
    },
  };
}

/** The places of entries of which a pattern may fit. */
function entriesBy(
  entries: readonly Entry[],
  sources: (entry: Entry) => string[],
): (text: string) => number[] {
  const all = entries.flatMap((entry, at) => sources(entry).map((source) => ({ source, at })));
  const beginnings = beginningsOf(all.map(({ source }) => source));
  return (text) => beginnings.within(text).map((found) => all[found]!.at);
}

/** The pattern of a whole string without what makes it one. */
function bare({ source }: RegExp): string {
  return source.slice('^(?:'.length, -')$'.length);
}

interface Fit {
  readonly entry: Entry;
  /** By its sender. */
  readonly sent: boolean;
  /** Where the text names it. */
  readonly place: Place | null;
}

interface Place {
  readonly start: number;
  readonly length: number;
}

function byLikelihood(a: Fit, b: Fit): number {
  const start = (fit: Fit): number => fit.place?.start ?? Number.MAX_SAFE_INTEGER;
  const length = (fit: Fit): number => fit.place?.length ?? 0;
  return Number(b.sent) - Number(a.sent) || start(a) - start(b) || length(b) - length(a);
}

/** The sender as it is, and without what Indian operators put around it: `VM-AMAZON-S` (TRAI, TCCCPR 2018). */
function sendersOf(from: string): readonly string[] {
  const sender = from.trim();
  const header = /^[A-Z]{2}-([A-Z0-9]{3,9})(?:-[GPST])?$/i.exec(sender)?.[1];
  return header === undefined ? [sender] : [sender, header];
}

function spelled(text: string | null): string {
  return (text ?? '').normalize('NFKC');
}

/** Where the pattern fits whole words: uber fits neither Kuber nor Uberlingen. */
function placeIn(pattern: RegExp, text: string): Place | null {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const end = match.index + match[0].length;
    if (!isJoined(text, match.index - 1) && !isJoined(text, end - 1))
      return { start: match.index, length: match[0].length };
    pattern.lastIndex = match.index + 1;
  }
  return null;
}
