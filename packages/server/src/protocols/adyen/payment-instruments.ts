import { PanRevealReply, PanRevealRequest } from "@linchpin/protocols/adyen/wire";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../context/index.ts";
import { callerOf } from "../../http/index.ts";
import { runPinOperation } from "../../pin/index.ts";
import { type AdyenKeyWrap, adyenKeyPurpose } from "./key-purpose.ts";
import { paymentInstrumentsReveal } from "./operations.ts";
import { requireRole } from "./require-role.ts";

/** `POST /paymentInstruments/reveal` */
export async function adyenPaymentInstruments(
  app: FastifyInstance,
  { context, keyWrap }: { context: Context; keyWrap: AdyenKeyWrap },
): Promise<void> {
  app.post<{ Body: PanRevealRequest }>(
    "/paymentInstruments/reveal",
    {
      onRequest: requireRole("pan_reveal"),
      schema: {
        operationId: "adyenRevealPan",
        summary: "Reveal PAN, CVC and expiration date, sealed by the session key that came",
        body: PanRevealRequest,
        response: { 200: PanRevealReply },
      },
    },
    (request): Promise<PanRevealReply> => {
      const reveal = { ...request.body, keyPurpose: adyenKeyPurpose("panReveal", keyWrap) };
      return runPinOperation(context, paymentInstrumentsReveal, callerOf(request), reveal);
    },
  );
}
