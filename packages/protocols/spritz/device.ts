import {
  aes128Gcm,
  base64FromBytes,
  bytesFromBase64,
  bytesFromOctets,
  decodePinBlockFormat2Text,
  encodePinBlockFormat2Text,
  openGcm,
  type Pin,
  type Primitives,
  type RsaPublicKey,
  rsaKeyFromPem,
  sealGcm,
} from "@linchpin/core";
import { algorithms, defaultHashes, type Form, keyPurposeOf, type OaepHash } from "./issuer-key.ts";
import type { EncryptedPin, PinSet } from "./wire.ts";

export type { Form, OaepHash };

export type DevicePrimitives = Pick<Primitives, "randomBytes" | "wrapRsaOaep" | "encryptAesGcm" | "decryptAesGcm">;

/** The issuer's key, as the app has it. */
export interface IssuerKey {
  readonly key: RsaPublicKey;
  readonly form: Form;
  readonly hash: OaepHash;
}

/**
 * Reads the issuer's key, which no message hands on: the app has it compiled in, or from the operator's own origin.
 * `hash` is the one of its row; `SHA-1` for Spritz and `SHA-512` for Rain where none is given.
 * @throws LinchpinError `public_key_unusable` for what is no PEM of one public key (SPKI); that it is RSA, of 2048 to 8192
 *   bits, is checked where a session key is wrapped
 */
export function readIssuerKey(
  pem: string,
  { form = "spritz", hash = defaultHashes[form] }: { form?: Form | undefined; hash?: OaepHash | undefined } = {},
): IssuerKey {
  return { key: rsaKeyFromPem(pem), form, hash };
}

/** How a manifest lists the key. */
export function claimOf({ key, form, hash }: IssuerKey): { purpose: string; alg: string; key: RsaPublicKey } {
  return { purpose: keyPurposeOf(form, hash), alg: algorithms[hash], key };
}

/**
 * The message of a set: the PIN's block under a fresh session key. Rain has `encryptedKey` in the header `SessionId`.
 * Making it again gives another: each is good for one set.
 * @throws LinchpinError `public_key_unusable`
 */
export async function makePinSet(
  primitives: DevicePrimitives,
  { pin, issuerKey }: { pin: Pin; issuerKey: IssuerKey },
): Promise<PinSet> {
  const { encryptedKey, sessionKey } = await makePinGet(primitives, issuerKey);
  const block = encodePinBlockFormat2Text(pin);
  try {
    const { iv, ciphertext } = await sealGcm(primitives, aes128Gcm, block, sessionKey);
    return { encryptedKey, encryptedPin: { iv: base64FromBytes(iv), data: base64FromBytes(ciphertext) } };
  } finally {
    sessionKey.fill(0);
    block.fill(0);
  }
}

/** A request for one get, and the key that opens its answer; whoever holds it wipes it after that. */
export interface PinGetRequest {
  readonly encryptedKey: string;
  readonly sessionKey: Uint8Array;
}

/** @throws LinchpinError `public_key_unusable` */
export async function makePinGet(primitives: DevicePrimitives, { key, hash }: IssuerKey): Promise<PinGetRequest> {
  const sessionKey = primitives.randomBytes(aes128Gcm.keyBytes);
  // What is wrapped is the base64 text of the key, 24 characters, and not its 16 bytes.
  const text = bytesFromOctets(base64FromBytes(sessionKey));
  try {
    return { encryptedKey: base64FromBytes(await primitives.wrapRsaOaep(key, text, hash)), sessionKey };
  } catch (error) {
    sessionKey.fill(0);
    throw error;
  } finally {
    text.fill(0);
  }
}

/**
 * Opens the answer of a get. The caller wipes the PIN.
 * @throws LinchpinError `encoding_invalid`; `decryption_failed`: it was not sealed for this get, or is no such block
 */
export async function openPinGet(
  primitives: DevicePrimitives,
  { encryptedPin, sessionKey }: { encryptedPin: EncryptedPin; sessionKey: Uint8Array },
): Promise<Pin> {
  const sealed = { iv: bytesFromBase64(encryptedPin.iv), ciphertext: bytesFromBase64(encryptedPin.data) };
  const block = await openGcm(primitives, aes128Gcm, sealed, sessionKey);
  try {
    return decodePinBlockFormat2Text(block);
  } finally {
    block.fill(0);
  }
}
