/** What "simbankd doctor" finds. */
/** One thing that was looked at. */
export interface Finding {
  /** What was looked at, as one word: `modemmanager`. */
  readonly check: string;
  /** A `warning` may be as it should; with a `fault` something does not work; what was `skipped` was not looked at. */
  readonly status: 'ok' | 'warning' | 'fault' | 'skipped';
  readonly what: string;
  /** What to do; null where there is nothing to do. */
  readonly remedy: string | null;
}

export function ok(check: string, what: string): Finding {
  return { check, status: 'ok', what, remedy: null };
}

export function warning(check: string, what: string, remedy: string): Finding {
  return { check, status: 'warning', what, remedy };
}

export function skipped(check: string, what: string, remedy: string): Finding {
  return { check, status: 'skipped', what, remedy };
}

export function fault(check: string, what: string, remedy: string): Finding {
  return { check, status: 'fault', what, remedy };
}
