import { createDecipheriv } from "node:crypto";
import type { Envelope } from "./relayed-change.ts";

const compact = /(eyJ[\w-]+)\.([\w-]+)\.([\w-]+)\.([\w-]+)\.([\w-]+)/;

/** RFC 7518 §5.2: a JWE by AES in CBC mode, its content key's last half the cipher's. Its tag is of no interest here. */
export function jweEnvelope(scheme: Envelope["scheme"]): Envelope {
  return {
    scheme,
    rewrap: (message, rewrapKey) => ({
      ...message,
      body: message.body.replace(compact, (_jwe, header, wrapped: string, ...others) => {
        const { rewrapped } = rewrapKey(Buffer.from(wrapped, "base64url"));
        return [header, rewrapped.toString("base64url"), ...others.slice(0, 3)].join(".");
      }),
    }),
    digitsIn: async ({ body }, contentKey) => {
      const [, , , iv = "", ciphertext = ""] = compact.exec(body) ?? [];
      const key = contentKey.subarray(contentKey.length / 2);
      const decipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, Buffer.from(iv, "base64url"));
      const clear = Buffer.concat([decipher.update(Buffer.from(ciphertext, "base64url")), decipher.final()]);
      return /\d{4,12}/.exec(clear.toString("latin1"))?.[0] ?? null;
    },
  };
}
