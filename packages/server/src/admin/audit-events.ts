import { base64FromBytes, hexFromBytes, LinchpinError } from "@linchpin/core";
import type { AuditEvent } from "@linchpin/store";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Context } from "../context/index.ts";
import { orProblem } from "../http/index.ts";
import { Identifier, object, Timestamp } from "./shapes.ts";

/**
 * React Native's `fetch`, jQuery and others add it to a GET that is not to be cached. Any other parameter that is not
 * documented is refused: a misspelt `afterSequence` would answer the first page for ever.
 */
const cacheBuster = { _: Type.Optional(Type.String({ description: "ignored" })) };

/** Queries are text, and stay it. */
const Query = object({
  ...cacheBuster,
  cardId: Type.Optional(Identifier),
  skip: Type.Optional(Type.String({ pattern: "^[0-9]{1,9}$" })),
  shard: Type.Optional(Type.String({ pattern: "^[0-9]{1,5}$" })),
  afterSequence: Type.Optional(Type.String({ pattern: "^[0-9]{1,15}$" })),
  limit: Type.Optional(Type.String({ pattern: "^([1-9][0-9]{0,2}|1000)$", description: "1 to 1000; 100" })),
});
type Query = Type.Static<typeof Query>;

/** Beside a page that is not the last. */
const Link = { link: Type.String({ description: 'the URL of the next page, with `rel="next"`' }) };

const hash = Type.String({ description: "SHA-256, hex" });

/** The members of `content`, and the values that the hash chain needs. */
const AuditEventReply = Type.Object(
  {
    shard: Type.Integer(),
    sequence: Type.Integer(),
    cardId: Type.Union([Type.String(), Type.Null()]),
    occurredAt: Timestamp,
    operation: Type.String(),
    outcome: Type.Enum(["done", "refused"]),
    code: Type.Optional(Type.String({ description: "why it was refused" })),
    content: Type.String({ description: "JSON, exactly as it was hashed" }),
    hash,
  },
  { additionalProperties: true },
);

const CheckpointQuery = object({
  ...cacheBuster,
  afterSequence: Query.properties.afterSequence,
  limit: Query.properties.limit,
});
type CheckpointQuery = Type.Static<typeof CheckpointQuery>;

const CheckpointReply = object({
  sequence: Type.Integer(),
  content: Type.String({ description: "JSON, exactly as it was signed: heads of every chain, hash of the one before" }),
  keyId: Type.String({ description: "names a key of /keys" }),
  signature: Type.String({ description: "ECDSA P-256 over SHA-256, r and s, base64" }),
});

const AuditShardReply = object({ shard: Type.Integer(), sequence: Type.Integer(), hash });

/** The audit events, and the chains and checkpoints that prove that none was removed or altered. */
export async function issuerAuditEvents(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  app.get<{ Querystring: Query }>(
    "/audit-events",
    {
      schema: {
        operationId: "listAuditEvents",
        summary: "Audit events",
        querystring: Query,
        description: "Of a card, oldest first: cardId, skip. Of a chain, link by link: shard, afterSequence.",
        response: { 200: Type.Array(AuditEventReply, { headers: Link }), ...orProblem },
      },
    },
    async (request, reply) => {
      const limit = Number(request.query.limit ?? 100);
      const found = await listEvents(context, request.query, limit + 1);
      const events = found.slice(0, limit);
      if (found.length > limit) reply.header("link", `<${nextUrl(context, request.query, events)}>; rel="next"`);
      return events.map(describeEvent);
    },
  );

  app.get(
    "/audit-shards",
    {
      schema: {
        operationId: "listAuditShards",
        summary: "The head of every chain of audit events",
        response: { 200: Type.Array(AuditShardReply), ...orProblem },
      },
    },
    async () =>
      (await context.store.listAuditShards()).map(({ shard, sequence, hash }) => ({
        shard,
        sequence: Number(sequence),
        hash: hexFromBytes(hash),
      })),
  );

  app.get<{ Querystring: CheckpointQuery }>(
    "/audit-checkpoints",
    {
      schema: {
        operationId: "listAuditCheckpoints",
        summary: "Signed heads of the chains of audit events, oldest first",
        querystring: CheckpointQuery,
        response: { 200: Type.Array(CheckpointReply), ...orProblem },
      },
    },
    async ({ query: { afterSequence = "0", limit = "100" } }) => {
      const page = { afterSequence: BigInt(afterSequence), limit: Number(limit) };
      return (await context.store.listAuditCheckpoints(page)).map(({ sequence, content, keyId, signature }) => ({
        sequence: Number(sequence),
        content,
        keyId,
        signature: base64FromBytes(signature),
      }));
    },
  );
}

function listEvents(
  { store }: Context,
  { cardId, skip, shard, afterSequence }: Query,
  limit: number,
): Promise<AuditEvent[]> {
  if (cardId !== undefined && shard === undefined && afterSequence === undefined)
    return store.listCardAuditEvents(cardId, { skip: Number(skip ?? 0), limit });
  if (shard !== undefined && cardId === undefined && skip === undefined)
    return store.listShardAuditEvents(Number(shard), { afterSequence: BigInt(afterSequence ?? 0), limit });
  throw new LinchpinError("request_invalid", { reason: "give cardId, with skip; or shard, with afterSequence" });
}

function nextUrl(context: Context, { _, ...query }: Query, events: readonly AuditEvent[]): string {
  const from =
    query.cardId === undefined
      ? { afterSequence: String(events.at(-1)?.sequence) }
      : { skip: String(Number(query.skip ?? 0) + events.length) };
  return `${context.publicUrl()}/issuer/v1/audit-events?${new URLSearchParams({ ...query, ...from })}`;
}

function describeEvent({ shard, sequence, cardId, occurredAt, content, hash }: AuditEvent) {
  return {
    ...JSON.parse(content),
    shard,
    sequence: Number(sequence),
    cardId,
    occurredAt: occurredAt.toISOString(),
    content,
    hash: hexFromBytes(hash),
  };
}
