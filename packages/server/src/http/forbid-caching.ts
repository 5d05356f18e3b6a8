import type { FastifyInstance } from "fastify";

/** No answer of these routes is kept on its way: they hold secrets, sealed as they may be. */
export function forbidCaching(app: FastifyInstance): void {
  app.addHook("onSend", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });
}
