import { base64FromBytes, LinchpinError } from "@linchpin/core";
import type { KeyRecord, KeyState } from "@linchpin/vault";
import type { FastifyInstance, FastifyReply } from "fastify";
import Type from "typebox";
import type { Context } from "../context/index.ts";
import {
  callerOf,
  describeProblem,
  mediaType,
  orProblem,
  ProtectedCounts as ProtectedCountsSchema,
} from "../http/index.ts";
import {
  countProtected,
  destroyKey,
  makeKey,
  type ProtectedCounts,
  provenPublicHalf,
  resealBatch,
  retireKey,
  rotateKey,
} from "../keys/index.ts";
import { NoBody, NoContent, OfId, object, Timestamp } from "./shapes.ts";

const orNull = (schema: Type.TSchema) => Type.Union([schema, Type.Null()]);

/** A key by name, never by value. */
const KeyReply = object({
  id: Type.String(),
  purpose: Type.String(),
  version: Type.Integer(),
  state: Type.Enum(["pending", "current", "accepted", "retired", "destroyed"]),
  algorithm: Type.String(),
  vault: Type.String({ description: "where it computes" }),
  atHome: Type.Boolean({ description: "new keys are made in the same vault" }),
  publicKey: orNull(
    Type.String({
      description:
        "SPKI, DER, base64; null too where the key has not ended, and its vault does not show that it holds the private half",
    }),
  ),
  createdAt: Timestamp,
  currentFrom: orNull(Timestamp),
  acceptedUntil: orNull(Timestamp),
  destroyedAt: orNull(Timestamp),
});
const ProtectingKey = object({
  ...KeyReply.properties,
  acceptedUntilIfRotated: orNull(Timestamp),
  protects: ProtectedCountsSchema,
});

const OfPurpose = Type.Object({ purpose: Type.String({ maxLength: 64 }) });
type OfPurpose = Type.Static<typeof OfPurpose>;

const Retirement = Type.Union([
  Type.Null(),
  object({
    forceRecovery: Type.Optional(
      Type.Boolean({ description: "signing methods that still need the key will need recovery" }),
    ),
  }),
]);
type Retirement = Type.Static<typeof Retirement>;

const BatchReply = object({
  found: Type.Integer({ description: "what this batch had to seal anew; 0 when all is done" }),
  resealed: Type.Integer({ description: "what it did; what changed meanwhile stays as it changed" }),
});

export async function issuerKeys(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  app.get(
    "/keys",
    {
      schema: {
        operationId: "listKeys",
        summary: "Keys by name",
        response: { 200: Type.Array(KeyReply), ...orProblem },
      },
    },
    async () => {
      // So that no key is missing just after a first start. One that cannot be made is: the maintenance logs why.
      await context.keyring.makeLateKeys().catch(() => {});
      const described: Type.Static<typeof KeyReply>[] = [];
      for (const key of await context.keyring.list()) described.push(await describeKey(context, key, key.state));
      return described;
    },
  );

  app.get<{ Params: OfId }>(
    "/keys/:id",
    {
      schema: {
        operationId: "getKey",
        summary: "A key, and how much is kept under it",
        params: OfId,
        response: { 200: ProtectingKey, ...orProblem },
      },
    },
    async (request) => {
      const key = (await context.keyring.list()).find(({ id }) => id === request.params.id);
      if (key === undefined) throw new LinchpinError("not_found");
      return {
        ...(await describeKey(context, key, key.state)),
        acceptedUntilIfRotated: context.keyring.endIfRotated(key)?.toISOString() ?? null,
        protects: await countProtected(context, key.id),
      };
    },
  );

  app.post<{ Params: OfPurpose }>(
    "/keys/:purpose/make",
    {
      schema: {
        operationId: "makeKey",
        summary: "Make the next key of a purpose, to be current at the next rotation",
        params: OfPurpose,
        body: NoBody,
        response: { 201: KeyReply, ...orProblem },
      },
    },
    async (request, reply) => {
      const key = await makeKey(context, callerOf(request), request.params.purpose);
      return reply.code(201).send(await describeKey(context, key, "pending"));
    },
  );

  app.post<{ Params: OfPurpose }>(
    "/keys/:purpose/rotate",
    {
      schema: {
        operationId: "rotateKey",
        summary: "Make the next key of a purpose the current one",
        params: OfPurpose,
        body: NoBody,
        response: { 201: KeyReply, ...orProblem },
      },
    },
    async (request, reply) => {
      const key = await rotateKey(context, callerOf(request), request.params.purpose);
      return reply.code(201).send(await describeKey(context, key, "current"));
    },
  );

  app.post<{ Params: OfPurpose }>(
    "/keys/:purpose/reseal",
    {
      schema: {
        operationId: "resealBatch",
        summary: "Seal a batch of what is kept by the current key of a purpose",
        description: "Servers do so by themselves, slowly. Call it until it finds nothing.",
        params: OfPurpose,
        body: NoBody,
        response: { 200: BatchReply, ...orProblem },
      },
    },
    (request) => resealBatch(context, request.params.purpose),
  );

  app.post<{ Params: OfId; Body: Retirement }>(
    "/keys/:id/retire",
    {
      schema: {
        operationId: "retireKey",
        summary: "End a key's acceptance before its time",
        params: OfId,
        body: Retirement,
        response: { 204: NoContent, ...orProblem },
      },
    },
    async (request, reply) => {
      const retirement = { keyId: request.params.id, forceRecovery: request.body?.forceRecovery ?? false };
      return answerEnd(reply, await retireKey(context, callerOf(request), retirement));
    },
  );

  app.post<{ Params: OfId }>(
    "/keys/:id/destroy",
    {
      schema: {
        operationId: "destroyKey",
        summary: "Destroy a retired key for good",
        params: OfId,
        body: NoBody,
        response: { 204: NoContent, ...orProblem },
      },
    },
    async (request, reply) => answerEnd(reply, await destroyKey(context, callerOf(request), request.params.id)),
  );
}

function answerEnd(reply: FastifyReply, protects: ProtectedCounts | null): FastifyReply {
  if (protects === null) return reply.code(204).send();
  const { status, body } = describeProblem(new LinchpinError("conflict"));
  return reply
    .code(status)
    .type(mediaType)
    .send({ ...body, protects });
}

async function describeKey(context: Context, key: KeyRecord, state: KeyState): Promise<Type.Static<typeof KeyReply>> {
  const { id, purpose, version, algorithm, vault } = key;
  // Of a key that has ended the private half may be gone.
  const hasEnded = state === "retired" || state === "destroyed";
  const publicHalf = hasEnded ? key.publicKeySpki : await provenPublicHalf(context, key);
  return {
    id,
    purpose,
    version,
    state,
    algorithm,
    vault,
    atHome: context.keyring.isInActiveVault(key),
    publicKey: publicHalf && base64FromBytes(publicHalf),
    createdAt: key.createdAt.toISOString(),
    currentFrom: key.currentFrom?.toISOString() ?? null,
    acceptedUntil: key.acceptedUntil?.toISOString() ?? null,
    destroyedAt: key.destroyedAt?.toISOString() ?? null,
  };
}
