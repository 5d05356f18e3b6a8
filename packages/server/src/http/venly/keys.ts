import { base64FromBytes } from "@linchpin/core";
import { AssertionKeysReply, SecurityReply } from "@linchpin/protocols/venly/wire";
import type { FastifyInstance } from "fastify";
import type { House } from "../../house.ts";
import { publicKeyOf } from "../../public-key.ts";
import { assertionKeys } from "../../sign-assertion.ts";

/** Public keys, for everyone. */
export async function venlyKeys(app: FastifyInstance, { house }: { house: House }): Promise<void> {
  app.get(
    "/api/security",
    { schema: { summary: "The keys to seal to, newest first", security: [], response: { 200: SecurityReply } } },
    async (): Promise<SecurityReply> => {
      const records = await house.keyring.accepted("venly");
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
        summary: "The keys that assertions are signed by",
        security: [],
        response: { 200: AssertionKeysReply },
      },
    },
    () => assertionKeys(house),
  );
}
