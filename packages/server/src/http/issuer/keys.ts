import type { KeyRecord, ListedKey } from "@linchpin/vault";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { House } from "../../house.ts";
import { rotateKey } from "../../use-cases/rotate-key.ts";
import { callerOf } from "../caller.ts";
import { orProblem } from "../problem.ts";
import { NoBody, object, Timestamp } from "./shapes.ts";

/** A key by name, never by value. */
const KeyReply = object({
  id: Type.String(),
  purpose: Type.String(),
  version: Type.Integer(),
  state: Type.Enum(["current", "accepted", "retired"]),
  algorithm: Type.String(),
  createdAt: Timestamp,
  acceptedUntil: Type.Union([Timestamp, Type.Null()]),
});
type KeyReply = Type.Static<typeof KeyReply>;

const OfPurpose = Type.Object({ purpose: Type.String({ maxLength: 64 }) });
type OfPurpose = Type.Static<typeof OfPurpose>;

export async function issuerKeys(app: FastifyInstance, { house }: { house: House }): Promise<void> {
  app.get(
    "/keys",
    { schema: { summary: "Keys by name", response: { 200: Type.Array(KeyReply), ...orProblem } } },
    async () => (await house.keyring.list()).map((key) => describeKey(key, key.state)),
  );

  app.post<{ Params: OfPurpose }>(
    "/keys/:purpose/rotate",
    {
      schema: {
        summary: "Make the next key of a purpose",
        params: OfPurpose,
        body: NoBody,
        response: { 201: KeyReply, ...orProblem },
      },
    },
    async (request, reply) => {
      const key = await rotateKey(house, callerOf(request), request.params.purpose);
      return reply.code(201).send(describeKey(key, "current"));
    },
  );
}

function describeKey(
  { id, purpose, version, algorithm, createdAt, acceptedUntil }: KeyRecord,
  state: ListedKey["state"],
): KeyReply {
  return {
    id,
    purpose,
    version,
    state,
    algorithm,
    createdAt: createdAt.toISOString(),
    acceptedUntil: acceptedUntil?.toISOString() ?? null,
  };
}
