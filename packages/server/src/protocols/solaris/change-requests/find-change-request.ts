import { LinchpinError } from "@linchpin/core";
import type { ChangeRequest } from "@linchpin/store";
import type { Caller, Context } from "../../../context/index.ts";

/** A change request about a card of this partner's. @throws LinchpinError `change_request_unknown` */
export async function findOwnChangeRequest(context: Context, caller: Caller, id: string): Promise<ChangeRequest> {
  const request = await context.store.findChangeRequest(id);
  if (request === null || (caller.kind === "partner" && request.partnerId !== caller.partnerId))
    throw new LinchpinError("change_request_unknown");
  return request;
}

/** @throws LinchpinError `change_request_ended` */
export function checkNotEnded(context: Context, request: ChangeRequest): void {
  const isEnded = request.status === "COMPLETED" || request.status === "FAILED";
  if (isEnded || request.expiresAt <= context.clock()) throw new LinchpinError("change_request_ended");
}
