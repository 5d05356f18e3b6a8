import { describeError } from "@linchpin/protocols/solaris/errors";
import type { SolarisSandbox } from "@linchpin/protocols/solaris/issuer";
import { ErrorReply } from "@linchpin/protocols/solaris/wire";
import type { FastifyInstance } from "fastify";
import { authenticatePartner } from "../../callers/index.ts";
import { answerErrors, forbidCaching, omitNullMembers, requireCaller } from "../../http/index.ts";
import { makeSolarisId } from "../../identifiers.ts";
import type { Protocol, RoutesOptions } from "../../protocol.ts";
import { solarisAudit } from "./audit.ts";
import { cardOrder } from "./cards/order-card.ts";
import { solarisCards } from "./cards/routes.ts";
import { changeRequestConfirm } from "./change-requests/confirm-change-request.ts";
import { solarisChangeRequests } from "./change-requests/routes.ts";
import { solarisDevices } from "./devices/routes.ts";
import { solarisMobileNumbers } from "./mobile-numbers/routes.ts";
import { solarisOpenapi } from "./openapi.ts";
import { pinUpdate, scaPinUpdate } from "./operations.ts";
import { solarisPins } from "./pins.ts";
import { type SolarisSettings, solarisSettings } from "./settings.ts";
import { solarisToken } from "./token.ts";
import { subscriptionTimeoutMs } from "./webhooks/make-webhook.ts";
import { solarisWebhooksOf } from "./webhooks/notifications.ts";
import { solarisWebhooks } from "./webhooks/routes.ts";

export const solaris: Protocol<SolarisSettings, SolarisSandbox> = {
  name: "solaris",
  prefix: "/solaris",
  settings: solarisSettings,
  routes,
  errorReply: ErrorReply,
  openapi: solarisOpenapi,
  operations: [pinUpdate, scaPinUpdate, changeRequestConfirm, cardOrder],
  auditEvents: solarisAudit,
  /** PINs come in by the key of the sealed PIN, which is the issuer's own. */
  keyPurposes: () => ({}),
  makeCardName: (random) => makeSolarisId("mcrd", random),
  webhooks: ({ webhookHosts }) => (webhookHosts.length === 0 ? null : solarisWebhooksOf(webhookHosts)),
  maxRequestDurationMs: ({ webhookHosts }) => (webhookHosts.length === 0 ? 0 : subscriptionTimeoutMs),
};

async function routes(
  app: FastifyInstance,
  { context, explain, settings, sandbox }: RoutesOptions<SolarisSettings, SolarisSandbox>,
): Promise<void> {
  const programId = settings.cardProgram ?? sandbox?.orderedCardsProgramId ?? null;
  answerErrors(app, explain, describeError);
  await app.register(solarisToken, { context });
  await app.register(async (protectedApp) => {
    requireCaller(protectedApp, ({ headers }) => authenticatePartner(context, "solaris", headers.authorization));
    forbidCaching(protectedApp);
    omitNullMembers(protectedApp);
    await protectedApp.register(solarisPins, { context });
    await protectedApp.register(solarisCards, { context, programId });
    await protectedApp.register(solarisChangeRequests, { context, staticTan: sandbox?.staticTan ?? null });
    await protectedApp.register(solarisDevices, { context });
    await protectedApp.register(solarisMobileNumbers, { context });
    await protectedApp.register(solarisWebhooks, { context, hosts: settings.webhookHosts });
  });
}
