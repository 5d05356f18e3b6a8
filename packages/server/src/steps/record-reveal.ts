import { LinchpinError } from "@linchpin/core";
import type { AuditEntry, ReplayMark } from "@linchpin/store";
import type { Context } from "../context/index.ts";

/** Writes a reveal down, and spends its mark where it has one: both or neither. @throws LinchpinError `replayed` */
export async function recordReveal(context: Context, mark: ReplayMark | null, audit: AuditEntry): Promise<void> {
  if (mark === null) return context.store.appendAuditEvent(audit);
  if ((await context.store.spend(mark, { audit, outbox: [] })) === "replayed") throw new LinchpinError("replayed");
}
