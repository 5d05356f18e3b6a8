import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Context } from "../context/index.ts";

const nothing = new Uint8Array();
const Status = Type.Object({ status: Type.Enum(["ok", "unavailable"]) });

/** Live: the process answers. Ready: so do the store and the vault. */
export async function health(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  app.get("/health/live", { schema: { response: { 200: Status } } }, () => ({ status: "ok" }));

  app.get("/health/ready", { schema: { response: { 200: Status, 503: Status } } }, async (_request, reply) => {
    try {
      await context.store.ping();
      await context.keyring.seal("card-pin", nothing, nothing);
      return { status: "ok" };
    } catch (error) {
      context.log.warn({ err: error }, "not ready");
      return reply.code(503).send({ status: "unavailable" });
    }
  });
}
