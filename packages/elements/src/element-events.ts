/** The `detail` of `pin-change-failed` and `pin-reveal-failed`. */
export interface FailureDetail {
  /** The code of the LinchpinError; `internal` for whatever else was thrown. */
  readonly code: string;
}

export interface PinChangeEvents {
  "pin-changed": CustomEvent<null>;
  "pin-change-failed": CustomEvent<FailureDetail>;
}

export interface PinRevealEvents {
  "pin-shown": CustomEvent<null>;
  "pin-hidden": CustomEvent<null>;
  "pin-reveal-failed": CustomEvent<FailureDetail>;
}
