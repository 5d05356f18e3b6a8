import { LinchpinError } from "@linchpin/core";
import { readMethodUpdate } from "@linchpin/protocols/venly/issuer";
import type { SigningMethod } from "@linchpin/store";
import { auditDone, auditFacts, claimedName } from "../../../audit/index.ts";
import type { Context } from "../../../context/index.ts";
import { macOfValue } from "../../../signing/index.ts";
import { venlyAudit } from "../audit.ts";
import { openBody } from "../body-operation.ts";
import { venlyBody, venlySigning } from "../operations.ts";
import { runSigningOperation, type SignedRequest } from "../signing-operation.ts";
import { type UserSigningRequest, type WithMadeCode, withNewValue } from "./add-signing-method.ts";
import { findOwnUser } from "./find-signing-method.ts";

/**
 * Changes the value of a signing method, authorized by any method of the user. A locked method is changed too: that
 * unlocks it.
 * @throws LinchpinError `user_unknown`, `signing_method_unknown`, `signing_method_malformed`, and what a body and a
 * signing method are refused for
 */
export async function updateSigningMethod(
  context: Context,
  methodId: string,
  request: UserSigningRequest,
): Promise<WithMadeCode<SigningMethod>> {
  const { caller, userId } = request;
  const user = await findOwnUser(context, caller, userId);
  const facts = auditFacts(venlyAudit["venly.signing_methods.update"], caller, {
    userId,
    methodId: claimedName(methodId),
  });
  return runSigningOperation(context, venlySigning, { ...request, user }, facts, (signed) => {
    const method = user.methods.find(({ id }) => id === methodId);
    if (method === undefined) throw new LinchpinError("signing_method_unknown");
    return update(context, request, method, signed);
  });
}

async function update(
  context: Context,
  { userId, body }: UserSigningRequest,
  method: SigningMethod,
  { commit, facts }: SignedRequest,
): Promise<WithMadeCode<SigningMethod>> {
  const { content, mark } = await openBody(context, venlyBody, body, readMethodUpdate);
  return withNewValue(context, method.type, content.value, async (value) => {
    const mac = await macOfValue(context, method, value);
    const auditAndOutbox = { audit: auditDone(context, { id: userId }, facts), outbox: [] };
    const result = await commit(true, (authorization) =>
      context.store.updateSigningMethod({ userId, methodId: method.id, mac, mark, authorization, auditAndOutbox }),
    );
    if (result !== "updated") throw new LinchpinError("signing_method_unknown");
    return { ...method, mac, version: method.version + 1, incorrectAttempts: 0, needsRecovery: false };
  });
}
