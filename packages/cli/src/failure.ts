import { type ErrorCode, LinchpinError } from "@linchpin/core";
import { CommanderError } from "commander";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

/** Ends a command: one sentence that says what is wrong and what to do next. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: ExitCode;
  /** The code by which the issuer refused; null: it did not, or named none. */
  readonly refusedBy: string | null;

  constructor(exitCode: ExitCode, sentence: string, refusedBy: string | null = null) {
    super(sentence);
    this.exitCode = exitCode;
    this.refusedBy = refusedBy;
  }
}

/** Ends a command whose output has said already what is wrong. */
export class Ended extends Error {
  override readonly name = "Ended";
  readonly exitCode: number;
  /** What is still under way is not awaited. */
  readonly atOnce: boolean;

  constructor(exitCode: number, { atOnce = false } = {}) {
    super(`ended with ${exitCode}`);
    this.exitCode = exitCode;
    this.atOnce = atOnce;
  }
}

/** Any error as a failure. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof LinchpinError) return linchpinFailure(error);
  if (error instanceof Error && /^(Exit|Abort)PromptError$/.test(error.name))
    return new Failure(exitCodes.interrupted, "interrupted, nothing was sent");
  return (
    systemFailure(error) ?? new Failure(exitCodes.internal, `${error}: run it again with LINCHPIN_LOG_LEVEL=debug`)
  );
}

/** Commander has printed its own words by then. Null: no error of the command line. */
export function usageFailure(error: unknown): Failure | null {
  if (!(error instanceof CommanderError)) return null;
  return new Failure(error.exitCode === 0 ? exitCodes.done : exitCodes.usage, error.message);
}

const exitCodesOf: Partial<Record<ErrorCode, ExitCode>> = {
  settings_invalid: exitCodes.settings,
  storage_in_use: exitCodes.inUse,
  unavailable: exitCodes.unreachable,
  internal: exitCodes.internal,
  random_unavailable: exitCodes.internal,
};

const nextSteps: Partial<Record<ErrorCode, string>> = {
  storage_in_use: "stop it (another `linchpin serve`?), or set LINCHPIN_DATA to another folder",
  unavailable: "look at LINCHPIN_DATABASE_URL, and whether that database runs",
  manifest_refused: "nothing was sealed; whoever relays lies, or the pinned roots are another issuer's",
  manifest_expired: "nothing was sealed",
  issuer_key_unvouched: "nothing was sealed; whoever relays handed on a key that is not the issuer's",
};

/** Whose sentence says more to whoever types than the reason. */
const saidByCode: readonly ErrorCode[] = ["storage_in_use", "manifest_refused"];

function linchpinFailure(error: LinchpinError): Failure {
  const what = saidByCode.includes(error.code) ? error.message : (error.reason ?? error.message);
  const sentence = [what, nextSteps[error.code]].filter((part) => part !== undefined).join(": ");
  return new Failure(exitCodesOf[error.code] ?? exitCodes.refused, sentence);
}

function systemFailure(error: unknown): Failure | null {
  const { code, port, path } = error as { code?: unknown; port?: unknown; path?: unknown };
  if (code === "EADDRINUSE")
    return new Failure(
      exitCodes.inUse,
      `port ${port} is in use: stop who has it, or set LINCHPIN_PORT, or LINCHPIN_HEALTH_PORT, to another`,
    );
  if (code === "EADDRNOTAVAIL")
    return new Failure(exitCodes.settings, "this machine has no such address: set LINCHPIN_HOST to one of its own");
  if (code === "EACCES" && port !== undefined)
    return new Failure(exitCodes.settings, `port ${port} is not for this user: set LINCHPIN_PORT to one above 1023`);
  if ((code === "EACCES" || code === "EROFS") && typeof path === "string")
    return new Failure(exitCodes.settings, `${path} can not be written by this user: look at its owner and mode`);
  return null;
}
