import { LinchpinError } from "@linchpin/core";
import type { PresentedMethod } from "@linchpin/protocols/venly/issuer";
import type { OwnedSigningMethod, SigningUser } from "@linchpin/store";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import type { SigningRequest } from "../signing-operation.ts";

/** A user of this partner's. @throws LinchpinError `user_unknown` */
export async function findOwnUser(context: Context, caller: PartnerCaller, userId: string): Promise<SigningUser> {
  const user = await context.store.findSigningUser(userId);
  if (user === null || user.partnerId !== caller.partnerId) throw new LinchpinError("user_unknown");
  return user;
}

/**
 * Finds the stored signing method that the request presents. It belongs to a user of this partner; if the path names a
 * user, to that user. A device id is ignored for a type that has no device. The plain header cannot name a device.
 * @throws LinchpinError `signing_method_unknown`, `signing_method_empty`; `request_invalid`: the type has a device and
 * the method names none; in the plain header, only if the operator does not accept that
 */
export async function findPresentedMethod(
  context: Context,
  caller: PartnerCaller,
  presented: PresentedMethod,
  { user, acceptsPlainBiometric }: Pick<SigningRequest, "user" | "acceptsPlainBiometric">,
): Promise<OwnedSigningMethod> {
  const method = user === null ? await context.store.findSigningMethod(presented.id) : methodOf(user, presented.id);
  if (method === null || method.partnerId !== caller.partnerId) throw new LinchpinError("signing_method_unknown");
  if (presented.value.length === 0) throw new LinchpinError("signing_method_empty");
  const isPlain = presented.bodySha256 === null;
  if (method.type === "BIOMETRIC" && presented.physicalDeviceId === null && !(isPlain && acceptsPlainBiometric))
    throw new LinchpinError("request_invalid", { field: "physicalDeviceId" });
  return method;
}

function methodOf({ id: userId, partnerId, methods }: SigningUser, id: string): OwnedSigningMethod | null {
  const method = methods.find((one) => one.id === id);
  return method === undefined ? null : { ...method, userId, partnerId };
}
