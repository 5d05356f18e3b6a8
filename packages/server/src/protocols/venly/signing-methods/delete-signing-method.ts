import { LinchpinError } from "@linchpin/core";
import { auditDone, auditFacts, claimedName } from "../../../audit/index.ts";
import type { Context } from "../../../context/index.ts";
import { venlyAudit } from "../audit.ts";
import { venlySigning } from "../operations.ts";
import { runSigningOperation } from "../signing-operation.ts";
import type { UserSigningRequest } from "./add-signing-method.ts";
import { findOwnUser } from "./find-signing-method.ts";

/**
 * Deletes a signing method, authorized by another method of the user. A PIN is never deleted, because every other method
 * was authorized by it, directly or through another method.
 * @throws LinchpinError `user_unknown`, `signing_method_unknown`; `request_invalid` for a PIN, and for a method that is
 * to authorize its own deletion; and what a signing method is refused for
 */
export async function deleteSigningMethod(
  context: Context,
  methodId: string,
  request: UserSigningRequest,
): Promise<void> {
  const { caller, userId } = request;
  const user = await findOwnUser(context, caller, userId);
  const facts = auditFacts(venlyAudit["venly.signing_methods.delete"], caller, {
    userId,
    methodId: claimedName(methodId),
  });
  await runSigningOperation(context, venlySigning, { ...request, user }, facts, async (signed) => {
    const method = user.methods.find(({ id }) => id === methodId);
    if (method === undefined) throw new LinchpinError("signing_method_unknown");
    if (method.type === "PIN") throw refusal("a PIN can not be deleted");
    if (signed.method.id === methodId) throw refusal("another method of the user must authorize the deletion");
    const auditAndOutbox = { audit: auditDone(context, { id: userId }, signed.facts), outbox: [] };
    const result = await signed.commit(true, (authorization) =>
      context.store.deleteSigningMethod({ userId, methodId, authorization, auditAndOutbox }),
    );
    if (result !== "deleted") throw new LinchpinError("signing_method_unknown");
  });
}

function refusal(reason: string): LinchpinError {
  return new LinchpinError("request_invalid", { reason });
}
