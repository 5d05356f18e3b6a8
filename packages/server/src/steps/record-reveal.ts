import { LinchpinError } from "@linchpin/core";
import type { AuditEntry, ReplayMark } from "@linchpin/store";
import type { Context } from "../context/index.ts";

/** Appends the audit event of a reveal and spends its replay mark, where it has one, in one transaction. @throws LinchpinError `replayed` */
export async function recordReveal(context: Context, mark: ReplayMark | null, audit: AuditEntry): Promise<void> {
  if (mark === null) return context.store.appendAuditEvent(audit);
  if ((await context.store.spend(mark, { audit, outbox: [] })) === "replayed") throw new LinchpinError("replayed");
}
