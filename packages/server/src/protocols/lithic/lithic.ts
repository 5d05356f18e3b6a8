import { describeError } from "@linchpin/protocols/lithic/errors";
import { type LithicSandbox, lithicKeyPurpose } from "@linchpin/protocols/lithic/issuer";
import { ErrorReply } from "@linchpin/protocols/lithic/wire";
import type { FastifyInstance } from "fastify";
import { dayMs } from "../../durations.ts";
import { answerErrors, forbidCaching, requireCaller } from "../../http/index.ts";
import { keepRefusals } from "../../idempotency/index.ts";
import { makeUuid } from "../../identifiers.ts";
import type { Protocol, RoutesOptions } from "../../protocol.ts";
import { lithicAudit } from "./audit.ts";
import { lithicCards } from "./cards.ts";
import { cardsPin } from "./change-pin.ts";
import { cardsCreate } from "./create-card.ts";
import { authenticateLithic } from "./credentials.ts";
import { lithicOpenapi } from "./openapi.ts";
import { lithicPublicKey } from "./public-key.ts";
import { type LithicSettings, lithicSettings } from "./settings.ts";

export const lithic: Protocol<LithicSettings, LithicSandbox> = {
  name: "lithic",
  prefix: "/lithic",
  security: ["authorization"],
  settings: lithicSettings,
  routes,
  errorReply: ErrorReply,
  openapi: lithicOpenapi,
  operations: [cardsPin, cardsCreate],
  auditEvents: lithicAudit,
  /** Clients compile the key in: an earlier one is accepted for as long as a new version of an app takes. */
  keyPurposes: () => ({
    [lithicKeyPurpose]: { algorithm: "RSA-OAEP-MESSAGE", gracePeriodMs: 90 * dayMs, isSlowToMake: true },
  }),
  makeCardName: makeUuid,
};

async function routes(
  app: FastifyInstance,
  { context, explain, settings, sandbox }: RoutesOptions<LithicSettings, LithicSandbox>,
): Promise<void> {
  const programId = settings.cardProgram ?? sandbox?.createdCardsProgramId ?? null;
  answerErrors(app, explain, describeError);
  forbidCaching(app);
  await app.register(lithicPublicKey, { context, keyForm: settings.keyForm });
  await app.register(async (below) => {
    requireCaller(below, ({ headers }) => authenticateLithic(context, headers));
    // The same request is judged again.
    keepRefusals(below, context, { areKept: false });
    await below.register(lithicCards, { context, programId });
  });
}
