import { LinchpinError } from "@linchpin/core";
import type { Credential, Partner } from "@linchpin/store";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { makeCredential, makePartner, revokeCredential, updatePartner } from "../callers/index.ts";
import type { Context } from "../context/index.ts";
import { callerOf, orProblem } from "../http/index.ts";
import type { Protocol } from "../protocol.ts";
import { Identifier, Name, NoContent, OfId, object, Timestamp } from "./shapes.ts";

const mayRegisterMobileNumbers = Type.Boolean({
  description: "whether it may register the first mobile number of its persons; otherwise operators do",
});
const NewPartner = object({ name: Name, mayRegisterMobileNumbers: Type.Optional(mayRegisterMobileNumbers) });
type NewPartner = Type.Static<typeof NewPartner>;
const PartnerChange = object({ mayRegisterMobileNumbers });
type PartnerChange = Type.Static<typeof PartnerChange>;

const PartnerReply = object({ id: Type.String(), name: Type.String(), mayRegisterMobileNumbers, createdAt: Timestamp });
type PartnerReply = Type.Static<typeof PartnerReply>;

interface NewCredential {
  readonly protocol: string;
  readonly roles?: readonly string[];
}

/** The schemas of credentials, in which a protocol is one of the protocol table. */
function credentialShapes(protocols: readonly Protocol[]) {
  const protocol = Type.Enum(protocols.map(({ name }) => name));
  const newCredential = object({ protocol, roles: Type.Optional(Type.Array(Identifier, { maxItems: 32 })) });
  const madeCredential = object({
    protocol,
    clientId: Type.String(),
    clientSecret: Type.String({ description: "shown this once" }),
  });
  /** The secret is kept by its hash alone. */
  const credentialReply = object({
    protocol,
    clientId: Type.String(),
    roles: Type.Array(Type.String()),
    createdAt: Timestamp,
  });
  return { newCredential, madeCredential, credentialReply };
}

interface CredentialReply {
  readonly protocol: string;
  readonly clientId: string;
  readonly roles: readonly string[];
  readonly createdAt: string;
}

const OfCredential = Type.Object({ id: Type.String({ maxLength: 64 }), clientId: Type.String({ maxLength: 64 }) });
type OfCredential = Type.Static<typeof OfCredential>;

/** Partners and their credentials. */
export async function issuerPartners(
  app: FastifyInstance,
  { context, protocols }: { context: Context; protocols: readonly Protocol[] },
): Promise<void> {
  const { newCredential, madeCredential, credentialReply } = credentialShapes(protocols);
  app.post<{ Body: NewPartner }>(
    "/partners",
    {
      schema: {
        operationId: "makePartner",
        summary: "Make a partner",
        body: NewPartner,
        response: { 201: PartnerReply, ...orProblem },
      },
    },
    async (request, reply) => {
      const { name, mayRegisterMobileNumbers = false } = request.body;
      const partner = await makePartner(context, callerOf(request), { name, mayRegisterMobileNumbers });
      return reply.code(201).send(describePartner(partner));
    },
  );

  app.get(
    "/partners",
    {
      schema: {
        operationId: "listPartners",
        summary: "Partners",
        response: { 200: Type.Array(PartnerReply), ...orProblem },
      },
    },
    async () => (await context.store.listPartners()).map(describePartner),
  );

  app.get<{ Params: OfId }>(
    "/partners/:id",
    {
      schema: {
        operationId: "getPartner",
        summary: "A partner",
        params: OfId,
        response: { 200: PartnerReply, ...orProblem },
      },
    },
    async (request) => describePartner(await findPartner(context, request.params.id)),
  );

  app.patch<{ Params: OfId; Body: PartnerChange }>(
    "/partners/:id",
    {
      schema: {
        operationId: "updatePartner",
        summary: "Say whether a partner may register mobile numbers",
        params: OfId,
        body: PartnerChange,
        response: { 200: PartnerReply, ...orProblem },
      },
    },
    async (request) => {
      const { id } = request.params;
      await updatePartner(context, callerOf(request), { id, ...request.body });
      return describePartner(await findPartner(context, id));
    },
  );

  app.post<{ Params: OfId; Body: NewCredential }>(
    "/partners/:id/credentials",
    {
      schema: {
        operationId: "makeCredential",
        summary: "Make a credential for a protocol",
        params: OfId,
        body: newCredential,
        response: { 201: madeCredential, ...orProblem },
      },
    },
    async (request, reply) => {
      const { protocol, roles = [] } = request.body;
      const asked = { partnerId: request.params.id, protocol, roles };
      const made = await makeCredential(context, callerOf(request), asked);
      return reply.code(201).send({ protocol, ...made });
    },
  );

  app.get<{ Params: OfId }>(
    "/partners/:id/credentials",
    {
      schema: {
        operationId: "listCredentials",
        summary: "A partner's credentials",
        params: OfId,
        response: { 200: Type.Array(credentialReply), ...orProblem },
      },
    },
    async (request) => {
      const { id } = await findPartner(context, request.params.id);
      return (await context.store.listCredentials(id)).map(describeCredential);
    },
  );

  app.delete<{ Params: OfCredential }>(
    "/partners/:id/credentials/:clientId",
    {
      schema: {
        operationId: "revokeCredential",
        summary: "Revoke a credential and its tokens",
        params: OfCredential,
        response: { 204: NoContent, ...orProblem },
      },
    },
    async (request, reply) => {
      const { id, clientId } = request.params;
      await revokeCredential(context, callerOf(request), { partnerId: id, clientId });
      return reply.code(204).send();
    },
  );
}

async function findPartner(context: Context, id: string): Promise<Partner> {
  const partner = await context.store.findPartner(id);
  if (partner === null) throw new LinchpinError("not_found");
  return partner;
}

function describePartner({ id, name, mayRegisterMobileNumbers, createdAt }: Partner): PartnerReply {
  return { id, name, mayRegisterMobileNumbers, createdAt: createdAt.toISOString() };
}

function describeCredential({ kind, clientId, roles, createdAt }: Omit<Credential, "secretHash">): CredentialReply {
  return { protocol: kind, clientId, roles: [...roles], createdAt: createdAt.toISOString() };
}
