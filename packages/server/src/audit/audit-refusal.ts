import { LinchpinError } from "@linchpin/core";
import type { AuditEntry, MarksOfMessage } from "@linchpin/store";
import type { Context } from "../context/index.ts";
import { type AuditSubject, auditRefused } from "./audit-entry.ts";
import type { AuditFacts } from "./audit-facts.ts";

/**
 * Runs `work`. Where it throws a refusal, appends the audit event of the refusal and throws the same error.
 * @param spend the replay marks that a refusal spends, in the statement that writes its audit event
 * @throws LinchpinError `replayed` in place of the refusal: another request with the same message was first
 */
export async function auditingRefusal<Answer>(
  context: Context,
  subject: AuditSubject,
  facts: AuditFacts,
  work: () => Promise<Answer>,
  spend: (error: LinchpinError) => { marks: MarksOfMessage; cardId: string } | null = () => null,
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LinchpinError) || notRefusals.has(error.code)) throw error;
    const audit = auditRefused(context, subject, error, facts);
    const spent = spend(error);
    if (spent === null) await context.store.appendAuditEvent(audit);
    else await spendWith(context, { ...spent, audit, code: error.code });
    throw error;
  }
}

/** @throws LinchpinError `replayed`: another request with the same message was first */
async function spendWith(
  { store }: Context,
  { marks, cardId, code, audit }: { marks: MarksOfMessage; cardId: string; code: string; audit: AuditEntry },
): Promise<void> {
  if ((await store.spend(marks, { audit, outbox: [] }, { cardId, code })) === "spent") return;
  await store.appendAuditEvent(audit);
  throw new LinchpinError("replayed");
}

/**
 * `unavailable` and `internal` are failures of the issuer. The event of `signing_method_incorrect` is appended by the
 * statement that counts the attempt.
 */
const notRefusals: ReadonlySet<string> = new Set(["unavailable", "internal", "signing_method_incorrect"]);
