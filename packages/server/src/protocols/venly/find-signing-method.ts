import { LinchpinError } from "@linchpin/core";
import type { PresentedMethod } from "@linchpin/protocols/venly/issuer";
import type { OwnedSigningMethod, SigningUser } from "@linchpin/store";
import type { Context, PartnerCaller } from "../../context/index.ts";
import type { SigningRequest } from "./signing-operation.ts";

/** A user of this partner's. @throws LinchpinError `user_unknown` */
export async function findOwnUser(context: Context, caller: PartnerCaller, userId: string): Promise<SigningUser> {
  const user = await context.store.findSigningUser(userId);
  if (user === null || user.partnerId !== caller.partnerId) throw new LinchpinError("user_unknown");
  return user;
}

/**
 * Finds the presented signing method of a user of this partner; where the path names a user, of that user. A device's id
 * beside a type that has none is not read. The plain header names no device.
 * @throws LinchpinError `signing_method_unknown`, `signing_method_empty`; `request_invalid` for no device where the type
 * has one, by the plain header only where the operator refuses that
 */
export async function findPresentedMethod(
  context: Context,
  caller: PartnerCaller,
  presented: PresentedMethod,
  { userId, acceptsPlainBiometric }: Pick<SigningRequest, "userId" | "acceptsPlainBiometric">,
): Promise<OwnedSigningMethod> {
  const method = await context.store.findSigningMethod(presented.id);
  if (method === null || method.partnerId !== caller.partnerId || (userId !== null && method.userId !== userId))
    throw new LinchpinError("signing_method_unknown");
  if (presented.value.length === 0) throw new LinchpinError("signing_method_empty");
  const isPlain = presented.bodySha256 === null;
  if (method.type === "BIOMETRIC" && presented.physicalDeviceId === null && !(isPlain && acceptsPlainBiometric))
    throw new LinchpinError("request_invalid", { field: "physicalDeviceId" });
  return method;
}
