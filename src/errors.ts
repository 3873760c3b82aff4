/**
 * One error for the whole program: a stable code to branch on, a message for a person, and the place.
 *
 * Codes are dotted, the room first: `at.timeout`, `sms.malformed`, `config.invalid`. Nothing may recognise an
 * error by its message.
 */
export class SimbankError extends Error {
  readonly code: string;
  /** Where and what, for logs and machine-readable output. Never a message text or a code. */
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    detail: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'SimbankError';
    this.code = code;
    this.detail = detail;
  }
}

/** True when `error` carries this code. */
export function hasCode(error: unknown, code: string): error is SimbankError {
  return error instanceof SimbankError && error.code === code;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
