import { LinchpinError } from "@linchpin/core";
import type { FastifyInstance } from "fastify";
import { isLoopback } from "../settings/index.ts";
import { describeProblem } from "./problem.ts";

/**
 * For a sandbox: every route answers only to requests whose `Host`, and whose `Origin` where there is one, is loopback or
 * in `hosts`. A page of another site that reaches this address, by DNS rebinding too, gets `caller_not_allowed`.
 */
export function refuseForeignHosts(app: FastifyInstance, hosts: readonly string[]): void {
  const isOwn = (host: string | undefined) => host !== undefined && (isLoopback(host) || hosts.includes(host));
  app.addHook("onRequest", async (request, reply) => {
    const { host, origin } = request.headers;
    const foreign = !isOwn(hostnameOf(`http://${host}`))
      ? "Host"
      : origin !== undefined && !isOwn(hostnameOf(origin))
        ? "Origin"
        : null;
    if (foreign === null) return;
    const reason = `its ${foreign} is neither a loopback name nor in LINCHPIN_SANDBOX_HOSTS`;
    request.log.info({ code: "caller_not_allowed", reason }, "refused");
    // In no protocol's words, and by no route's schema: no partner receives this answer.
    const { status, body, mediaType } = describeProblem(new LinchpinError("caller_not_allowed"), reason);
    return reply.code(status).type(mediaType).send(JSON.stringify(body));
  });
}

/** In lower case, without a port. An address of IPv6 has its brackets. */
function hostnameOf(url: string): string | undefined {
  const { hostname, pathname, username } = URL.parse(url) ?? {};
  return username === "" && (pathname === "/" || pathname === "") ? hostname : undefined;
}
