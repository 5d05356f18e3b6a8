import { concatBytes } from "../bytes.ts";
import { LinchpinError } from "../errors/errors.ts";
import type { Primitives, RsaPublicKey } from "../primitives.ts";
import { applyRsaPublicKey, readRsaPublicKey } from "./rsa-public-key.ts";

/**
 * RSAES-PKCS1-v1_5 encryption, RFC 8017 §7.2.1: as many bytes as the modulus has. WebCrypto has none.
 * @throws LinchpinError `public_key_unusable`: no fit RSA key, or a message of more than its length less 11 bytes
 */
export function encryptRsaPkcs1(
  random: Pick<Primitives, "randomBytes">,
  key: RsaPublicKey,
  message: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const numbers = readRsaPublicKey(key);
  const { lengthBytes } = numbers;
  if (message.length > lengthBytes - 11) throw new LinchpinError("public_key_unusable");
  const padding = nonZeroBytes(random, lengthBytes - 3 - message.length);
  const encoded = concatBytes(Uint8Array.of(0, 2), padding, Uint8Array.of(0), message);
  const ciphertext = applyRsaPublicKey(numbers, encoded);
  encoded.fill(0);
  return ciphertext;
}

/** RFC 8017 §7.2.1 step 2.a. */
function nonZeroBytes(random: Pick<Primitives, "randomBytes">, length: number): Uint8Array {
  const bytes = random.randomBytes(length);
  for (let index = 0; index < length; index++)
    while (bytes[index] === 0) bytes[index] = random.randomBytes(1)[0] as number;
  return bytes;
}
