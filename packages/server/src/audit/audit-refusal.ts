import { LinchpinError } from "@linchpin/core";
import type { Context } from "../context/index.ts";
import { type AuditSubject, auditRefused } from "./audit-entry.ts";
import type { AuditFacts } from "./audit-facts.ts";

/** Runs `work`. Where it throws a refusal, appends the audit event of the refusal and throws the same error. */
export async function auditingRefusal<Answer>(
  context: Context,
  subject: AuditSubject,
  facts: AuditFacts,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LinchpinError && !notRefusals.has(error.code))
      await context.store.appendAuditEvent(auditRefused(context, subject, error, facts));
    throw error;
  }
}

/**
 * `unavailable` and `internal` are failures of the issuer. The event of `signing_method_incorrect` is appended by the
 * statement that counts the attempt.
 */
const notRefusals: ReadonlySet<string> = new Set(["unavailable", "internal", "signing_method_incorrect"]);
