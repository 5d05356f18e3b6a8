import { describeError } from "@linchpin/protocols/solaris/errors";
import type { SolarisSandbox } from "@linchpin/protocols/solaris/issuer";
import { ErrorReply } from "@linchpin/protocols/solaris/wire";
import type { FastifyInstance } from "fastify";
import { authenticatePartner } from "../../callers/index.ts";
import { answerErrors, forbidCaching, omitNullMembers, requireCaller } from "../../http/index.ts";
import { makeSolarisId } from "../../identifiers.ts";
import type { Protocol, RoutesOptions } from "../../protocol.ts";
import { solarisAudit } from "./audit.ts";
import { changeRequestConfirm } from "./change-requests/confirm-change-request.ts";
import { solarisChangeRequests } from "./change-requests/routes.ts";
import { solarisDevices } from "./devices/routes.ts";
import { solarisMobileNumbers } from "./mobile-numbers/routes.ts";
import { pinUpdate, scaPinUpdate } from "./operations.ts";
import { solarisPins } from "./pins.ts";
import { solarisToken } from "./token.ts";

export const solaris: Protocol<object, SolarisSandbox> = {
  name: "solaris",
  prefix: "/solaris",
  settings: {},
  routes,
  errorReply: ErrorReply,
  operations: [pinUpdate, scaPinUpdate, changeRequestConfirm],
  auditEvents: solarisAudit,
  /** PINs come in by the key of the sealed PIN, which is the issuer's own. */
  keyPurposes: () => ({}),
  makeCardName: (random) => makeSolarisId("mcrd", random),
};

async function routes(
  app: FastifyInstance,
  { context, explain, sandbox }: RoutesOptions<object, SolarisSandbox>,
): Promise<void> {
  answerErrors(app, explain, describeError);
  await app.register(solarisToken, { context });
  await app.register(async (protectedApp) => {
    requireCaller(protectedApp, ({ headers }) => authenticatePartner(context, "solaris", headers.authorization));
    forbidCaching(protectedApp);
    omitNullMembers(protectedApp);
    await protectedApp.register(solarisPins, { context });
    await protectedApp.register(solarisChangeRequests, { context, staticTan: sandbox?.staticTan ?? null });
    await protectedApp.register(solarisDevices, { context });
    await protectedApp.register(solarisMobileNumbers, { context });
  });
}
