import { pemMediaType } from "@linchpin/core";
import { lithicKeyPath, lithicKeyPurpose } from "@linchpin/protocols/lithic/issuer";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Context } from "../../context/index.ts";
import { publicKeyOf } from "../../keys/index.ts";
import type { LithicSettings } from "./settings.ts";

const pem = Type.String({ examples: ["-----BEGIN PUBLIC KEY-----\nMIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEA…\n"] });

/** The key that PINs are sealed to, for everyone: clients compile it in, and browsers fetch it by themselves. */
export async function lithicPublicKey(
  app: FastifyInstance,
  { context, keyForm }: { context: Context; keyForm: LithicSettings["keyForm"] },
): Promise<void> {
  app.get(
    lithicKeyPath,
    {
      schema: {
        operationId: "lithicGetPublicKey",
        summary: "The key to seal a PIN to, in PEM",
        security: [],
        response: {
          200: { description: "An RSA key of 4096 bits", content: { [pemMediaType]: { schema: pem } } },
        },
      },
    },
    async (_request, reply): Promise<string> => {
      const publicKey = publicKeyOf(await context.keyring.current(lithicKeyPurpose));
      reply.type(pemMediaType);
      reply.header("access-control-allow-origin", "*").header("cross-origin-resource-policy", "cross-origin");
      return publicKey.export({ format: "pem", type: keyForm }).toString();
    },
  );
}
