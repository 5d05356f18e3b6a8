import { LinchpinError } from "@linchpin/core";
import { authorizationField } from "@linchpin/protocols/lithic/errors";
import type { FastifyRequest } from "fastify";
import { authenticateByKey } from "../../callers/index.ts";
import type { Context, PartnerCaller } from "../../context/index.ts";

/**
 * The partner behind an API key, which `Authorization` holds alone, without a scheme.
 * @throws LinchpinError `credentials_missing`, also for a key behind `Bearer`; `caller_unknown`
 */
export async function authenticateLithic(
  context: Context,
  { authorization }: FastifyRequest["headers"],
): Promise<PartnerCaller> {
  if (!authorization) throw new LinchpinError("credentials_missing");
  if (/\s/.test(authorization))
    throw new LinchpinError("credentials_missing", {
      field: authorizationField,
      reason: "send the key alone, without Bearer or another scheme before it",
    });
  return authenticateByKey(context, "lithic", authorization);
}
