import { LinchpinError } from "@linchpin/core";
import { readMethodUpdate } from "@linchpin/protocols/venly/issuer";
import type { SigningMethod } from "@linchpin/store";
import { type AuditFacts, auditDone, claimedName } from "../../audit/audit-entry.ts";
import type { House } from "../../context/context.ts";
import { macOfValue } from "../../signing/stored-signing-method.ts";
import { venlyBody, venlySigning } from "../../steps/step-table.ts";
import { watched } from "../../steps/watch-steps.ts";
import { type UserSigningRequest, type WithMadeCode, withNewValue } from "./add-signing-method.ts";
import { openBody } from "./body-operation.ts";
import { findOwnUser } from "./find-signing-method.ts";
import { type Presented, withPresentedMethod } from "./signing-operation.ts";

/**
 * Gives a signing method another value, authorized by any of the user's: also one that is locked, which is the way
 * back from there.
 * @throws LinchpinError `user_unknown`, `signing_method_unknown`, `signing_method_malformed`, and what a body and a
 * signing method are refused for
 */
export async function updateSigningMethod(
  house: House,
  methodId: string,
  request: UserSigningRequest,
): Promise<WithMadeCode<SigningMethod>> {
  const { caller, userId } = request;
  const user = await findOwnUser(house, caller, userId);
  const facts = { operation: "venly.signing_methods.update", caller, userId, methodId: claimedName(methodId) };
  return withPresentedMethod(house, venlySigning, request, facts, (presented, presentedFacts) => {
    const method = user.methods.find(({ id }) => id === methodId);
    if (method === undefined) throw new LinchpinError("signing_method_unknown");
    return update(house, request, method, presented, presentedFacts);
  });
}

async function update(
  house: House,
  { userId, body }: UserSigningRequest,
  method: SigningMethod,
  presented: Presented,
  facts: AuditFacts,
): Promise<WithMadeCode<SigningMethod>> {
  const { content, mark } = await openBody(house, venlyBody, body, readMethodUpdate);
  return withNewValue(house, method.type, content.value, async (value) => {
    const mac = await macOfValue(house, method, value);
    const consequences = { audit: auditDone(house, { id: userId }, facts), outbox: [] };
    const result = await watched(house, venlySigning).settle(
      house,
      presented,
      { facts, isChange: true },
      (authorization) =>
        house.store.updateSigningMethod({ userId, methodId: method.id, mac, mark, authorization, consequences }),
    );
    if (result !== "updated") throw new LinchpinError("signing_method_unknown");
    return { ...method, mac, version: method.version + 1, incorrectAttempts: 0, needsRecovery: false };
  });
}
