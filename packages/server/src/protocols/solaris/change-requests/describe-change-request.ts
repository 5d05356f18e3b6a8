import { type ChangeRequestReply, formatTimestamp } from "@linchpin/protocols/solaris/wire";
import type { ChangeRequest } from "@linchpin/store";
import type { Context } from "../../../context/index.ts";

/** A change request that has expired is `FAILED`, also before maintenance has recorded it. */
export function describeChangeRequest(
  context: Context,
  { id, status, updatedAt, expiresAt }: ChangeRequest,
): ChangeRequestReply {
  const hasEnded = status === "COMPLETED" || status === "FAILED";
  return {
    id,
    status: !hasEnded && expiresAt <= context.clock() ? "FAILED" : status,
    updated_at: formatTimestamp(updatedAt),
    url: `${context.publicUrl()}/solaris/v1/change_requests/${id}/authorize`,
  };
}
