import { describeError, describeRainError } from "@linchpin/protocols/spritz/errors";
import type { Form } from "@linchpin/protocols/spritz/issuer";
import { ErrorReply } from "@linchpin/protocols/spritz/wire";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { answerErrors, forbidCaching, requireCaller } from "../../http/index.ts";
import { keepRefusals } from "../../idempotency/index.ts";
import { makeUuid } from "../../identifiers.ts";
import type { Protocol, RoutesOptions } from "../../protocol.ts";
import { spritzAudit } from "./audit.ts";
import { spritzCards } from "./cards.ts";
import { authenticateRain, authenticateSpritz } from "./credentials.ts";
import { requireIntegratorSignature } from "./integrator-signature.ts";
import { hashesOf, spritzKeyPurposes } from "./key-purposes.ts";
import { spritzOpenapi } from "./openapi.ts";
import { type FormTerms, pinGet, pinSet } from "./operations.ts";
import { rainCards } from "./rain.ts";
import { type SpritzSettings, spritzSettings } from "./settings.ts";

export const spritz: Protocol<SpritzSettings> = {
  name: "spritz",
  prefix: "/spritz",
  settings: spritzSettings,
  routes,
  errorReply: ErrorReply,
  openapi: spritzOpenapi,
  operations: [pinGet, pinSet],
  auditEvents: spritzAudit,
  keyPurposes: spritzKeyPurposes,
  makeCardName: makeUuid,
};

async function routes(app: FastifyInstance, options: RoutesOptions<SpritzSettings>): Promise<void> {
  forbidCaching(app);
  const { context, explain, settings } = options;
  const mayReuseKey = settings.reusesKeysForGets;
  await app.register(async (below) => {
    answerErrors(below, explain, (error, explanation, _id, request) =>
      describeError(error, explanation, cardIdOf(request)),
    );
    requireCaller(below, ({ headers }) => authenticateSpritz(context, headers));
    const { integratorSecret } = settings;
    if (integratorSecret !== null) requireIntegratorSignature(below, integratorSecret, context.clock);
    await below.register(spritzCards, { context, mayReuseKey, terms: termsOf("spritz", settings) });
  });
  if (settings.rain === "off") return;
  await app.register(
    async (below) => {
      answerErrors(below, explain, (error, explanation, _id, { method }) =>
        describeRainError(error, explanation, method === "GET" ? "get" : "set"),
      );
      requireCaller(below, ({ headers }) => authenticateRain(context, headers));
      keepRefusals(below, context);
      await below.register(rainCards, { context, mayReuseKey, terms: termsOf("rain", settings) });
    },
    { prefix: "/v1/issuing" },
  );
}

/** Rain's devices wrap the base64 text in each row. */
function termsOf(form: Form, settings: SpritzSettings): FormTerms {
  return {
    form,
    hashes: hashesOf(form, settings),
    wrapped: form === "rain" ? "base64" : settings.wrapped,
    keyBytes: settings.allowsAes256 ? [16, 32] : [16],
  };
}

/** Of a path that has one of the shape that cards have; anything else is not repeated. */
function cardIdOf({ params }: FastifyRequest): string {
  const cardId: unknown = Object(params).cardId;
  return typeof cardId === "string" && /^[\w-]{1,64}$/.test(cardId) ? cardId : "";
}
