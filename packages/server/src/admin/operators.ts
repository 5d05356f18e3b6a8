import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { deleteOperator, makeOperator } from "../callers/index.ts";
import type { Context } from "../context/index.ts";
import { callerOf, orProblem } from "../http/index.ts";
import { NoContent, object, Timestamp } from "./shapes.ts";

const NewOperator = object({
  name: Type.String({
    minLength: 1,
    maxLength: 64,
    pattern: "^\\p{L}",
    description: "begins with a letter, taken once; audit events name the operator by it",
  }),
});
type NewOperator = Type.Static<typeof NewOperator>;

const MadeOperator = object({
  name: Type.String(),
  apiKey: Type.String({ description: "shown this once" }),
});

const OperatorReply = object({ name: Type.String(), createdAt: Timestamp });

const OfName = Type.Object({ name: Type.String({ maxLength: 128 }) });
type OfName = Type.Static<typeof OfName>;

/** The operators, who may call the issuer API. */
export async function issuerOperators(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  app.post<{ Body: NewOperator }>(
    "/operators",
    {
      schema: {
        operationId: "makeOperator",
        summary: "Let an operator in",
        body: NewOperator,
        response: { 201: MadeOperator, ...orProblem },
      },
    },
    async (request, reply) => {
      const made = await makeOperator(context, { name: request.body.name, caller: callerOf(request) });
      return reply.code(201).send(made);
    },
  );

  app.get(
    "/operators",
    {
      schema: {
        operationId: "listOperators",
        summary: "Operators",
        response: { 200: Type.Array(OperatorReply), ...orProblem },
      },
    },
    async () =>
      (await context.store.listOperators()).map(({ name, createdAt }) => ({
        name,
        createdAt: createdAt.toISOString(),
      })),
  );

  app.delete<{ Params: OfName }>(
    "/operators/:name",
    {
      schema: {
        operationId: "deleteOperator",
        summary: "Take an operator's key away",
        params: OfName,
        response: { 204: NoContent, ...orProblem },
      },
    },
    async (request, reply) => {
      await deleteOperator(context, callerOf(request), request.params.name);
      return reply.code(204).send();
    },
  );
}
