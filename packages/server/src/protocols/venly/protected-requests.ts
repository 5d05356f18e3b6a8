import { LinchpinError } from "@linchpin/core";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../context/index.ts";
import type { Settings } from "../../settings.ts";
import type { Upstream } from "../../upstream.ts";
import { signingRequestOf } from "./raw-body.ts";
import { runProtectedRequest } from "./run-protected-request.ts";

/** What the operator protects by signing methods: checked here, carried out upstream, answered as it answers. */
export async function venlyProtectedRequests(
  app: FastifyInstance,
  {
    context,
    operations,
    upstream,
  }: { context: Context; operations: Settings["venlyProtected"]; upstream: Upstream | null },
): Promise<void> {
  for (const { method, path } of operations)
    app.route({
      method,
      url: path,
      schema: { summary: "Protected by a signing method, handed on to the upstream" },
      handler: async (request, reply) => {
        const answer = await runProtectedRequest(
          context,
          {
            ...signingRequestOf(request, null),
            method,
            path: pathBelow(app.prefix, request.url),
            contentType: request.headers["content-type"],
          },
          upstream,
        );
        if (answer.contentType !== null) reply.type(answer.contentType);
        return reply.code(answer.status).send(answer.body);
      },
    });
}

/**
 * Path and query as the upstream gets them. The router reads a URL decoded, and what sends it on normalizes it: a
 * path that would not be the same after both could reach what the operator did not name.
 * @throws LinchpinError `not_found`
 */
function pathBelow(prefix: string, url: string): string {
  const [path = ""] = url.split(/[?#]/, 1);
  const normalized = URL.parse(url, "http://upstream.invalid");
  if (normalized === null || normalized.pathname !== path || !path.startsWith(`${prefix}/`) || url.includes("#"))
    throw new LinchpinError("not_found");
  return path.slice(prefix.length) + normalized.search;
}
