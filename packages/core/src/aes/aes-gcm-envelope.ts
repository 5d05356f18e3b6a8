import { LinchpinError } from "../errors/errors.ts";
import type { Primitives, RsaPublicKey } from "../primitives.ts";
import { rsaOaep256 } from "../rsa/rsa-profiles.ts";

/** Length of the content key, for AES-256. */
export const envelopeContentKeyBytes = 32;

export interface AesGcmEnvelope {
  /** The content key under RSAES-OAEP, SHA-256 for hash and MGF1, empty label. */
  readonly wrappedKey: Uint8Array;
  /** 12 bytes. */
  readonly iv: Uint8Array;
  /** AES-256-GCM without AAD, the tag of 16 bytes behind. */
  readonly ciphertext: Uint8Array;
}

/** What sealing computes on. */
export type EnvelopePrimitives = Pick<Primitives, "randomBytes" | "wrapRsaOaep" | "encryptAesGcm">;

/** Seals to an RSA key, under a fresh content key. @throws LinchpinError `public_key_unusable` */
export async function sealEnvelope(
  primitives: EnvelopePrimitives,
  recipientKey: RsaPublicKey,
  plaintext: Uint8Array,
): Promise<AesGcmEnvelope> {
  const contentKey = primitives.randomBytes(envelopeContentKeyBytes);
  try {
    const wrappedKey = await primitives.wrapRsaOaep(recipientKey, contentKey, rsaOaep256.oaep);
    const iv = primitives.randomBytes(12);
    return { wrappedKey, iv, ciphertext: await primitives.encryptAesGcm(contentKey, iv, plaintext, noAad) };
  } finally {
    contentKey.fill(0);
  }
}

/**
 * Opens the content with a content key that the vault unwrapped. The caller wipes both.
 * @throws LinchpinError `decryption_failed`
 */
export async function openEnvelope(
  primitives: Pick<Primitives, "decryptAesGcm">,
  { iv, ciphertext }: Pick<AesGcmEnvelope, "iv" | "ciphertext">,
  contentKey: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  if (iv.length !== 12) throw new LinchpinError("decryption_failed", { reason: "the IV is not 12 bytes" });
  return primitives.decryptAesGcm(contentKey, iv, ciphertext, noAad);
}

const noAad = new Uint8Array(0);
