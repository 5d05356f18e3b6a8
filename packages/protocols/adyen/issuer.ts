import {
  base64FromBytes,
  bytesFromHex,
  concatBytes,
  decipherPinBlockFormat4,
  encipherPinBlockFormat4,
  LinchpinError,
  type Pin,
  type Primitives,
  type RsaProfile,
  utf8,
} from "@linchpin/core";
import { drawToken } from "./token.ts";
import { upperHexFromBytes } from "./upper-hex.ts";
import type { KeyFormat, PanRevealReply, PinChangeRequest, PinRevealReply, PublicKeyReply } from "./wire.ts";

export { adyenKeyPurpose } from "./key-purpose.ts";

/** A session key as it comes in. */
export interface WrappedSessionKey {
  readonly wrappedKey: Uint8Array;
  /** SHA-256 of its bytes, so that hex in either case has one mark. */
  readonly mark: Uint8Array;
}

/** @throws LinchpinError `encoding_invalid` */
export async function parseEncryptedKey(
  primitives: Primitives,
  { encryptedKey }: { encryptedKey: string },
): Promise<WrappedSessionKey> {
  const wrappedKey = bytesFromHex(encryptedKey);
  return { wrappedKey, mark: await primitives.sha256(wrappedKey) };
}

/** 32 bytes that the device drew, or that nobody knows where nothing fit came in. Whoever opened it wipes it. */
export interface SessionKey {
  readonly bytes: Uint8Array;
  /** A hash of the session key itself: wrapped again it is still the one that was used. */
  readonly mark: Uint8Array;
  /** The newest key that it may have been wrapped to. */
  readonly keyId: string;
  wipe(): void;
}

/** Length of a session key, for AES-256. */
export const sessionKeyBytes = 32;

/**
 * The session key that the vault unwrapped by one of the accepted keys. It never fails for what was sent: a session key
 * that nobody knows seals and opens nothing.
 */
export async function openSessionKey(
  primitives: Primitives,
  { keyId, bytes }: { readonly keyId: string; readonly bytes: Uint8Array },
): Promise<SessionKey> {
  const marked = concatBytes(utf8("linchpin adyen session key\0"), bytes);
  const mark = await primitives.sha256(marked);
  marked.fill(0);
  return { bytes, mark, keyId, wipe: () => bytes.fill(0) };
}

/**
 * The PIN of a change. A session key that is not the device's and a block that is none are one error.
 * @throws LinchpinError `decryption_failed`
 */
export async function openPinBlock(
  primitives: Primitives,
  { encryptedPinBlock, token }: Pick<PinChangeRequest, "encryptedPinBlock" | "token">,
  sessionKey: SessionKey,
): Promise<Pin> {
  const pinBlock = bytesFromHex(encryptedPinBlock);
  try {
    return await decipherPinBlockFormat4(primitives, { pinBlock, pan: token, key: sessionKey.bytes });
  } catch {
    // What is wrong with the block would tell whether the session key was right.
    throw new LinchpinError("decryption_failed", {
      reason:
        "encryptedKey, encryptedPinBlock and token are no PIN block of ISO 9564 format 4 under a key of pinChange",
    });
  }
}

/** The answer to a reveal, under the session key that the device sent. */
export async function sealPin(primitives: Primitives, pin: Pin, sessionKey: SessionKey): Promise<PinRevealReply> {
  const token = drawToken(primitives);
  const pinBlock = await encipherPinBlockFormat4(primitives, { pin, pan: token, key: sessionKey.bytes });
  return { encryptedPinBlock: upperHexFromBytes(pinBlock), token };
}

/** `pan` and `cvc` are ASCII digits. The IV is zero: the session key is used once. */
export async function sealPan(
  primitives: Primitives,
  card: { pan: Uint8Array; cvc: Uint8Array; expiration: { month: number; year: number } },
  sessionKey: SessionKey,
): Promise<PanRevealReply> {
  const month = String(card.expiration.month).padStart(2, "0");
  const expiration = JSON.stringify({ month, year: String(card.expiration.year) });
  const plaintext = concatBytes(
    utf8('{"cvc":"'),
    card.cvc,
    utf8(`","expiration":${expiration},"pan":"`),
    card.pan,
    utf8('"}'),
  );
  try {
    const sealed = await primitives.encryptAesCbc(sessionKey.bytes, new Uint8Array(16), plaintext);
    return { encryptedData: upperHexFromBytes(sealed) };
  } finally {
    plaintext.fill(0);
  }
}

/** A key as it is published. */
export interface PublishedKey {
  readonly id: string;
  readonly spki: Uint8Array;
  /** A JWK's. */
  readonly n: string;
  readonly e: string;
  /** JOSE's name of how session keys are wrapped to it. */
  readonly alg: RsaProfile["alg"];
  /** The end of its last day, UTC. */
  readonly acceptedUntil: Date;
}

export function describePublicKey(
  { id, spki, n, e, alg, acceptedUntil }: PublishedKey,
  format: KeyFormat,
): PublicKeyReply {
  return {
    publicKey:
      format === "pem" ? base64FromBytes(spki) : JSON.stringify({ kty: "RSA", use: "enc", alg, kid: id, n, e }),
    publicKeyExpiryDate: acceptedUntil.toISOString().slice(0, 10),
  };
}
