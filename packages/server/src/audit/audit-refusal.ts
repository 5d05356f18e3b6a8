import { LinchpinError } from "@linchpin/core";
import type { Context } from "../context/index.ts";
import { type AuditFacts, type AuditSubject, auditRefused } from "./audit-entry.ts";

/** Runs `work`; where it refuses, appends an audit event, then throws the refusal on. */
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

/** A failure of the issuer is no refusal. The statement that counts a wrong signing method writes its own audit event. */
const notRefusals: ReadonlySet<string> = new Set(["unavailable", "internal", "signing_method_incorrect"]);
