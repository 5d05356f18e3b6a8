import { LinchpinError } from "@linchpin/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { auditFacts, auditRefused, issuerAudit, systemCaller } from "../audit/index.ts";
import { type Context, type RequestScope, runInRequest } from "../context/index.ts";
import { minuteMs } from "../durations.ts";
import { refusalOf, requestScopeOf } from "../http/index.ts";

/** Failed log-ins at one base path with one claimed client, of which the first is in an audit event already. */
interface FurtherLogins {
  readonly basePath: string;
  readonly clientId: string | undefined;
  count: number;
}

/**
 * Appends an audit event for failed log-ins: a wrong secret of a token endpoint, an API key or a token that nobody has.
 * The first one at a base path with a client is recorded at once, further ones once a minute as a number, so that a
 * flood cannot fill the database. Only a client that exists is named, as any other text may be a secret in the wrong
 * field, and as made-up names have no end. It is recorded after the answer was sent, so that the time of an answer does
 * not show whether a client exists.
 */
export function auditFailedLogins(app: FastifyInstance, context: Context, intervalMs = minuteMs): void {
  const further = new Map<string, FurtherLogins>();
  context.onReset?.(() => further.clear());

  app.addHook("onResponse", (request, _reply, done) => {
    if (refusalOf(request) !== "caller_unknown") done();
    else count(request).then(() => done(), done);
  });

  async function count(request: FastifyRequest): Promise<void> {
    const scope = requestScopeOf(request);
    const basePath = basePathOf(request.routeOptions.url ?? "");
    const clientId = scope.claimedClientId ?? undefined;
    const name = `${basePath} ${clientId ?? ""}`;
    const known = further.get(name);
    if (known !== undefined) {
      known.count++;
      return;
    }
    further.set(name, { basePath, clientId, count: 0 });
    await append({ basePath, clientId, count: 1 }, scope);
  }

  const appendFurther = async () => {
    const counted = [...further.values()];
    further.clear();
    for (const logins of counted) if (logins.count > 0) await append(logins, null);
  };
  const timer = setInterval(() => void appendFurther(), intervalMs).unref();
  app.addHook("onClose", async () => {
    clearInterval(timer);
    await appendFurther();
  });

  async function append({ basePath, clientId, count }: FurtherLogins, scope: RequestScope | null): Promise<void> {
    const facts = auditFacts(issuerAudit["issuer.log_in"], systemCaller, { basePath, clientId, count });
    const subject = { id: clientId ?? "log-ins" };
    const entry = () => auditRefused(context, subject, new LinchpinError("caller_unknown"), facts);
    const audit = scope === null ? entry() : runInRequest(scope, entry);
    // The answer is sent already, and the access log has a line for each request.
    await context.store
      .appendAuditEvent(audit)
      .catch((error: unknown) => context.log.error({ err: error, count }, "failed log-ins not recorded"));
  }
}

/** The first segment of a route's path, such as `/solaris`: there are as many as there are APIs. */
function basePathOf(route: string): string {
  return `/${route.split("/")[1] ?? ""}`;
}
