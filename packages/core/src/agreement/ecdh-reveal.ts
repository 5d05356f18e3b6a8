import { LinchpinError } from "../errors/errors.ts";
import type { AgreementKey, Primitives } from "../primitives.ts";

// Ephemeral ECDH on P-256, HKDF-SHA-256, AES-256-GCM: both sides make a key for one reveal.

/** What the issuer sends. Points are `04 ‖ X ‖ Y`, 65 bytes. */
export interface SealedReveal {
  readonly ephemeralPoint: Uint8Array;
  /** Of the HKDF: 32 bytes. */
  readonly salt: Uint8Array;
  /** 12 bytes. */
  readonly iv: Uint8Array;
  /** AES-256-GCM without AAD, the tag of 16 bytes behind. */
  readonly ciphertext: Uint8Array;
}

/**
 * The issuer's half. `info` is HKDF's, agreed beforehand.
 * @throws LinchpinError `public_key_unusable`
 */
export async function sealReveal(
  primitives: Primitives,
  { clientPoint, plaintext, info }: { clientPoint: Uint8Array; plaintext: Uint8Array; info: Uint8Array },
): Promise<SealedReveal> {
  const key = await primitives.makeAgreementKey();
  const salt = primitives.randomBytes(32);
  const iv = primitives.randomBytes(12);
  const contentKey = await deriveContentKey(primitives, key, { peerPoint: clientPoint, salt, info });
  try {
    const ciphertext = await primitives.encryptAesGcm(contentKey, iv, plaintext, noAad);
    return { ephemeralPoint: key.publicPoint, salt, iv, ciphertext };
  } finally {
    contentKey.fill(0);
  }
}

/**
 * The device's half. The caller wipes what comes back.
 * @throws LinchpinError `public_key_unusable` for the issuer's point, `decryption_failed`
 */
export async function openReveal(
  primitives: Pick<Primitives, "hkdfSha256" | "decryptAesGcm">,
  { key, sealed, info }: { key: AgreementKey; sealed: SealedReveal; info: Uint8Array },
): Promise<Uint8Array<ArrayBuffer>> {
  const { ephemeralPoint, salt, iv, ciphertext } = sealed;
  if (iv.length !== 12) throw new LinchpinError("decryption_failed", { reason: "the IV is not 12 bytes" });
  const contentKey = await deriveContentKey(primitives, key, { peerPoint: ephemeralPoint, salt, info });
  try {
    return await primitives.decryptAesGcm(contentKey, iv, ciphertext, noAad);
  } finally {
    contentKey.fill(0);
  }
}

const noAad = new Uint8Array(0);

async function deriveContentKey(
  primitives: Pick<Primitives, "hkdfSha256">,
  key: AgreementKey,
  { peerPoint, salt, info }: { peerPoint: Uint8Array; salt: Uint8Array; info: Uint8Array },
): Promise<Uint8Array<ArrayBuffer>> {
  const inputKey = await key.agree(peerPoint);
  try {
    return await primitives.hkdfSha256({ inputKey, salt, info, lengthBytes: 32 });
  } finally {
    inputKey.fill(0);
  }
}
