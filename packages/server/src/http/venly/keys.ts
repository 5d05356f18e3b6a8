import { createPublicKey } from "node:crypto";
import { base64FromBytes } from "@linchpin/core";
import { AssertionKeysReply, SecurityReply } from "@linchpin/protocols/venly/wire";
import type { FastifyInstance } from "fastify";
import type { House } from "../../house.ts";
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
          encryptionKeys: records.map(({ id, publicKeySpki }) => ({
            id,
            keyspec: keyspecOf(publicKeySpki ?? new Uint8Array()),
            publicKey: base64FromBytes(publicKeySpki ?? new Uint8Array()),
            encryptionAlgorithm: "RSAES_OAEP_SHA_256",
          })),
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

function keyspecOf(spki: Uint8Array): string {
  const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  return `RSA_${key.asymmetricKeyDetails?.modulusLength}`;
}
