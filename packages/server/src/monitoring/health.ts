import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { House } from "../context/context.ts";

const nothing = new Uint8Array();
const Status = Type.Object({ status: Type.Enum(["ok", "unavailable"]) });

/** Live: the process answers. Ready: so do the store and the vault. */
export async function health(app: FastifyInstance, { house }: { house: House }): Promise<void> {
  app.get("/health/live", { schema: { response: { 200: Status } } }, () => ({ status: "ok" }));

  app.get("/health/ready", { schema: { response: { 200: Status, 503: Status } } }, async (_request, reply) => {
    try {
      await house.store.ping();
      await house.keyring.seal("card-pin", nothing, nothing);
      return { status: "ok" };
    } catch (error) {
      house.log.warn({ err: error }, "not ready");
      return reply.code(503).send({ status: "unavailable" });
    }
  });
}
