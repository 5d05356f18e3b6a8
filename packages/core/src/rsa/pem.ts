import { bytesFromBase64 } from "#encoding";
import { LinchpinError } from "../errors/errors.ts";
import type { RsaPublicKey } from "../primitives.ts";

/** The content type of an answer that is a PEM. */
export const pemMediaType = "application/x-pem-file";

/**
 * The key of one PEM with the label `PUBLIC KEY` (RFC 7468 §13) and nothing around it. What is inside is looked at where
 * it is used.
 * @throws LinchpinError `public_key_unusable`
 */
export function rsaKeyFromPem(pem: unknown): RsaPublicKey {
  const [, base64] = /^-----BEGIN PUBLIC KEY-----([^-]+)-----END PUBLIC KEY-----\s*$/.exec(String(pem)) ?? [];
  try {
    if (base64 !== undefined) return { spki: bytesFromBase64(base64.replace(/\s/g, "")) };
  } catch {
    // As all else that is no such PEM.
  }
  throw new LinchpinError("public_key_unusable");
}
