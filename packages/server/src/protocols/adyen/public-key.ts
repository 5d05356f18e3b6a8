import { LinchpinError } from "@linchpin/core";
import { describePublicKey } from "@linchpin/protocols/adyen/issuer";
import { PublicKeyQuery, PublicKeyReply } from "@linchpin/protocols/adyen/wire";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../context/index.ts";
import { publicKeyOf } from "../../keys/index.ts";
import { type AdyenKeyWrap, adyenKeyPurpose } from "./key-purpose.ts";

/** `GET /publicKey`, for every API key: a public key needs no role. */
export async function adyenPublicKey(
  app: FastifyInstance,
  { context, keyWrap }: { context: Context; keyWrap: AdyenKeyWrap },
): Promise<void> {
  app.get<{ Querystring: PublicKeyQuery }>(
    "/publicKey",
    { schema: { querystring: PublicKeyQuery, response: { 200: PublicKeyReply } } },
    async (request): Promise<PublicKeyReply> => {
      const { purpose = "pinReveal", format = "pem" } = request.query;
      const record = await context.keyring.current(adyenKeyPurpose(purpose, keyWrap));
      const { id, publicKeySpki: spki, acceptedUntil } = record;
      if (spki === null || acceptedUntil === null) throw new LinchpinError("internal");
      const { n = "", e = "" } = publicKeyOf(record).export({ format: "jwk" });
      const alg = keyWrap === "oaep" ? "RSA-OAEP-256" : "RSA1_5";
      return describePublicKey({ id, spki, n, e, alg, acceptedUntil }, format);
    },
  );
}
