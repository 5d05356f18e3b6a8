import { LinchpinError } from "@linchpin/core";
import type { WorkerFailure } from "./worker-messages.ts";

/** A failure between the vault and its token. The pool turns it into a LinchpinError, or tries again. */
export class Pkcs11Failure extends Error implements WorkerFailure {
  override readonly name = "Pkcs11Failure";
  readonly kind: WorkerFailure["kind"];
  readonly reason: string | null;

  constructor(kind: WorkerFailure["kind"], reason: string | null = null) {
    super(kind);
    this.kind = kind;
    this.reason = reason;
  }
}

/** A return code that no caller has handled means that the token is in trouble: the worker counts it as `lost`. */
export function toFailure(error: unknown): WorkerFailure {
  if (error instanceof Pkcs11Failure) return { kind: error.kind, reason: error.reason };
  if (error instanceof LinchpinError) return { kind: error.code, reason: error.reason ?? null };
  const returned = returnedCode(error);
  if (returned !== null) return { kind: "lost", reason: `the PKCS#11 module answered ${returned}` };
  return { kind: "internal", reason: error instanceof Error ? error.message : null };
}

/** The module's return code, `CKR_…`; null for an error of another origin. pkcs11js begins its messages with the code. */
export function returnedCode(error: unknown): string | null {
  return error instanceof Error ? (/^CKR_\w+/.exec(error.message)?.[0] ?? null) : null;
}
