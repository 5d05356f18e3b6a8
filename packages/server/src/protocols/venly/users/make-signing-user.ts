import { LinchpinError } from "@linchpin/core";
import { readUserRequest, type UserRequest } from "@linchpin/protocols/venly/issuer";
import type { NewSigningMethod, ReplayMark, SigningUser } from "@linchpin/store";
import { type AuditFacts, auditDone, auditFacts, auditingRefusal } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { makeId } from "../../../identifiers.ts";
import { venlyAudit } from "../audit.ts";
import { openBody } from "../body-operation.ts";
import { venlyBody } from "../operations.ts";
import { newMethod, refuseUnlessFirst, withNewValue } from "../signing-methods/add-signing-method.ts";

/**
 * Adds a user of a partner, with a PIN where one is sent.
 * @throws LinchpinError `signing_method_empty`, `signing_method_malformed`, and what a body is refused for
 */
export async function makeSigningUser(context: Context, caller: PartnerCaller, body: Uint8Array): Promise<SigningUser> {
  const userId = makeId();
  const facts = auditFacts(venlyAudit["venly.users.make"], caller, { userId });
  return auditingRefusal(context, { id: caller.partnerId }, facts, async () => {
    const { content, mark } = await openBody(context, venlyBody, body, readUserRequest);
    const user = { id: userId, partnerId: caller.partnerId, reference: content.reference, createdAt: context.clock() };
    return add(context, user, await firstMethod(context, content), mark, facts);
  });
}

async function firstMethod(context: Context, { signingMethod }: UserRequest): Promise<NewSigningMethod | null> {
  if (signingMethod === null) return null;
  const { type, value: sent, physicalDeviceId } = signingMethod;
  const { done } = await withNewValue(context, type, sent, async (value) => {
    refuseUnlessFirst(type);
    return newMethod(context, { type, physicalDeviceId }, value);
  });
  return done;
}

async function add(
  context: Context,
  user: Omit<SigningUser, "methods">,
  method: NewSigningMethod | null,
  mark: ReplayMark | null,
  facts: AuditFacts<"methodId">,
): Promise<SigningUser> {
  const audit = auditDone(context, { id: user.id }, method === null ? facts : facts.with({ methodId: method.id }));
  const result = await context.store.addSigningUser({ ...user, method }, mark, { audit, outbox: [] });
  if (result !== "added") throw new LinchpinError("replayed");
  return {
    ...user,
    methods: method === null ? [] : [{ ...method, version: 1, incorrectAttempts: 0, needsRecovery: false }],
  };
}
