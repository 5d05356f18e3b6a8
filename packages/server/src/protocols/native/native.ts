import { describeError } from "@linchpin/protocols/native/errors";
import { ErrorReply } from "@linchpin/protocols/native/wire";
import type { FastifyInstance } from "fastify";
import { authenticatePartner } from "../../callers/index.ts";
import { answerErrors, forbidCaching, mediaType, requireCaller } from "../../http/index.ts";
import { makeUuid } from "../../identifiers.ts";
import type { Protocol, RoutesOptions } from "../../protocol.ts";
import { nativeAudit } from "./audit.ts";
import { nativeKeyPurposes } from "./native-keys.ts";
import { nativeOpenapi } from "./openapi.ts";
import { nativeOperations } from "./operation-route.ts";
import { nativeColumns } from "./operations.ts";
import { nativeSessions } from "./sessions.ts";
import { type NativeSettings, nativeSettings } from "./settings.ts";
import { nativeToken } from "./token.ts";

export const native: Protocol<NativeSettings> = {
  name: "native",
  prefix: "/native/v1",
  settings: nativeSettings,
  routes,
  errorReply: ErrorReply,
  openapi: nativeOpenapi,
  operations: nativeColumns,
  auditEvents: nativeAudit,
  keyPurposes: ({ isServed }) => (isServed === "on" ? nativeKeyPurposes : {}),
  makeCardName: makeUuid,
};

async function routes(
  app: FastifyInstance,
  { context, explain, settings }: RoutesOptions<NativeSettings>,
): Promise<void> {
  answerErrors(app, explain, (error, explanation, requestId) => ({
    ...describeError(error, explanation, requestId),
    mediaType,
  }));
  if (settings.isServed === "off") return;
  await app.register(nativeToken, { context });
  await app.register(async (protectedApp) => {
    requireCaller(protectedApp, ({ headers }) => authenticatePartner(context, "native", headers.authorization));
    forbidCaching(protectedApp);
    await protectedApp.register(nativeSessions, { context, settings });
    await protectedApp.register(nativeOperations, { context, settings });
  });
}
