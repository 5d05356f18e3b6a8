import { LinchpinError } from "@linchpin/core";
import { manifestMediaType, manifestPath } from "@linchpin/protocols/issuer-keys/wire";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Context } from "../context/index.ts";
import { orProblem } from "../http/index.ts";
import { publishManifest } from "./publish-manifest.ts";

/** Far shorter than a key that left the list is still accepted, and than a manifest lives. */
const maxAgeSeconds = 60;

const jws = Type.String({ examples: ["eyJhbGciOiJFUzI1NiIsInR5cCI6Ii4uLiJ9.example.example"] });
const manifestAnswer = { description: "A compact JWS", content: { [manifestMediaType]: { schema: jws } } };

/** The last manifest, for everyone. */
export async function issuerKeysRoutes(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  app.get(
    manifestPath,
    {
      schema: {
        operationId: "getIssuerKeys",
        summary: "The signed list of the issuer's keys: a compact JWS that a pinned root vouches for",
        security: [],
        response: { 200: manifestAnswer, ...orProblem },
      },
    },
    async (_request, reply) => {
      // There is none after a sandbox was reset.
      const last = (await context.store.findLastKeyManifest()) ?? (await publishManifest(context));
      if (last === null) throw new LinchpinError("unavailable", { reason: "no manifest is published yet" });
      return reply.type(manifestMediaType).header("cache-control", `public, max-age=${maxAgeSeconds}`).send(last.jws);
    },
  );
}
