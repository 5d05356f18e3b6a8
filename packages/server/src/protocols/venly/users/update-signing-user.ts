import { LinchpinError } from "@linchpin/core";
import { parseMessage, readAndWipe, readUserUpdate } from "@linchpin/protocols/venly/issuer";
import type { SigningUser } from "@linchpin/store";
import { auditDone, auditFacts, auditingRefusal } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { venlyAudit } from "../audit.ts";
import { findOwnUser } from "../signing-methods/find-signing-method.ts";

/**
 * Changes or removes a user's reference. The reference is the partner's own name for the user, so the change needs no
 * authorization by a signing method.
 * @throws LinchpinError `user_unknown`, `json_invalid`; `request_invalid`, also for a sealed body
 */
export async function updateSigningUser(
  context: Context,
  caller: PartnerCaller,
  userId: string,
  body: Uint8Array,
): Promise<SigningUser> {
  const user = await findOwnUser(context, caller, userId);
  const facts = auditFacts(venlyAudit["venly.users.update"], caller, { userId });
  return auditingRefusal(context, { id: userId }, facts, async () => {
    const message = await parseMessage(context.primitives, body);
    if ("sealed" in message) throw new LinchpinError("request_invalid", { reason: "a reference is not sealed" });
    const reference = readAndWipe(message.plain, readUserUpdate);
    const auditAndOutbox = { audit: auditDone(context, { id: userId }, facts), outbox: [] };
    const result = await context.store.setSigningUserReference(userId, reference, auditAndOutbox);
    if (result !== "set") throw new LinchpinError("user_unknown");
    return { ...user, reference };
  });
}
