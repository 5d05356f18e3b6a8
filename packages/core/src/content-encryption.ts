import { concatBytes, equalInConstantTime } from "./bytes.ts";
import { LinchpinError } from "./errors.ts";
import type { Primitives } from "./primitives.ts";

// A256CBC-HS512: RFC 7518 §5.2.5, an instance of AES_CBC_HMAC_SHA2, §5.2.2.

/** Length of the content key: 32 bytes for the MAC, then 32 for AES (RFC 7518 §5.2.5). */
export const jweContentKeyBytes = 64;

/** What was sealed. `aad` is covered by the tag and not encrypted. */
export interface SealedContent {
  readonly aad: Uint8Array;
  /** 16 bytes. */
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  /** 32 bytes. */
  readonly tag: Uint8Array;
}

/** RFC 7518 §5.2.2.1. `contentKey` must be 64 fresh bytes. */
export async function sealContent(
  primitives: Pick<Primitives, "randomBytes" | "encryptAesCbc" | "hmacSha512">,
  { aad, plaintext }: { aad: Uint8Array; plaintext: Uint8Array },
  contentKey: Uint8Array,
): Promise<SealedContent> {
  const iv = primitives.randomBytes(16);
  const ciphertext = await primitives.encryptAesCbc(contentKey.subarray(32), iv, plaintext);
  const tag = await authenticationTag(primitives, { aad, iv, ciphertext }, contentKey);
  return { aad, iv, ciphertext, tag };
}

/**
 * RFC 7518 §5.2.2.2: tag first, in constant time. A wrong content key, an altered part and bad padding are one
 * and the same error.
 * @throws LinchpinError `decryption_failed`
 */
export async function openContent(
  primitives: Primitives,
  sealed: SealedContent,
  contentKey: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const tag = await authenticationTag(primitives, sealed, contentKey);
  if (!equalInConstantTime(tag, sealed.tag))
    throw new LinchpinError("decryption_failed", { reason: "the JWE's tag does not verify" });
  return primitives.decryptAesCbc(contentKey.subarray(32), sealed.iv, sealed.ciphertext);
}

/** RFC 7518 §5.2.2.1: HMAC-SHA-512 over AAD ‖ IV ‖ ciphertext ‖ AAD length in bits (64-bit), its first half. */
async function authenticationTag(
  primitives: Pick<Primitives, "hmacSha512">,
  { aad, iv, ciphertext }: Omit<SealedContent, "tag">,
  contentKey: Uint8Array,
): Promise<Uint8Array> {
  const aadBits = new Uint8Array(8);
  new DataView(aadBits.buffer).setUint32(4, 8 * aad.length);
  const mac = await primitives.hmacSha512(contentKey.subarray(0, 32), concatBytes(aad, iv, ciphertext, aadBits));
  return mac.subarray(0, 32);
}
