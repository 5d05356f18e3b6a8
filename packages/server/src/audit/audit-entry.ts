import { createHash } from "node:crypto";
import type { LinchpinError } from "@linchpin/core";
import type { AuditEntry } from "@linchpin/store";
import type { Caller, Context } from "../context/index.ts";

/** What an audit event says beside when and of which card. Ids, versions and codes; never a secret. */
export interface AuditFacts {
  /** Protocol and operation, as in `solaris.pin_update_requests`. */
  readonly operation: string;
  readonly caller: Caller | { readonly kind: "house" };
  readonly [fact: string]: unknown;
}

export function auditDone(context: Clocked, subject: AuditSubject, facts: AuditFacts): AuditEntry {
  return entryOf(context, subject, { outcome: "done", ...facts });
}

/** The reason is the operator's: it stands here and in the log, not in the answer. */
export function auditRefused(
  context: Clocked,
  subject: AuditSubject,
  error: LinchpinError,
  facts: AuditFacts,
): AuditEntry {
  return entryOf(context, subject, { outcome: "refused", code: error.code, reason: error.reason, ...facts });
}

type Clocked = Pick<Context, "clock">;

/** A card's id, or for what touches no card the id of the thing it touches. */
export type AuditSubject = { readonly cardId: string } | { readonly id: string };

/** How bounded but untrusted data stands in an audit event. */
export function sha256Hex(text: string | undefined): string | undefined {
  return text === undefined ? undefined : createHash("sha256").update(text).digest("hex");
}

/**
 * A name that a caller gives, in a refusal's audit event: only where it has the form of the house's own, UUIDs and words
 * in lower case. What else stands there may be what should stand elsewhere: a PIN, of which a hash is no better.
 */
export function claimedName(text: string): string | undefined {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^[a-z]+(-[a-z]+)*$/.test(text) ? text : undefined;
}

function entryOf(context: Clocked, subject: AuditSubject, content: Record<string, unknown>): AuditEntry {
  const cardId = "cardId" in subject ? subject.cardId : null;
  const occurredAt = context.clock();
  return {
    subject: "cardId" in subject ? subject.cardId : subject.id,
    cardId,
    occurredAt,
    content: JSON.stringify({ occurredAt, cardId, ...content }),
  };
}
