import { describeError } from "@linchpin/protocols/stripe/errors";
import { type StripeSandbox, stripeKeyPurpose } from "@linchpin/protocols/stripe/issuer";
import { ErrorReply } from "@linchpin/protocols/stripe/wire";
import type { FastifyInstance } from "fastify";
import { dayMs } from "../../durations.ts";
import { answerErrors, forbidCaching, requireCaller } from "../../http/index.ts";
import { keepRefusals } from "../../idempotency/index.ts";
import { makeHexId } from "../../identifiers.ts";
import type { Protocol, RoutesOptions } from "../../protocol.ts";
import { stripeAudit } from "./audit.ts";
import { stripeCards } from "./cards.ts";
import { cardsPin } from "./change-pin.ts";
import { cardsCreate } from "./create-card.ts";
import { authenticateStripe } from "./credentials.ts";
import { takeForms } from "./forms.ts";
import { stripeKeys } from "./keys.ts";
import { stripeOpenapi } from "./openapi.ts";
import { type StripeSettings, stripeSettings } from "./settings.ts";

export const stripe: Protocol<StripeSettings, StripeSandbox> = {
  name: "stripe",
  prefix: "/stripe",
  security: ["bearer", "basic"],
  settings: stripeSettings,
  routes,
  errorReply: ErrorReply,
  openapi: stripeOpenapi,
  operations: [cardsPin, cardsCreate],
  auditEvents: stripeAudit,
  /** A device that fetched a key just before a rotation has a day to use it. */
  keyPurposes: () => ({ [stripeKeyPurpose]: { algorithm: "RSA-OAEP", gracePeriodMs: dayMs } }),
  makeCardName: (random) => `ic_${makeHexId(random)}`,
};

async function routes(
  app: FastifyInstance,
  { context, explain, settings, sandbox }: RoutesOptions<StripeSettings, StripeSandbox>,
): Promise<void> {
  const programId = settings.cardProgram ?? sandbox?.createdCardsProgramId ?? null;
  answerErrors(app, explain, describeError);
  forbidCaching(app);
  nameRequests(app);
  await app.register(stripeKeys, { context });
  await app.register(async (below) => {
    takeForms(below);
    requireCaller(below, ({ headers }) => authenticateStripe(context, headers));
    keepRefusals(below, context);
    await below.register(stripeCards, { context, programId, sandbox });
  });
}

/** Answers have the vendor's headers: the id of the request, and the API version that it asked for. */
function nameRequests(app: FastifyInstance): void {
  app.addHook("onRequest", async ({ id, headers }, reply) => {
    reply.header("request-id", `req_${id.replaceAll("-", "")}`);
    const version = headers["stripe-version"]?.toString();
    if (version !== undefined && /^[\w.-]{1,64}$/.test(version)) reply.header("stripe-version", version);
  });
}
