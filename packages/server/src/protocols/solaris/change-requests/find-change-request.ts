import { LinchpinError } from "@linchpin/core";
import type { ChangeRequest } from "@linchpin/store";
import type { House, PartnerCaller } from "../../../context/context.ts";

/** A change request about a card of this partner's. @throws LinchpinError `change_request_unknown` */
export async function findOwnChangeRequest(house: House, caller: PartnerCaller, id: string): Promise<ChangeRequest> {
  const request = await house.store.findChangeRequest(id);
  if (request === null || request.partnerId !== caller.partnerId) throw new LinchpinError("change_request_unknown");
  return request;
}

/** @throws LinchpinError `change_request_ended` */
export function checkNotEnded(house: House, request: ChangeRequest): void {
  const isEnded = request.status === "COMPLETED" || request.status === "FAILED";
  if (isEnded || request.expiresAt <= house.clock()) throw new LinchpinError("change_request_ended");
}
