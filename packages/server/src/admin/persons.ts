import { LinchpinError } from "@linchpin/core";
import type { Person } from "@linchpin/store";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Context } from "../context/index.ts";
import { callerOf, orProblem } from "../http/index.ts";
import { makePerson, replaceMobileNumber } from "../persons/index.ts";
import { Identifier, OfId, object, Timestamp } from "./shapes.ts";

const mobileNumber = Type.String({ pattern: "^\\+[1-9][0-9]{6,14}$", description: "E.164; counts as verified" });
const NewPerson = object({ partnerId: Identifier, mobileNumber: Type.Optional(mobileNumber) });
type NewPerson = Type.Static<typeof NewPerson>;
const NewNumber = object({ mobileNumber });
type NewNumber = Type.Static<typeof NewNumber>;

const PersonReply = object({
  id: Type.String(),
  partnerId: Type.String(),
  mobileNumber: Type.Union([object({ number: Type.String(), verified: Type.Boolean() }), Type.Null()]),
  createdAt: Timestamp,
});
type PersonReply = Type.Static<typeof PersonReply>;

export async function issuerPersons(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  app.post<{ Body: NewPerson }>(
    "/persons",
    { schema: { summary: "Make a person", body: NewPerson, response: { 201: PersonReply, ...orProblem } } },
    async (request, reply) => {
      const { partnerId, mobileNumber = null } = request.body;
      const person = await makePerson(context, callerOf(request), { partnerId, mobileNumber });
      return reply.code(201).send(describePerson(person));
    },
  );

  app.get<{ Params: OfId }>(
    "/persons/:id",
    { schema: { summary: "A person", params: OfId, response: { 200: PersonReply, ...orProblem } } },
    async (request) => {
      const person = await context.store.findPerson(request.params.id);
      if (person === null) throw new LinchpinError("person_unknown");
      return describePerson(person);
    },
  );

  app.patch<{ Params: OfId; Body: NewNumber }>(
    "/persons/:id",
    {
      schema: {
        summary: "Replace a person's mobile number",
        params: OfId,
        body: NewNumber,
        response: { 200: PersonReply, ...orProblem },
      },
    },
    async (request) => {
      const change = { personId: request.params.id, number: request.body.mobileNumber };
      return describePerson(await replaceMobileNumber(context, callerOf(request), change));
    },
  );
}

function describePerson({ id, partnerId, mobileNumber, createdAt }: Person): PersonReply {
  const { number = "", verified = false } = mobileNumber ?? {};
  return {
    id,
    partnerId,
    mobileNumber: mobileNumber === null ? null : { number, verified },
    createdAt: createdAt.toISOString(),
  };
}
