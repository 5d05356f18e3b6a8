import { describeError } from "@linchpin/protocols/venly/errors";
import type { Upstream, VenlySandbox } from "@linchpin/protocols/venly/issuer";
import { ErrorReply } from "@linchpin/protocols/venly/wire";
import type { FastifyInstance } from "fastify";
import { authenticatePartner } from "../../callers/index.ts";
import { dayMs } from "../../durations.ts";
import { answerErrors, forbidCaching, requireCaller } from "../../http/index.ts";
import type { Protocol, RoutesOptions } from "../../protocol.ts";
import { venlyAudit } from "./audit.ts";
import { venlyKeys } from "./keys.ts";
import { venlyOpenapi } from "./openapi.ts";
import { venlyBody, venlySigning } from "./operations.ts";
import { httpUpstream } from "./protected-requests/http-upstream.ts";
import { venlyProtectedRequests } from "./protected-requests/protected-requests.ts";
import { keepRawBodies } from "./raw-body.ts";
import { type VenlySettings, venlySettings } from "./settings.ts";
import { venlyToken } from "./token.ts";
import { venlyUsers } from "./users/users.ts";

export const venly: Protocol<VenlySettings, VenlySandbox> = {
  name: "venly",
  prefix: "/venly",
  settings: venlySettings,
  routes,
  errorReply: ErrorReply,
  openapi: venlyOpenapi,
  operations: [venlyBody, venlySigning],
  auditEvents: venlyAudit,
  keyPurposes: () => ({
    /** Wraps the content keys of the signing methods that clients send. */
    venly: { algorithm: "RSA-OAEP-256", gracePeriodMs: dayMs },
    /** Stored signing methods. An earlier version compares the values that it computed until they are renewed. */
    "venly-signing-method": { algorithm: "HS256", gracePeriodMs: null },
    /** Signs the assertions that the upstream receives. */
    "venly-assertion": { algorithm: "ES256", gracePeriodMs: dayMs },
  }),
  makeCardName: null,
  maxRequestDurationMs: ({ upstreamTimeoutMs }) => upstreamTimeoutMs,
};

async function routes(
  app: FastifyInstance,
  { context, explain, settings, sandbox }: RoutesOptions<VenlySettings, VenlySandbox>,
): Promise<void> {
  answerErrors(app, explain, describeError);
  const { upstreamUrl: url, upstreamTimeoutMs: timeoutMs, protectedOperations: operations } = settings;
  const acceptsPlainBiometric = settings.plainBiometric === "accept";
  const upstream: Upstream | null = url === null ? (sandbox?.upstream ?? null) : httpUpstream(url, timeoutMs);
  await app.register(venlyToken, { prefix: "/auth", context, explain });
  await app.register(venlyKeys, { context });
  await app.register(async (below) => {
    requireCaller(below, ({ headers }) => authenticatePartner(context, "venly", headers.authorization));
    forbidCaching(below);
    keepRawBodies(below);
    await below.register(venlyUsers, { context, acceptsPlainBiometric });
    await below.register(venlyProtectedRequests, { context, operations, upstream, acceptsPlainBiometric });
  });
}
