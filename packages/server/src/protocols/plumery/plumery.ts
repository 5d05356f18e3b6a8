import { describeError } from "@linchpin/protocols/plumery/errors";
import { ErrorReply } from "@linchpin/protocols/plumery/wire";
import type { FastifyInstance } from "fastify";
import { authenticateByKey, bearerOf } from "../../callers/index.ts";
import { answerErrors, forbidCaching, requireCaller } from "../../http/index.ts";
import { makeUuid } from "../../identifiers.ts";
import type { Protocol, RoutesOptions } from "../../protocol.ts";
import { plumeryAudit } from "./audit.ts";
import { plumeryCards } from "./cards.ts";
import { plumeryOpenapi } from "./openapi.ts";
import { cards, cardsPin } from "./operations.ts";
import { type PlumerySettings, plumerySettings } from "./settings.ts";

export const plumery: Protocol<PlumerySettings> = {
  name: "plumery",
  prefix: "/plumery",
  settings: plumerySettings,
  routes,
  errorReply: ErrorReply,
  openapi: plumeryOpenapi,
  operations: [cards, cardsPin],
  auditEvents: plumeryAudit,
  // Each reveal makes a key of its own.
  keyPurposes: () => ({}),
  makeCardName: makeUuid,
};

async function routes(
  app: FastifyInstance,
  { context, explain, settings }: RoutesOptions<PlumerySettings>,
): Promise<void> {
  answerErrors(app, explain, describeError);
  requireCaller(app, async ({ headers }) => authenticateByKey(context, "plumery", bearerOf(headers.authorization)));
  forbidCaching(app);
  await app.register(plumeryCards, { context, hkdfInfo: settings.hkdfInfo });
}
