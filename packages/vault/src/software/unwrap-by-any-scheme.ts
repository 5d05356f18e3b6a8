import { constants, createHash, createPrivateKey, createSecretKey, privateDecrypt } from "node:crypto";
import { copySecret } from "@linchpin/core";
import { mgf1, unmask } from "../mgf1.ts";
import type { VaultKey } from "../vault.ts";
import { openKeyHandle } from "./key-handle.ts";

/** How a key was wrapped, as the padding shows after the bare RSA operation. */
export type RsaScheme =
  | "OAEP-SHA256"
  | "OAEP-SHA256-MGF1-SHA1"
  | "OAEP-SHA512"
  | "OAEP-SHA512-MGF1-SHA1"
  | "OAEP-SHA1"
  | "PKCS1";

export interface Unwrapped {
  readonly scheme: RsaScheme;
  /** The caller wipes it. */
  readonly content: Uint8Array;
}

/**
 * Unwraps by whichever scheme fits; null where none does. The answer is one that a vault must never give, so that this
 * function is a separate entry of the package: only the sandbox loads it, with its own master key. It need not take
 * constant time, because only an explanation depends on it.
 */
export function unwrapByAnyScheme(masterKey: Uint8Array, key: VaultKey, wrapped: Uint8Array): Unwrapped | null {
  const secret = openKeyHandle(createSecretKey(masterKey), key);
  const privateKey = createPrivateKey({ key: secret, format: "der", type: "pkcs8" });
  secret.fill(0);
  let encoded: Uint8Array;
  try {
    encoded = privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, wrapped);
  } catch {
    return null; // not as long as the modulus, or not below it
  }
  try {
    for (const [scheme, unpad] of Object.entries(paddings) as [RsaScheme, Unpad][]) {
      const content = unpad(encoded);
      if (content !== null) return { scheme, content };
    }
    return null;
  } finally {
    encoded.fill(0);
  }
}

type Unpad = (encoded: Uint8Array) => Uint8Array | null;

const paddings: Readonly<Record<RsaScheme, Unpad>> = {
  "OAEP-SHA256": (encoded) => unpadOaep(encoded, "sha256", "sha256"),
  "OAEP-SHA256-MGF1-SHA1": (encoded) => unpadOaep(encoded, "sha256", "sha1"),
  "OAEP-SHA512": (encoded) => unpadOaep(encoded, "sha512", "sha512"),
  "OAEP-SHA512-MGF1-SHA1": (encoded) => unpadOaep(encoded, "sha512", "sha1"),
  "OAEP-SHA1": (encoded) => unpadOaep(encoded, "sha1", "sha1"),
  PKCS1: unpadPkcs1,
};

/** RFC 8017 §7.1.2 step 3, with an empty label. */
function unpadOaep(encoded: Uint8Array, hash: string, mgf1Hash: string): Uint8Array | null {
  const labelHash = createHash(hash).digest();
  const maskedSeed = encoded.subarray(1, 1 + labelHash.length);
  const maskedBlock = encoded.subarray(1 + labelHash.length);
  const seed = unmask(maskedSeed, mgf1(mgf1Hash, maskedBlock, maskedSeed.length));
  const block = unmask(maskedBlock, mgf1(mgf1Hash, seed, maskedBlock.length));
  const separator = block.findIndex((byte, index) => index >= labelHash.length && byte !== 0);
  if (encoded[0] !== 0 || block[separator] !== 1) return null;
  return labelHash.equals(block.subarray(0, labelHash.length)) ? block.subarray(separator + 1) : null;
}

/** RFC 8017 §7.2.2 step 3. */
function unpadPkcs1(encoded: Uint8Array): Uint8Array | null {
  const separator = encoded.indexOf(0, 2);
  return encoded[0] === 0 && encoded[1] === 2 && separator >= 10 ? copySecret(encoded.subarray(separator + 1)) : null;
}
