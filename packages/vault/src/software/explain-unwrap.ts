import { constants, createHash, createPrivateKey, createSecretKey, privateDecrypt } from "node:crypto";
import type { VaultKey } from "../vault.ts";
import { openKeyHandle } from "./key-handle.ts";

/**
 * Which other padding a wrapped key was made with, where it was not RSA-OAEP with SHA-256 throughout.
 * It tells what a vault must never tell, and so stands apart: only a sandbox loads it, for its own master key.
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

/** RFC 8017 §7.1.2 step 3, with an empty label. Not in constant time: nothing depends on it but a sentence. */
function isOaep(encoded: Uint8Array, hash: string, mgf1Hash: string): boolean {
  const labelHash = createHash(hash).digest();
  const maskedSeed = encoded.subarray(1, 1 + labelHash.length);
  const maskedBlock = encoded.subarray(1 + labelHash.length);
  const seed = xor(maskedSeed, mgf1(mgf1Hash, maskedBlock, maskedSeed.length));
  const block = xor(maskedBlock, mgf1(mgf1Hash, seed, maskedBlock.length));
  return encoded[0] === 0 && labelHash.equals(block.subarray(0, labelHash.length));
}

/** RFC 8017 appendix B.2.1. */
function mgf1(hash: string, seed: Uint8Array, lengthBytes: number): Buffer {
  const parts: Buffer[] = [];
  for (let counter = 0; Buffer.concat(parts).length < lengthBytes; counter++)
    parts.push(
      createHash(hash)
        .update(seed)
        .update(Uint8Array.of(0, 0, 0, counter))
        .digest(),
    );
  return Buffer.concat(parts).subarray(0, lengthBytes);
}

function xor(left: Uint8Array, right: Uint8Array): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
}
