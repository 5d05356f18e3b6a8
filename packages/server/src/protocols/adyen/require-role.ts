import { LinchpinError } from "@linchpin/core";
import type { FastifyRequest } from "fastify";
import { partnerOf } from "../../http/index.ts";

/** A role of an API key: one for each operation, as Adyen has a webservice role for each. */
type AdyenRole = "pin_change" | "pin_reveal" | "pan_reveal";

/** Before the body is read. @throws LinchpinError `caller_not_allowed`. */
export function requireRole(role: AdyenRole): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    if (!partnerOf(request).roles.includes(role))
      throw new LinchpinError("caller_not_allowed", { reason: `the API key does not have the role ${role}` });
  };
}
