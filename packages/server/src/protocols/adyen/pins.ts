import { LinchpinError } from "@linchpin/core";
import { PinChangeReply, PinChangeRequest, PinRevealReply, PinRevealRequest } from "@linchpin/protocols/adyen/wire";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../context/index.ts";
import { callerOf } from "../../http/index.ts";
import { runPinOperation } from "../../pin/index.ts";
import { type AdyenKeyWrap, adyenKeyPurpose } from "./key-purpose.ts";
import { pinsChange, pinsReveal } from "./operations.ts";
import { requireRole } from "./require-role.ts";

/** `POST /pins/change` and `POST /pins/reveal`. */
export async function adyenPins(
  app: FastifyInstance,
  { context, keyWrap }: { context: Context; keyWrap: AdyenKeyWrap },
): Promise<void> {
  app.post<{ Body: PinChangeRequest }>(
    "/pins/change",
    { onRequest: requireRole("pin_change"), schema: { body: PinChangeRequest, response: { 200: PinChangeReply } } },
    async (request): Promise<PinChangeReply> => {
      const change = { ...request.body, keyPurpose: adyenKeyPurpose("pinChange", keyWrap) };
      try {
        return { status: await runPinOperation(context, pinsChange, callerOf(request), change) };
      } catch (error) {
        if (!(error instanceof LinchpinError && error.code === "unavailable")) throw error;
        request.log.error({ err: error.cause ?? error, reason: error.reason }, "failed");
        return { status: "unavailable" };
      }
    },
  );

  app.post<{ Body: PinRevealRequest }>(
    "/pins/reveal",
    { onRequest: requireRole("pin_reveal"), schema: { body: PinRevealRequest, response: { 200: PinRevealReply } } },
    (request): Promise<PinRevealReply> => {
      const reveal = { ...request.body, keyPurpose: adyenKeyPurpose("pinReveal", keyWrap) };
      return runPinOperation(context, pinsReveal, callerOf(request), reveal);
    },
  );
}
