import { LinchpinError } from "@linchpin/core";
import type { Failure } from "./worker-messages.ts";

/** What went wrong between a worker and its token. */
export class Pkcs11Failure extends Error implements Failure {
  override readonly name = "Pkcs11Failure";
  readonly kind: Failure["kind"];
  readonly reason: string | null;

  constructor(kind: Failure["kind"], reason: string | null = null) {
    super(kind);
    this.kind = kind;
    this.reason = reason;
  }
}

/** What the module answers by other than CKR_OK takes the token for lost, where nobody knew better. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Pkcs11Failure) return { kind: error.kind, reason: error.reason };
  if (error instanceof LinchpinError) return { kind: error.code, reason: error.reason ?? null };
  const returned = returnedCode(error);
  if (returned !== null) return { kind: "lost", reason: `the PKCS#11 module answered ${returned}` };
  return { kind: "internal", reason: error instanceof Error ? error.message : null };
}

/** `CKR_…`; null for what no module returned. The binding puts it in front of the number. */
export function returnedCode(error: unknown): string | null {
  return error instanceof Error ? (/^CKR_\w+/.exec(error.message)?.[0] ?? null) : null;
}
