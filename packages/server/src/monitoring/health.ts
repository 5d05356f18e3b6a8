import { LinchpinError } from "@linchpin/core";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { auditAlarmOf } from "../audit/index.ts";
import type { Context } from "../context/index.ts";
import { isStopping, orProblem, retryAfterSeconds, withoutLimit } from "../http/index.ts";

const nothing = new Uint8Array();
const Status = Type.Object({
  status: Type.Enum(["ok", "unavailable"]),
  reasons: Type.Optional(
    Type.Array(Type.String(), { description: "what an operator must look at, though it is ready" }),
  ),
});

/**
 * Live: the process answers. Ready: so do the store, which can be written to, and the vault, and
 * the server, `app`'s unless named, is not being stopped. An alarm of the audit chain is a reason of an answer
 * that stays 200: otherwise whoever can delete a row of the database could stop every server.
 */
export async function health(
  app: FastifyInstance,
  { context, server = app.server }: { context: Context; server?: object },
): Promise<void> {
  app.get(
    "/health/live",
    {
      config: withoutLimit,
      schema: {
        operationId: "getLiveness",
        summary: "Whether the process answers",
        response: { 200: Status, ...orProblem },
      },
    },
    () => ({ status: "ok" }),
  );

  app.get(
    "/health/ready",
    {
      config: withoutLimit,
      schema: {
        operationId: "getReadiness",
        summary: "Whether store and vault answer too",
        response: { 200: Status, 503: Status, ...orProblem },
      },
    },
    async (_request, reply) => {
      try {
        if (isStopping(server)) throw new LinchpinError("unavailable", { reason: "the server is being stopped" });
        await context.store.ping();
        await context.keyring.seal("card-pin", nothing, nothing);
        const alarm = auditAlarmOf(context);
        return alarm === null ? { status: "ok" } : { status: "ok", reasons: [alarm] };
      } catch (error) {
        context.log.warn({ err: error }, "not ready");
        return reply.code(503).header("retry-after", retryAfterSeconds).send({ status: "unavailable" });
      }
    },
  );
}
