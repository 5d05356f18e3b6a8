import { LinchpinError, randomCharacters, utf8 } from "@linchpin/core";
import { describeError } from "@linchpin/protocols/worldline/errors";
import { ErrorReply } from "@linchpin/protocols/worldline/wire";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { authenticatePartner } from "../../callers/index.ts";
import type { Context, PartnerCaller } from "../../context/index.ts";
import { answerErrors, forbidCaching, requireCaller } from "../../http/index.ts";
import type { Protocol, RoutesOptions } from "../../protocol.ts";
import { worldlineAudit } from "./audit.ts";
import { worldlineCards } from "./cards.ts";
import { correlationIdOf } from "./correlation.ts";
import { worldlineKeyPurposes } from "./key-purposes.ts";
import { worldlineOpenapi } from "./openapi.ts";
import { pinDisplay, pinSet } from "./operations.ts";
import { type WorldlineSettings, worldlineSettings } from "./settings.ts";
import { worldlineToken } from "./token.ts";

export const worldline: Protocol<WorldlineSettings> = {
  name: "worldline",
  prefix: "/worldline",
  settings: worldlineSettings,
  routes,
  errorReply: ErrorReply,
  openapi: worldlineOpenapi,
  operations: [pinDisplay, pinSet],
  auditEvents: worldlineAudit,
  keyPurposes: worldlineKeyPurposes,
  /** As the vendor writes them: 16 digits, the first a 2. */
  makeCardName: (random) =>
    `2${Buffer.from(randomCharacters({ randomBytes: random }, utf8("0123456789"), 15)).toString()}`,
};

async function routes(
  app: FastifyInstance,
  { context, explain, settings: { keyWrap } }: RoutesOptions<WorldlineSettings>,
): Promise<void> {
  answerErrors(app, explain, (error, explanation, _requestId, request) =>
    describeError(error, explanation, correlationIdOf(request), context.clock()),
  );
  forbidCaching(app);
  await app.register(worldlineToken, { prefix: "/token", context, explain });
  await app.register(
    async (below) => {
      requireCaller(below, (request) => authenticateForIssuer(context, request));
      await below.register(worldlineCards, { context, keyWrap });
    },
    { prefix: "/card-issuing/api/v2/issuers/:issuerId/cards" },
  );
}

/**
 * A partner is an issuer here, by its id.
 * @throws LinchpinError as `authenticatePartner`; `caller_not_allowed`: another issuer's path
 */
async function authenticateForIssuer(context: Context, { headers, params }: FastifyRequest): Promise<PartnerCaller> {
  const caller = await authenticatePartner(context, "worldline", headers.authorization);
  if (Object(params).issuerId === caller.partnerId) return caller;
  throw new LinchpinError("caller_not_allowed", { reason: "the credentials are of another issuerId" });
}
