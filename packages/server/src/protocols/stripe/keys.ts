import { describeKey, stripeKeyPurpose } from "@linchpin/protocols/stripe/issuer";
import { PinKeyReply } from "@linchpin/protocols/stripe/wire";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../context/index.ts";
import { publicKeyOf } from "../../keys/index.ts";

/** The key that PINs are sealed to, for everyone: browsers fetch it by themselves. */
export async function stripeKeys(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  app.get(
    "/v1/keys",
    {
      schema: {
        operationId: "stripeGetKey",
        summary: "The key to seal a PIN to",
        security: [],
        response: { 200: PinKeyReply },
      },
    },
    async (_request, reply): Promise<PinKeyReply> => {
      const key = await context.keyring.current(stripeKeyPurpose);
      const publicKey = publicKeyOf(key);
      const { n = "", e = "" } = publicKey.export({ format: "jwk" });
      const spkiPem = publicKey.export({ format: "pem", type: "spki" }).toString();
      reply.header("access-control-allow-origin", "*").header("cross-origin-resource-policy", "cross-origin");
      return describeKey({ id: key.id, n, e, spkiPem });
    },
  );
}
