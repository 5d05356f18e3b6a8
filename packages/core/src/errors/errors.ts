import { type ErrorCode, sentenceOf } from "#error-sentences";

export type { ErrorCode };

/** One fault of a request's shape. A `request_invalid` that found several carries all of them in `cause`. */
export interface ShapeFault {
  /** The member at fault, with dots between the levels; undefined for a member that is not documented. */
  readonly field: string | undefined;
  readonly reason: string | undefined;
  /** Whether the member is there and of another JSON type. */
  readonly isOtherType: boolean;
  /** The rule that it breaks, where it is one of these. */
  readonly rule?: "missing" | "unknown" | "empty" | undefined;
}

/**
 * The one error class. `code` is stable and safe to show; `message` is its sentence, and in browsers the code
 * alone; `reason` is for the operator, and in the sandbox for the caller. Neither ever holds a value that was received.
 */
export class LinchpinError extends Error {
  override readonly name = "LinchpinError";
  declare readonly code: ErrorCode;
  declare readonly reason: string | undefined;
  /** The member of the request that is at fault, where one is. */
  declare readonly field: string | undefined;

  constructor(code: ErrorCode, about: { reason?: string; field?: string; cause?: unknown } = {}) {
    super(sentenceOf(code), about);
    this.code = code;
    this.reason = about.reason;
    this.field = about.field;
  }
}
