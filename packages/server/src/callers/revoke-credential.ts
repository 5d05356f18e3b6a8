import { LinchpinError } from "@linchpin/core";
import { auditDone } from "../audit/audit-entry.ts";
import type { Caller, House } from "../context/context.ts";
import { forgetCallers } from "./remember-caller.ts";

/**
 * Ends a credential of this partner's and every token it was given; other servers take them for a second more.
 * @throws LinchpinError `not_found`: no such credential, or it is another partner's, or it was revoked before
 */
export async function revokeCredential(
  house: House,
  caller: Caller,
  { partnerId, clientId }: { partnerId: string; clientId: string },
): Promise<void> {
  const facts = { operation: "issuer.credential.revoke", caller, partnerId, clientId };
  const audit = auditDone(house, { id: partnerId }, facts);
  const result = await house.store.revokeCredential({ partnerId, clientId }, house.clock(), { audit, outbox: [] });
  forgetCallers(house);
  if (result === "unknown") throw new LinchpinError("not_found");
}
