import { LinchpinError } from "@linchpin/core";
import type { AuditEntry, ReplayMark } from "@linchpin/store";
import type { House } from "../context/context.ts";

/** Writes a reveal down, and spends its mark where it has one: both or neither. @throws LinchpinError `replayed` */
export async function settleReveal(house: House, mark: ReplayMark | null, audit: AuditEntry): Promise<void> {
  if (mark === null) return house.store.appendAuditEvent(audit);
  if ((await house.store.spend(mark, { audit, outbox: [] })) === "replayed") throw new LinchpinError("replayed");
}
