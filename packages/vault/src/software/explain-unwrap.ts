import { constants, createHash, createPrivateKey, createSecretKey, privateDecrypt } from "node:crypto";
import { mgf1, unmask } from "../mgf1.ts";
import type { VaultKey } from "../vault.ts";
import { openKeyHandle } from "./key-handle.ts";

/**
 * Says which other padding a wrapped key has, if it is not RSA-OAEP with SHA-256 and MGF1 with SHA-256; null if no known
 * mistake explains it. The answer is one that a vault must never give, so that this function is a separate entry of the
 * package: only the sandbox loads it, with its own master key.
 */
export function explainUnwrap(masterKey: Uint8Array, key: VaultKey, wrapped: Uint8Array): string | null {
  const secret = openKeyHandle(createSecretKey(masterKey), key);
  const privateKey = createPrivateKey({ key: secret, format: "der", type: "pkcs8" });
  secret.fill(0);
  try {
    const encoded = privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, wrapped);
    const explanation = paddings.find(({ fits }) => fits(encoded))?.explanation ?? null;
    encoded.fill(0);
    return explanation;
  } catch {
    return "the encrypted key is not as long as the RSA modulus, or not below it";
  }
}

const paddings: readonly { explanation: string; fits: (encoded: Uint8Array) => boolean }[] = [
  {
    explanation:
      "the key was wrapped with OAEP SHA-256 but MGF1 with SHA-1, Java's default: name MGF1ParameterSpec.SHA256 too",
    fits: (encoded) => isOaep(encoded, "sha256", "sha1"),
  },
  {
    explanation: "the key was wrapped with OAEP SHA-1 (RSA-OAEP): the profile is RSA-OAEP-256",
    fits: (encoded) => isOaep(encoded, "sha1", "sha1"),
  },
  {
    explanation: "the key was wrapped with PKCS#1 v1.5 (RSA1_5): the profile is RSA-OAEP-256",
    fits: (encoded) => encoded[0] === 0 && encoded[1] === 2 && encoded.indexOf(0, 2) >= 10,
  },
];

/** RFC 8017 §7.1.2 step 3, with an empty label. It need not take constant time, because only an explanation depends on it. */
function isOaep(encoded: Uint8Array, hash: string, mgf1Hash: string): boolean {
  const labelHash = createHash(hash).digest();
  const maskedSeed = encoded.subarray(1, 1 + labelHash.length);
  const maskedBlock = encoded.subarray(1 + labelHash.length);
  const seed = unmask(maskedSeed, mgf1(mgf1Hash, maskedBlock, maskedSeed.length));
  const block = unmask(maskedBlock, mgf1(mgf1Hash, seed, maskedBlock.length));
  return encoded[0] === 0 && labelHash.equals(block.subarray(0, labelHash.length));
}
