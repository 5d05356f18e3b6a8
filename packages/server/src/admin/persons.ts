import { LinchpinError } from "@linchpin/core";
import type { Person } from "@linchpin/store";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Context } from "../context/index.ts";
import { callerOf, orProblem } from "../http/index.ts";
import { allowCodes, makePerson, namePerson, replaceMobileNumber, unbindKey } from "../persons/index.ts";
import { Identifier, NoBody, NoContent, OfId, object, Timestamp } from "./shapes.ts";

const mobileNumber = Type.String({ pattern: "^\\+[1-9][0-9]{6,14}$", description: "E.164; counts as verified" });
const name = Type.String({
  minLength: 1,
  maxLength: 128,
  description: "shown on the person's devices before a code is typed",
});
const NewPerson = object({
  partnerId: Identifier,
  mobileNumber: Type.Optional(mobileNumber),
  name: Type.Optional(name),
});
type NewPerson = Type.Static<typeof NewPerson>;
const NewNumber = object({ mobileNumber });
type NewNumber = Type.Static<typeof NewNumber>;
const NewName = object({ name });
type NewName = Type.Static<typeof NewName>;
type OfKey = Type.Static<typeof OfKey>;
const OfKey = Type.Object({ id: Type.String({ maxLength: 64 }), thumbprint: Type.String({ maxLength: 64 }) });

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
    {
      schema: {
        operationId: "makePerson",
        summary: "Make a person",
        body: NewPerson,
        response: { 201: PersonReply, ...orProblem },
      },
    },
    async (request, reply) => {
      const { partnerId, mobileNumber = null, name } = request.body;
      const person = await makePerson(context, callerOf(request), { partnerId, mobileNumber });
      if (name !== undefined) await namePerson(context, callerOf(request), { personId: person.id, name });
      return reply.code(201).send(describePerson(person));
    },
  );

  app.get<{ Params: OfId }>(
    "/persons/:id",
    {
      schema: {
        operationId: "getPerson",
        summary: "A person",
        params: OfId,
        response: { 200: PersonReply, ...orProblem },
      },
    },
    async (request) => describePerson(await findPerson(context, request.params.id)),
  );

  app.patch<{ Params: OfId; Body: NewNumber }>(
    "/persons/:id",
    {
      schema: {
        operationId: "updatePerson",
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

  app.put<{ Params: OfId; Body: NewName }>(
    "/persons/:id/name",
    {
      schema: {
        operationId: "setPersonName",
        summary: "Set the name that the person's devices of the native protocol show",
        params: OfId,
        body: NewName,
        response: { 204: NoContent, ...orProblem },
      },
    },
    async (request, reply) => {
      await namePerson(context, callerOf(request), { personId: request.params.id, name: request.body.name });
      return reply.code(204).send();
    },
  );

  app.post<{ Params: OfId }>(
    "/persons/:id/codes/allow",
    {
      schema: {
        operationId: "allowCodes",
        summary: "Take codes of the native protocol again, after too many wrong ones in a row",
        params: OfId,
        body: NoBody,
        response: { 204: NoContent, ...orProblem },
      },
    },
    async (request, reply) => {
      await allowCodes(context, callerOf(request), request.params.id);
      return reply.code(204).send();
    },
  );

  app.delete<{ Params: OfKey }>(
    "/persons/:id/keys/:thumbprint",
    {
      schema: {
        operationId: "unbindKey",
        summary: "Unbind a device of the native protocol, by its key's thumbprint",
        params: OfKey,
        response: { 204: NoContent, ...orProblem },
      },
    },
    async (request, reply) => {
      const { id: personId, thumbprint } = request.params;
      await unbindKey(context, callerOf(request), { personId, thumbprint });
      return reply.code(204).send();
    },
  );
}

/** @throws LinchpinError `person_unknown` */
async function findPerson(context: Context, id: string): Promise<Person> {
  const person = await context.store.findPerson(id);
  if (person === null) throw new LinchpinError("person_unknown");
  return person;
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
