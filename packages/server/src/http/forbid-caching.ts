import type { FastifyInstance } from "fastify";

/** No answer of these routes is kept on its way: they hold secrets, sealed as they may be. */
export function forbidCaching(app: FastifyInstance): void {
  app.addHook("onSend", (_request, reply, _payload, done) => {
    reply.header("cache-control", "no-store");
    done();
  });
}
