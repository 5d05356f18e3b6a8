import { LinchpinError } from "@linchpin/core";
import { checkValue, makeEmergencyCode, readMethodRequest } from "@linchpin/protocols/venly/issuer";
import type { NewSigningMethod, SigningMethod, SigningMethodType } from "@linchpin/store";
import { type AuditFacts, auditDone, auditFacts, auditingRefusal } from "../../../audit/index.ts";
import type { Context } from "../../../context/index.ts";
import { makeId } from "../../../identifiers.ts";
import { macOfValue, unlessRefused } from "../../../signing/index.ts";
import { venlyAudit } from "../audit.ts";
import { openBody } from "../body-operation.ts";
import { venlyBody, venlySigning } from "../operations.ts";
import { type ReceivedRequest, runSigningOperation, type SignedRequest } from "../signing-operation.ts";
import { findOwnUser } from "./find-signing-method.ts";

/** A request below `/api/users/{userId}`. */
export interface UserSigningRequest extends ReceivedRequest {
  readonly userId: string;
}

/** `madeCode`: an emergency code that the issuer made. The caller returns it once and wipes it. */
export interface WithMadeCode<Done> {
  readonly done: Done;
  readonly madeCode: Uint8Array | null;
}

/**
 * Adds a signing method. A user's first method is a PIN and needs no authorization. Each later method is authorized by
 * a method that the user already has.
 * @throws LinchpinError `user_unknown`, `signing_method_exists`, `signing_method_malformed`, and what a body and a
 * signing method are refused for
 */
export async function addSigningMethod(
  context: Context,
  request: UserSigningRequest,
): Promise<WithMadeCode<SigningMethod>> {
  const user = await findOwnUser(context, request.caller, request.userId);
  const facts = auditFacts(venlyAudit["venly.signing_methods.make"], request.caller, { userId: user.id });
  const isFirst = user.methods.length === 0 && request.sealedMethod === undefined && request.plainMethod === undefined;
  if (isFirst) return auditingRefusal(context, { id: user.id }, facts, () => add(context, request, null, facts));
  return runSigningOperation(context, venlySigning, { ...request, user }, facts, (signed) =>
    add(context, request, signed, signed.facts),
  );
}

/** `signed`: the method that authorizes the new one; null for a user's first method. */
async function add(
  context: Context,
  { userId, body }: UserSigningRequest,
  signed: SignedRequest | null,
  facts: AuditFacts<"methodId" | "methodType">,
): Promise<WithMadeCode<SigningMethod>> {
  const { content, mark } = await openBody(context, venlyBody, body, readMethodRequest);
  return withNewValue(context, content.type, content.value, async (value) => {
    if (signed === null) refuseUnlessFirst(content.type);
    const method = await newMethod(context, content, value);
    const audit = auditDone(context, { id: userId }, facts.with({ methodId: method.id, methodType: method.type }));
    const addition = { userId, method, mark, auditAndOutbox: { audit, outbox: [] } };
    const result =
      signed === null
        ? unlessRefused(await context.store.addSigningMethod({ ...addition, authorization: null }))
        : await signed.commit(true, (authorization) => context.store.addSigningMethod({ ...addition, authorization }));
    if (result !== "added") throw new LinchpinError("signing_method_exists");
    return { ...method, version: 1, incorrectAttempts: 0, needsRecovery: false };
  });
}

/** A user's first method must be a PIN: each later one is authorized by it, or by one that it authorized. @throws LinchpinError `request_invalid` */
export function refuseUnlessFirst(type: SigningMethodType): void {
  if (type !== "PIN")
    throw new LinchpinError("request_invalid", { field: "type", reason: "a user's first signing method is a PIN" });
}

export async function newMethod(
  context: Context,
  { type, physicalDeviceId }: Pick<NewSigningMethod, "type" | "physicalDeviceId">,
  value: Uint8Array,
): Promise<NewSigningMethod> {
  const identity = { id: makeId(), type, physicalDeviceId };
  return { ...identity, mac: await macOfValue(context, identity, value), createdAt: context.clock() };
}

/**
 * Runs `use` with a value that a method of this type may have, then wipes the value. An emergency code that is missing
 * or empty in the request is made here; when `use` succeeds, it is not wiped, but returned to the caller.
 * @throws LinchpinError `signing_method_empty`, `signing_method_malformed`
 */
export async function withNewValue<Done>(
  context: Context,
  type: SigningMethodType,
  sent: Uint8Array | null,
  use: (value: Uint8Array) => Promise<Done>,
): Promise<WithMadeCode<Done>> {
  const isBlank = sent === null || sent.length === 0;
  const madeCode = isBlank && type === "EMERGENCY_CODE" ? makeEmergencyCode(context.primitives) : null;
  try {
    return { done: await use(checkValue(type, madeCode ?? sent)), madeCode };
  } catch (error) {
    madeCode?.fill(0);
    throw error;
  } finally {
    sent?.fill(0);
  }
}
