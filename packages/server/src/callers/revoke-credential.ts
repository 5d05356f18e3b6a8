import { LinchpinError } from "@linchpin/core";
import { type AuditCaller, auditDone, auditFacts, issuerAudit } from "../audit/index.ts";
import type { Context } from "../context/index.ts";
import { forgetCallers } from "./remember-caller.ts";

/**
 * Revokes a credential of this partner and every token that it was given. Other servers accept them for up to one second
 * more.
 * @throws LinchpinError `not_found`: no such credential, or it is another partner's, or it was revoked before
 */
export async function revokeCredential(
  context: Context,
  caller: AuditCaller,
  { partnerId, clientId }: { partnerId: string; clientId: string },
): Promise<void> {
  const facts = auditFacts(issuerAudit["issuer.credential.revoke"], caller, { partnerId, clientId });
  const audit = auditDone(context, { id: partnerId }, facts);
  const result = await context.store.revokeCredential({ partnerId, clientId }, context.clock(), { audit, outbox: [] });
  forgetCallers(context);
  if (result === "unknown") throw new LinchpinError("not_found");
}
