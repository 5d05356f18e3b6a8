import {
  aes128Gcm,
  aes256Gcm,
  base64FromBytes,
  bytesFromBase64,
  decodePinBlockFormat2Text,
  encodePinBlockFormat2Text,
  type GcmContent,
  type GcmProfile,
  LinchpinError,
  openGcm,
  type Pin,
  type Primitives,
  sealGcm,
  utf8,
} from "@linchpin/core";
import { readSessionKey, type WrappedForm, wrappedLengthOf } from "./session-key.ts";
import { type CardReply, type EncryptedPin, maxWrappedKeyLength } from "./wire.ts";

export { type Form, keyPurposeOf, type OaepHash } from "./issuer-key.ts";
export { readSessionKey } from "./session-key.ts";

/** Which session keys are taken: of AES-128 always, of AES-256 where the operator allows it. */
export interface SessionKeyTerms {
  readonly wrapped: WrappedForm;
  readonly keyBytes: readonly [16, 32?];
}

const profiles: Readonly<Record<number, GcmProfile>> = { 16: aes128Gcm, 32: aes256Gcm };

/** @throws LinchpinError `encoding_invalid`; `field` names the member or the header */
export function parseWrappedKey(field: string, text: string): Uint8Array {
  if (text.length > maxWrappedKeyLength) throw invalid(field, "it is longer than any wrapped key");
  return bytesOf(field, text);
}

/** What makes a sealed PIN block usable once: SHA-256 of `data`, which has one canonical text. */
export function markOf(primitives: Pick<Primitives, "sha256">, { data }: EncryptedPin): Promise<Uint8Array> {
  return primitives.sha256(utf8(data));
}

/** @throws LinchpinError `encoding_invalid`: no padded base64 of the standard alphabet, or an IV of another length */
export function parseEncryptedPin({ iv: ivText, data }: EncryptedPin): GcmContent {
  const iv = bytesOf("encryptedPin.iv", ivText);
  if (!aes128Gcm.ivBytes.includes(iv.length)) throw invalid("encryptedPin.iv", "an IV has 12 or 16 bytes");
  return { iv, ciphertext: bytesOf("encryptedPin.data", data) };
}

/** Of a device, or of nobody where nothing fit came in. Whoever opened it wipes it. */
export interface SessionKey {
  readonly bytes: Uint8Array;
  /** A keyed hash: wrapped again the session key is still the one that was used. */
  readonly mark: Uint8Array;
  /** The newest key that it may have been wrapped to. */
  readonly keyId: string;
  /** False: no key opened what came in to a session key, and these bytes were drawn. */
  readonly wasUnwrapped: boolean;
  wipe(): void;
}

/** What a vault unwrapped by the keys of one purpose, for a session key of `keyBytes`; at random where none fits. */
export interface Unwrapped {
  readonly keyId: string;
  readonly keyBytes: number;
  readonly bytes: Uint8Array;
  /** False: what came opened to nothing of this length. A text that is at random is told by its form as well. */
  readonly isKnown: boolean;
}

/**
 * The session key among what was unwrapped for each purpose and length; one that nobody knows where none of them is one,
 * so that what follows is the same work. `unwrapped` is wiped.
 */
export async function openSessionKey(
  primitives: Pick<Primitives, "randomBytes" | "hmac">,
  unwrapped: readonly [Unwrapped, ...Unwrapped[]],
  form: WrappedForm,
): Promise<SessionKey> {
  let bytes: Uint8Array = primitives.randomBytes(aes128Gcm.keyBytes);
  let { keyId } = unwrapped[0];
  let wasUnwrapped = false;
  for (const each of unwrapped) {
    const key = readSessionKey(each.bytes, form, each.keyBytes);
    if (key === null || !each.isKnown) continue;
    bytes.fill(0);
    [bytes, keyId, wasUnwrapped] = [key, each.keyId, true];
  }
  const mark = await primitives.hmac("SHA-256", bytes, utf8("linchpin spritz session key"));
  return { bytes, mark, keyId, wasUnwrapped, wipe: () => bytes.fill(0) };
}

/**
 * The PIN of a set. A session key that is not the device's, a tag that does not verify and a text that is no block are one
 * error.
 * @throws LinchpinError `decryption_failed`
 */
export async function openPinBlock(
  primitives: Pick<Primitives, "decryptAesGcm">,
  sealed: GcmContent,
  { bytes }: SessionKey,
): Promise<Pin> {
  const block = await openGcm(primitives, profileOf(bytes), sealed, bytes);
  try {
    return decodePinBlockFormat2Text(block);
  } catch {
    throw new LinchpinError("decryption_failed", { reason: "it opened, and is no PIN block of format 2 as text" });
  } finally {
    block.fill(0);
  }
}

/** The answer to a get, under the session key that came. */
export async function sealPinBlock(
  primitives: Pick<Primitives, "randomBytes" | "encryptAesGcm">,
  pin: Pin,
  { bytes }: SessionKey,
): Promise<EncryptedPin> {
  const block = encodePinBlockFormat2Text(pin);
  try {
    const { iv, ciphertext } = await sealGcm(primitives, profileOf(bytes), block, bytes);
    return { iv: base64FromBytes(iv), data: base64FromBytes(ciphertext) };
  } finally {
    block.fill(0);
  }
}

/** What `unwrap` is asked for: a text for each length of session key that is taken. */
export function wrappedLengths({ wrapped, keyBytes }: SessionKeyTerms): { keyBytes: number; lengthBytes: number }[] {
  return keyBytes.flatMap((length) =>
    length === undefined ? [] : [{ keyBytes: length, lengthBytes: wrappedLengthOf(wrapped, length) }],
  );
}

/** What an answer says of a card. */
export interface DescribedCard {
  readonly id: string;
  readonly state: "active" | "blocked" | "terminated";
  /** Of its number; empty where there is none here. */
  readonly lastDigits: string;
  readonly createdAt: Date;
}

const statuses = { active: "active", blocked: "frozen", terminated: "cancelled" } as const;

export function describeCard({ id, state, lastDigits, createdAt }: DescribedCard): CardReply {
  return {
    id,
    status: statuses[state],
    type: "physical",
    country: "US",
    currency: "USD",
    last4: lastDigits,
    limit: null,
    payable: state === "active",
    renderSecret: "",
    createdAt: createdAt.toISOString(),
  };
}

function profileOf(key: Uint8Array): GcmProfile {
  return profiles[key.length] ?? aes128Gcm;
}

function bytesOf(field: string, text: string): Uint8Array {
  try {
    return bytesFromBase64(text);
  } catch {
    throw invalid(field, "it is not canonical base64, padded, of the standard alphabet");
  }
}

function invalid(field: string, reason: string): LinchpinError {
  return new LinchpinError("encoding_invalid", { field, reason });
}
