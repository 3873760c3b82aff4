/** What has a form of its own and needs no weighing: origin-bound codes, a service's templates, addresses, hashes. */
import { type NormalText, normalise, originalOf } from './text.ts';

/** Where in the normal text something was found, with the value that is handed out. */
export interface Found {
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

/**
 * The code of an origin-bound message: its last line is `@host #code`, with more such words after it at most (WICG
 * «Origin-bound one-time codes delivered via SMS»). A tag without a digit is taken for an advert's unless the text
 * speaks of codes.
 */
export function originBoundCode({ plain }: NormalText, speaksOfCodes: () => boolean): Found | null {
  const [start, end] = lastLine(plain);
  const line = /^@(\S{3,255}) #(\S{3,64})(?: [%@#]\S{1,255}){0,3}$/.exec(plain.slice(start, end));
  const [whole, host, code] = line ?? [];
  if (whole === undefined || host === undefined || code === undefined) return null;
  if (
    !/^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z][a-z0-9-]+(?::\d{1,5})?$/i.test(host) &&
    !/^localhost(?::\d+)?$/.test(host)
  )
    return null;
  if (!/\d/.test(code) && !speaksOfCodes()) return null;
  const from = start + whole.indexOf('#', host.length) + 1;
  return { start: from, end: from + code.length, value: bareValue(code) };
}

/** What the first fitting template captures. */
export function templateCode(
  text: NormalText,
  patterns: readonly RegExp[],
): { value: string; raw: string } | null {
  for (const pattern of patterns) {
    for (const written of [text.original, text.plain]) {
      // A pattern with g or y keeps its place from one text to the next.
      pattern.lastIndex = 0;
      const match = pattern.exec(written);
      pattern.lastIndex = 0;
      const captured = match?.[1];
      if (match === null || captured === undefined || captured === '') continue;
      const value = bareValue(normalise(captured).plain);
      if (value === '') continue;
      const inside = match[0].indexOf(captured);
      const place = match.index + inside;
      const prefix = /[A-Z]{1,4}-$/.exec(written.slice(Math.max(0, place - 5), place))?.[0] ?? '';
      const [from, to] = [place - prefix.length, place + captured.length];
      return { value, raw: written === text.original ? written.slice(from, to) : originalOf(text, from, to) };
    }
  }
  return null;
}

export function bareValue(written: string): string {
  return written.replaceAll(/[\s-]/g, '');
}

/** Stretches whose digits are never a code: links, e-mail addresses, a host-bound last line, the app hash of a retriever. */
export function struckStretches({ plain }: NormalText): [number, number][] {
  const stretches: [number, number][] = [];
  for (const match of plain.matchAll(ADDRESS)) {
    if (isAddress(match[0]))
      stretches.push([match.index, match.index + match[0].replace(/[.,;:!?)\]»"']{1,8}$/, '').length]);
  }
  const [start, end] = lastLine(plain);
  const hash = /(?:^|\s)([A-Za-z0-9+/]{11})$/.exec(plain.slice(Math.max(start, end - 12), end))?.[1];
  // Base64 has capitals and small letters; a word of eleven letters has not, except behind the mark of a retriever.
  if (
    hash !== undefined &&
    (plain.startsWith('<#>') || (/[A-Z]/.test(hash.slice(1)) && /[a-z]/.test(hash)) || /[+/]/.test(hash))
  ) {
    stretches.push([end - 11, end]);
  }
  return merged(stretches);
}

/** A word that could be an address; what it is, isAddress says. Bounded, so that no text takes long. */
const ADDRESS =
  /(?<![^\s([{<"'«»:：,，。、!？（【])[^\s()[\]{}<>"'«»，。、：（）【】\u3000-\u303f\u4e00-\u9fff]{4,2048}/g;

function isAddress(word: string): boolean {
  if (/^(?:[a-z][a-z0-9+.-]{1,15}:\/\/|www\.)\S/i.test(word) || /:\/\//.test(word)) return true;
  if (/^[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/.test(word)) return true;
  const host = /^((?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})(\/\S*|[?#:]\S*)?[.,;:!?)]{0,8}$/i.exec(word);
  if (host === null || !/[a-z]/i.test(host[1]!.slice(0, host[1]!.lastIndexOf('.')))) return false;
  return host[2]?.startsWith('/') === true || TOP_LEVEL.test(host[1]!);
}

/** Names of domains that texts give without a path; «482915.Do not share» is none. */
const TOP_LEVEL =
  /\.(?:com|net|org|io|app|co|me|info|biz|dev|shop|online|site|link|ly|gl|gov|edu|eu|uk|us|ca|au|nz|ie|de|at|ch|fr|be|nl|es|pt|it|pl|cz|sk|hu|ro|bg|gr|tr|ru|ua|by|kz|rs|hr|si|se|no|dk|fi|ee|lv|lt|il|ae|sa|eg|ir|in|pk|bd|lk|np|th|vn|id|my|sg|ph|cn|tw|hk|jp|kr|br|mx|ar|cl|pe|za|ng|ke|tz|gh|example|test|page|cc|tv|gg|to|ai|xyz)$/i;

function lastLine(plain: string): [number, number] {
  let end = plain.length;
  while (end > 0 && /\s/.test(plain[end - 1]!)) end--;
  return [plain.lastIndexOf('\n', end - 1) + 1, end];
}

function merged(stretches: [number, number][]): [number, number][] {
  const result: [number, number][] = [];
  for (const [start, end] of stretches.sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else result.push([start, end]);
  }
  return result;
}
