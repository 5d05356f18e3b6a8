import { LinchpinError } from "@linchpin/core";
import type { Program } from "@linchpin/store";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { makeProgram, ProgramSettingsPatch, storedSettingsOf } from "../cards/index.ts";
import type { Context } from "../context/index.ts";
import { callerOf, orProblem } from "../http/index.ts";
import { Name, OfId, object, Timestamp } from "./shapes.ts";

const NewProgram = object({ name: Name, settings: Type.Optional(ProgramSettingsPatch) });
type NewProgram = Type.Static<typeof NewProgram>;

/** With every setting, those that were left out too; the native protocol's only where they are set. */
const ProgramReply = object({
  id: Type.String(),
  name: Type.String(),
  settings: ProgramSettingsPatch,
  createdAt: Timestamp,
});

/** Card programs: the rules that their cards' PINs live by. */
export async function issuerPrograms(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  app.post<{ Body: NewProgram }>(
    "/programs",
    {
      schema: {
        operationId: "makeProgram",
        summary: "Make a card program",
        body: NewProgram,
        response: { 201: ProgramReply, ...orProblem },
      },
    },
    async (request, reply) => {
      const { name, settings = {} } = request.body;
      return reply.code(201).send(describeProgram(await makeProgram(context, callerOf(request), { name, settings })));
    },
  );

  app.get(
    "/programs",
    {
      schema: {
        operationId: "listPrograms",
        summary: "Card programs",
        response: { 200: Type.Array(ProgramReply), ...orProblem },
      },
    },
    async () => (await context.store.listPrograms()).map(describeProgram),
  );

  app.get<{ Params: OfId }>(
    "/programs/:id",
    {
      schema: {
        operationId: "getProgram",
        summary: "A card program",
        params: OfId,
        response: { 200: ProgramReply, ...orProblem },
      },
    },
    async (request) => {
      const program = await context.store.findProgram(request.params.id);
      if (program === null) throw new LinchpinError("not_found");
      return describeProgram(program);
    },
  );
}

function describeProgram(program: Program) {
  const { id, name, createdAt } = program;
  return { id, name, settings: storedSettingsOf(program), createdAt: createdAt.toISOString() };
}
