/** Errors as RFC 9457 problem details (api-conventions H-01), and the one table from a code to its HTTP status. */

/** Stable: clients branch on these. */
const STATUS = {
  UNAUTHENTICATED: [401, 'Authentication needed'],
  NOT_FOUND: [404, 'Not found'],
  NUMBER_NOT_FOUND: [404, 'Number not found'],
  INVALID_REQUEST: [400, 'Invalid request'],
  PAYLOAD_TOO_LARGE: [413, 'Payload too large'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'Unsupported media type'],
  INTERNAL_ERROR: [500, 'Internal error'],
} as const satisfies Record<string, readonly [number, string]>;
export type ProblemCode = keyof typeof STATUS;

export interface ProblemFault {
  /** Where in the request: `#/query/since`. */
  readonly pointer: string;
  readonly detail: string;
}

/** Thrown by a route; the server's error handler writes it. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly ProblemFault[];

  constructor(code: ProblemCode, detail: string, errors: readonly ProblemFault[] = []) {
    super(detail);
    this.name = 'ProblemError';
    this.code = code;
    this.errors = errors;
  }

  get status(): number {
    return STATUS[this.code][0];
  }

  /** The body. `message` repeats `detail` for clients that read only that. */
  body(instance: string, requestId: string): Record<string, unknown> {
    return {
      type: 'about:blank',
      title: STATUS[this.code][1],
      status: this.status,
      detail: this.message,
      instance,
      code: this.code,
      message: this.message,
      requestId,
      ...(this.errors.length > 0 ? { errors: this.errors } : {}),
    };
  }
}
