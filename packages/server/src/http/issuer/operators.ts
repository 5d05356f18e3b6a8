import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { House } from "../../house.ts";
import { makeOperator } from "../../use-cases/make-operator.ts";
import { callerOf } from "../caller.ts";
import { orProblem } from "../problem.ts";
import { Name, object } from "./shapes.ts";

const NewOperator = object({ name: Name });
type NewOperator = Type.Static<typeof NewOperator>;

const MadeOperator = object({
  name: Type.String(),
  apiKey: Type.String({ description: "shown this once" }),
});

export async function issuerOperators(app: FastifyInstance, { house }: { house: House }): Promise<void> {
  app.post<{ Body: NewOperator }>(
    "/operators",
    { schema: { body: NewOperator, response: { 201: MadeOperator, ...orProblem } } },
    async (request, reply) => {
      const made = await makeOperator(house, { name: request.body.name, caller: callerOf(request) });
      return reply.code(201).header("cache-control", "no-store").send(made);
    },
  );
}
