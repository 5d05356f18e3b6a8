import type { FastifyInstance } from "fastify";
import type { House } from "../../house.ts";
import type { Settings } from "../../settings.ts";
import type { Upstream } from "../../upstream.ts";
import { runProtectedRequest } from "../../use-cases/run-protected-request.ts";
import { signingRequestOf } from "./raw-body.ts";

/** What the operator protects by signing methods: checked here, carried out upstream, answered as it answers. */
export async function venlyProtectedRequests(
  app: FastifyInstance,
  { house, operations, upstream }: { house: House; operations: Settings["venlyProtected"]; upstream: Upstream | null },
): Promise<void> {
  for (const { method, path } of operations)
    app.route({
      method,
      url: path,
      schema: { summary: "Protected by a signing method, handed on to the upstream" },
      handler: async (request, reply) => {
        const answer = await runProtectedRequest(
          house,
          {
            ...signingRequestOf(request, null),
            method,
            path: request.url.slice(app.prefix.length),
            contentType: request.headers["content-type"],
          },
          upstream,
        );
        if (answer.contentType !== null) reply.type(answer.contentType);
        return reply.code(answer.status).send(answer.body);
      },
    });
}
