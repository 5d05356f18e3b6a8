import { isUtf8 } from "node:buffer";
import type { TlsOptions } from "node:tls";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import { LinchpinError } from "@linchpin/core";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import { exampleValues, issuer } from "./admin/index.ts";
import { auditFailedLogins, throttleFailedAttempts } from "./callers/index.ts";
import type { Context } from "./context/index.ts";
import {
  answerErrors,
  callerOrAddress,
  closeConnectionsWithTheirAnswer,
  compileSerializer,
  compileValidator,
  connectionOptions,
  describeProblem,
  type Explain,
  openapiOf,
  refuseForeignHosts,
  requestIdHeader,
  scopeRequests,
  setSecurityHeaders,
  toLinchpinError,
} from "./http/index.ts";
import { makeId } from "./identifiers.ts";
import { issuerKeysRoutes } from "./issuer-keys/index.ts";
import { health, measure } from "./monitoring/index.ts";
import { describeDeliveries } from "./outbox/index.ts";
import { longestAnswerMsOf, ownSettings, type Protocol } from "./protocol.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Settings } from "./settings/index.ts";

const bodyLimitBytes = 64 * 1024;

interface AppOptions {
  readonly protocols: readonly Protocol[];
  readonly settings: Settings;
  /** Null in production. */
  readonly sandbox: Sandbox | null;
  /** Null or absent: plain HTTP. */
  readonly tls?: TlsOptions | null;
}

/** The HTTP server with every route: limits, authentication, schemas of requests. The functions that routes call know no HTTP. */
export async function createApp(
  parts: Context,
  { protocols, settings, sandbox, tls = null }: AppOptions,
): Promise<FastifyInstance> {
  const context = sandbox === null ? parts : { ...parts, watchStep: sandbox.watchStep };
  const maxRequestDurationMs = longestAnswerMsOf(protocols, settings);
  const app = Fastify({
    loggerInstance: context.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
    bodyLimit: bodyLimitBytes,
    ...connectionOptions(maxRequestDurationMs, tls),
    return503OnClosing: false,
    trustProxy: settings.trustedProxies === null ? false : [...settings.trustedProxies],
    // The id is in the answer, in log lines and in audit events, and unique over all servers. A caller's own is never taken.
    genReqId: makeId,
    // A request without a route belongs to no protocol; the framework's own answer would quote the URL.
    frameworkErrors: (error, request, reply: FastifyReply) => {
      const { status, body, mediaType } = describeProblem(toLinchpinError(error));
      reply.header(requestIdHeader, request.id).code(status).type(mediaType).send(body);
    },
    routerOptions: { maxParamLength: 1024 },
  });
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(compileSerializer);
  scopeRequests(app);
  if (sandbox !== null) refuseForeignHosts(app, settings.sandboxHosts);
  app.removeContentTypeParser("text/plain");
  takeJsonInUtf8(app);
  refuseEncodedBodies(app);
  closeConnectionsWithTheirAnswer(app, maxRequestDurationMs);
  const explain: Explain = sandbox?.explain ?? (async () => undefined);
  answerErrors(app, explain, describeProblem);
  setSecurityHeaders(app);
  if (settings.requestsPerMinute > 0)
    await app.register(rateLimit, {
      max: settings.requestsPerMinute,
      timeWindow: "1 minute",
      hook: "preParsing",
      keyGenerator: callerOrAddress,
      ...(sandbox === null ? {} : { store: sandbox.requestCounts }),
    });
  if (settings.wrongSecretsPerMinute > 0) throttleFailedAttempts(app, context, settings.wrongSecretsPerMinute);
  auditFailedLogins(app, context);
  await app.register(swagger, openapiOf({ protocols, webhooks: describeDeliveries(), examples: exampleValues }));
  measure(app, context);
  sandbox?.watchRequests(app);
  await app.register(health, { context });
  for (const protocol of protocols)
    await app.register(
      (below) =>
        protocol.routes(below, {
          context,
          explain,
          settings: ownSettings(protocol, settings),
          sandbox: sandbox?.protocols[protocol.name] ?? null,
        }),
      { prefix: protocol.prefix },
    );
  await app.register(issuerKeysRoutes, { context });
  await app.register(issuer, { prefix: "/issuer/v1", context, protocols, explain });
  if (sandbox !== null) await app.register(sandbox.routes);
  app.get("/openapi.json", { schema: { hide: true } }, () => ({
    ...app.swagger(),
    servers: [{ url: context.publicUrl() }],
  }));
  return app;
}

/**
 * RFC 8259 §8.1. Invalid UTF-8 would be replaced by other characters, so it is refused, as are `__proto__` and `constructor`.
 * Clients that set the content type on every request send an empty body where a route takes none: that is no body.
 */
function takeJsonInUtf8(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, body, done) => {
    if (body.length === 0 && takesNoBody(request)) done(null);
    else if (isUtf8(body)) parse(request, body.toString(), done);
    else done(new LinchpinError("json_invalid"));
  });
}

/** Whether the route has no schema of a body, or one that null satisfies, which is how the framework validates no body. */
function takesNoBody(request: FastifyRequest): boolean {
  const isValid = request.getValidationFunction("body");
  return isValid === undefined || isValid(null) === true;
}

/** Refuses compressed bodies: a small one may be large when it is unpacked. */
function refuseEncodedBodies(app: FastifyInstance): void {
  app.addHook("preParsing", ({ headers }, _reply, _payload, done) => {
    const encoding = headers["content-encoding"];
    if (encoding === undefined || encoding === "identity") done();
    else done(new LinchpinError("media_type_unsupported", { reason: "the body has a content encoding" }));
  });
}
