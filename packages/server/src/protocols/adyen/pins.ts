import { LinchpinError } from "@linchpin/core";
import { PinChangeReply, PinChangeRequest, PinRevealReply, PinRevealRequest } from "@linchpin/protocols/adyen/wire";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Context } from "../../context/index.ts";
import { callerOf, comparesSecret, knownCallerOf } from "../../http/index.ts";
import { runPinOperation } from "../../pin/index.ts";
import { recallAdyen } from "./credentials.ts";
import { type AdyenKeyWrap, adyenKeyPurpose } from "./key-purpose.ts";
import { pinsChange, pinsReveal } from "./operations.ts";
import { requireRole } from "./require-role.ts";

/**
 * The status `unavailable` where storage or vault are out of reach, to whoever may change PINs: also where the storage can
 * not say who calls, and this process knew the caller before. Everything else is answered as on other routes.
 */
function answerUnavailable(context: Context) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const caller = knownCallerOf(request) ?? recallAdyen(context, request.headers);
    const mayChange = caller?.kind === "partner" && caller.roles.includes("pin_change");
    if (!(error instanceof LinchpinError && error.code === "unavailable" && mayChange)) throw error;
    request.log.error({ err: error.cause ?? error, reason: error.reason }, "failed");
    const answer: PinChangeReply = { status: "unavailable" };
    return reply.code(200).type("application/json").send(answer);
  };
}

/** `POST /pins/change` and `POST /pins/reveal`. */
export async function adyenPins(
  app: FastifyInstance,
  { context, keyWrap }: { context: Context; keyWrap: AdyenKeyWrap },
): Promise<void> {
  app.post<{ Body: PinChangeRequest }>(
    "/pins/change",
    {
      onRequest: requireRole("pin_change"),
      config: comparesSecret("pin_reused"),
      errorHandler: answerUnavailable(context),
      schema: {
        operationId: "adyenChangePin",
        summary: "Change a PIN",
        body: PinChangeRequest,
        response: { 200: PinChangeReply },
      },
    },
    async (request): Promise<PinChangeReply> => {
      const change = { ...request.body, keyPurpose: adyenKeyPurpose("pinChange", keyWrap) };
      return { status: await runPinOperation(context, pinsChange, callerOf(request), change) };
    },
  );

  app.post<{ Body: PinRevealRequest }>(
    "/pins/reveal",
    {
      onRequest: requireRole("pin_reveal"),
      schema: {
        operationId: "adyenRevealPin",
        summary: "Reveal a PIN, sealed by the session key that came",
        body: PinRevealRequest,
        response: { 200: PinRevealReply },
      },
    },
    (request): Promise<PinRevealReply> => {
      const reveal = { ...request.body, keyPurpose: adyenKeyPurpose("pinReveal", keyWrap) };
      return runPinOperation(context, pinsReveal, callerOf(request), reveal);
    },
  );
}
