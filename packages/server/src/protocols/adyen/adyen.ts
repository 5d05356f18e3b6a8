import { describeError } from "@linchpin/protocols/adyen/errors";
import { ErrorReply } from "@linchpin/protocols/adyen/wire";
import type { FastifyInstance } from "fastify";
import { answerErrors, forbidCaching, requireCaller } from "../../http/index.ts";
import { makePaymentInstrumentId } from "../../identifiers.ts";
import type { Protocol, RoutesOptions } from "../../protocol.ts";
import { adyenAudit } from "./audit.ts";
import { authenticateAdyen } from "./credentials.ts";
import { adyenKeyPurposes } from "./key-purpose.ts";
import { adyenOpenapi } from "./openapi.ts";
import { paymentInstrumentsReveal, pinsChange, pinsReveal } from "./operations.ts";
import { adyenPaymentInstruments } from "./payment-instruments.ts";
import { adyenPins } from "./pins.ts";
import { adyenPublicKey } from "./public-key.ts";
import { type AdyenSettings, adyenSettings } from "./settings.ts";

export const adyen: Protocol<AdyenSettings> = {
  name: "adyen",
  prefix: "/adyen/bcl/v2",
  security: ["apiKey", "basic"],
  settings: adyenSettings,
  routes,
  errorReply: ErrorReply,
  openapi: adyenOpenapi,
  operations: [paymentInstrumentsReveal, pinsChange, pinsReveal],
  auditEvents: adyenAudit,
  keyPurposes: adyenKeyPurposes,
  makeCardName: makePaymentInstrumentId,
};

async function routes(
  app: FastifyInstance,
  { context, explain, settings }: RoutesOptions<AdyenSettings>,
): Promise<void> {
  const options = { context, keyWrap: settings.keyWrap };
  answerErrors(app, explain, describeError);
  requireCaller(app, ({ headers }) => authenticateAdyen(context, headers));
  forbidCaching(app);
  await app.register(adyenPublicKey, options);
  await app.register(adyenPins, options);
  await app.register(adyenPaymentInstruments, options);
}
