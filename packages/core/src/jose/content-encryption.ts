import { concatBytes, equalInConstantTime } from "../bytes.ts";
import { LinchpinError } from "../errors/errors.ts";
import type { Primitives } from "../primitives.ts";
import type { CbcHmacProfile } from "./jwe-profiles.ts";

// AES_CBC_HMAC_SHA2: RFC 7518 §5.2.2. Which AES, which MAC and how long a tag is the profile's.

/** What was sealed. `aad` is covered by the tag and not encrypted. */
export interface SealedContent {
  readonly aad: Uint8Array;
  /** 16 bytes. */
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  /** Half as many bytes as the content key. */
  readonly tag: Uint8Array;
}

/** RFC 7518 §5.2.2.1. `contentKey` must be fresh, and as long as the profile says. */
export async function sealContent(
  primitives: Pick<Primitives, "randomBytes" | "encryptAesCbc" | "hmac">,
  profile: CbcHmacProfile,
  { aad, plaintext }: { aad: Uint8Array; plaintext: Uint8Array },
  contentKey: Uint8Array,
): Promise<Omit<SealedContent, "aad">> {
  const iv = primitives.randomBytes(16);
  const ciphertext = await primitives.encryptAesCbc(contentKey.subarray(contentKey.length / 2), iv, plaintext);
  const tag = await authenticationTag(primitives, profile, { aad, iv, ciphertext }, contentKey);
  return { iv, ciphertext, tag };
}

/**
 * RFC 7518 §5.2.2.2: tag first, in constant time. A wrong content key, an altered part, a part of another length and bad
 * padding are one and the same error.
 * @throws LinchpinError `decryption_failed`
 */
export async function openContent(
  primitives: Pick<Primitives, "decryptAesCbc" | "hmac">,
  profile: CbcHmacProfile,
  sealed: SealedContent,
  contentKey: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  if (contentKey.length !== profile.contentKeyBytes || sealed.iv.length !== 16)
    throw new LinchpinError("decryption_failed", {
      reason: "the content key or the IV is not of the profile's length",
    });
  const tag = await authenticationTag(primitives, profile, sealed, contentKey);
  if (!equalInConstantTime(tag, sealed.tag))
    throw new LinchpinError("decryption_failed", { reason: "the JWE's tag does not verify" });
  return primitives.decryptAesCbc(contentKey.subarray(contentKey.length / 2), sealed.iv, sealed.ciphertext);
}

/** RFC 7518 §5.2.2.1: HMAC over AAD ‖ IV ‖ ciphertext ‖ AAD length in bits (64-bit), as many of its bytes as the MAC key has. */
async function authenticationTag(
  primitives: Pick<Primitives, "hmac">,
  { hmac }: CbcHmacProfile,
  { aad, iv, ciphertext }: Omit<SealedContent, "tag">,
  contentKey: Uint8Array,
): Promise<Uint8Array> {
  const aadBits = new Uint8Array(8);
  new DataView(aadBits.buffer).setUint32(4, 8 * aad.length);
  const macKey = contentKey.subarray(0, contentKey.length / 2);
  const mac = await primitives.hmac(hmac, macKey, concatBytes(aad, iv, ciphertext, aadBits));
  return mac.subarray(0, macKey.length);
}
