import type { ErrorCode, LinchpinError } from "@linchpin/core";
import type { AuditEntry } from "@linchpin/store";
import { type Context, currentRequestId } from "../context/index.ts";
import type { AuditFacts } from "./audit-facts.ts";

type Clocked = Pick<Context, "clock">;

/** The id of the card that an event is about; for an event about no card, the id of the person, partner or other thing. */
export type AuditSubject = { readonly cardId: string } | { readonly id: string };

/** The audit event of an operation that was done. */
export function auditDone(context: Clocked, subject: AuditSubject, facts: AuditFacts): AuditEntry {
  return entryOf(context, subject, { outcome: "done", ...facts.content });
}

/**
 * The audit event of an operation that was refused. The reason is for the operator: the caller does not get it. The code
 * `refused` stands in no event: a statement puts another one in its place.
 */
export function auditRefused(
  context: Clocked,
  subject: AuditSubject,
  { code, reason }: Pick<LinchpinError, "reason"> & { readonly code: ErrorCode | "refused" },
  facts: AuditFacts,
): AuditEntry {
  return entryOf(context, subject, { outcome: "refused", code, reason, ...facts.content });
}

/**
 * The format of every audit event: JSON text with the members in this order, which is hashed as it is. Recorded events
 * keep theirs, so a member may be added and none renamed.
 */
function entryOf(context: Clocked, subject: AuditSubject, content: Readonly<Record<string, unknown>>): AuditEntry {
  const cardId = "cardId" in subject ? subject.cardId : null;
  const occurredAt = context.clock();
  return {
    subject: "cardId" in subject ? subject.cardId : subject.id,
    cardId,
    occurredAt,
    content: JSON.stringify({ occurredAt, cardId, ...content, requestId: currentRequestId() }),
  };
}
