import { LinchpinError } from "@linchpin/core";
import { describePublicKey } from "@linchpin/protocols/adyen/issuer";
import { PublicKeyQuery, PublicKeyReply } from "@linchpin/protocols/adyen/wire";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../context/index.ts";
import { publicKeyOf } from "../../keys/index.ts";
import { type AdyenKeyWrap, adyenKeyPurpose } from "./key-purpose.ts";

const paths = [
  ["/publicKey", "adyenGetPublicKey"],
  ["/pins/publicKey", "adyenGetPinsPublicKey"],
] as const;

/** `GET /publicKey`, and `GET /pins/publicKey` as an older description has it, for every API key: a public key needs no role. */
export async function adyenPublicKey(
  app: FastifyInstance,
  { context, keyWrap }: { context: Context; keyWrap: AdyenKeyWrap },
): Promise<void> {
  for (const [path, operationId] of paths)
    app.get<{ Querystring: PublicKeyQuery }>(
      path,
      {
        schema: {
          operationId,
          summary: "The public key that session keys are wrapped to",
          querystring: PublicKeyQuery,
          response: { 200: PublicKeyReply },
        },
      },
      (request) => publishedKey(context, keyWrap, request.query),
    );
}

async function publishedKey(
  context: Context,
  keyWrap: AdyenKeyWrap,
  { purpose = "pinReveal", format = "pem" }: PublicKeyQuery,
): Promise<PublicKeyReply> {
  const record = await context.keyring.current(adyenKeyPurpose(purpose, keyWrap));
  const { id, publicKeySpki: spki, acceptedUntil } = record;
  if (spki === null || acceptedUntil === null) throw new LinchpinError("internal");
  const { n = "", e = "" } = publicKeyOf(record).export({ format: "jwk" });
  const alg = keyWrap === "oaep" ? "RSA-OAEP-256" : "RSA1_5";
  return describePublicKey({ id, spki, n, e, alg, acceptedUntil }, format);
}
