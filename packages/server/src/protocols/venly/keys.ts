import { base64FromBytes } from "@linchpin/core";
import { AssertionKeysReply, SecurityReply } from "@linchpin/protocols/venly/wire";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../context/index.ts";
import { publicKeyOf } from "../../keys/index.ts";
import { assertionKeys } from "./protected-requests/sign-assertion.ts";

/** A key is accepted for a day after its successor became current: far longer than a cached list may be used. */
const maxAgeSeconds = 300;

/** The routes of the public keys. They need no credentials. */
export async function venlyKeys(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  app.get(
    "/api/security",
    {
      schema: {
        operationId: "venlyGetSecurity",
        summary: "The keys to seal to, newest first",
        security: [],
        response: { 200: SecurityReply },
      },
    },
    async (_request, reply): Promise<SecurityReply> => {
      reply.header("cache-control", `public, max-age=${maxAgeSeconds}`);
      const records = await context.keyring.accepted("venly");
      return {
        success: true,
        result: {
          encryptionKeys: records.map((record) => {
            const key = publicKeyOf(record);
            return {
              id: record.id,
              keyspec: `RSA_${key.asymmetricKeyDetails?.modulusLength}`,
              publicKey: base64FromBytes(key.export({ format: "der", type: "spki" })),
              encryptionAlgorithm: "RSAES_OAEP_SHA_256",
            };
          }),
        },
      };
    },
  );

  app.get(
    "/api/assertion-keys",
    {
      schema: {
        operationId: "venlyListAssertionKeys",
        summary: "The keys that assertions are signed by",
        security: [],
        response: { 200: AssertionKeysReply },
      },
    },
    (_request, reply) => {
      // A new key signs a second after it is listed.
      reply.header("cache-control", "no-cache");
      return assertionKeys(context);
    },
  );
}
