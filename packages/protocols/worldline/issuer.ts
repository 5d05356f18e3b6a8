import {
  bytesFromHex,
  decipherPinBlockFormat4,
  encipherPinBlockFormat4,
  hexFromBytes,
  LinchpinError,
  type Pin,
  type Primitives,
  utf8,
} from "@linchpin/core";
import type { KeySetId } from "./key-sets.ts";
import type { EncryptedSessionKey, ErrorReply, ExternalPinAttribute, PinAttribute, PinState } from "./wire.ts";

export { type KeySetId, type KeyWrap, keySetOfVersion, keyWraps } from "./key-sets.ts";

/** A session key as it comes in. */
export interface WrappedSessionKey {
  readonly wrappedKey: Uint8Array;
  /** The key set that it names. */
  readonly keySet: KeySetId;
  /** SHA-256 of its bytes, so that hex in either case has one mark. */
  readonly mark: Uint8Array;
}

export async function parseSessionKey(
  primitives: Pick<Primitives, "sha256">,
  { encryptedData, keyId: keySet }: EncryptedSessionKey,
): Promise<WrappedSessionKey> {
  const wrappedKey = bytesFromHex(encryptedData);
  return { wrappedKey, keySet, mark: await primitives.sha256(wrappedKey) };
}

/**
 * The session key of a set. @throws LinchpinError `request_invalid`: another algorithm than ISO-4, or no session key
 */
export function sessionKeyOf({ pinAlgorithmId, encryptedSessionKey }: PinAttribute): EncryptedSessionKey {
  if (pinAlgorithmId !== "04")
    throw new LinchpinError("request_invalid", {
      field: "pinAttribute.pinAlgorithmId",
      reason: `pinAlgorithmId ${pinAlgorithmId} (${otherAlgorithms[pinAlgorithmId]}) is not here: send 04, a block of ISO 9564 format 4 under a session key`,
    });
  if (encryptedSessionKey === undefined)
    throw new LinchpinError("request_invalid", {
      field: "pinAttribute.encryptedSessionKey",
      reason: "pinAlgorithmId 04 needs encryptedSessionKey, in pinAttribute",
    });
  return encryptedSessionKey;
}

const otherAlgorithms = {
  "05": "ISO-1-BAPOF, of a bank's internal transport",
  "06": "RSA-APAC, deprecated",
  "07": "BEST-PIN, for migrations",
} as const;

/** How long session keys may be, in bytes. With RSAES-PKCS1-v1_5 there is one length, as which one fits must not show. */
export const sessionKeyBytes = { oaep: [32, 16], pkcs1: [32] } as const;

/** The mark of a session key itself: wrapped again it is still the one that was used. */
export function markOfSessionKey({ hmac }: Pick<Primitives, "hmac">, sessionKey: Uint8Array): Promise<Uint8Array> {
  return hmac("SHA-256", sessionKey, utf8("linchpin worldline session key"));
}

/**
 * The PIN of a block that is bound to `pan`. Whatever is wrong with it is one error.
 * @throws LinchpinError `decryption_failed`
 */
export async function openPinBlock(
  primitives: Primitives,
  { pinBlock, pan }: { pinBlock: string; pan: string },
  key: Uint8Array,
): Promise<Pin> {
  try {
    return await decipherPinBlockFormat4(primitives, { pinBlock: bytesFromHex(pinBlock), pan, key });
  } catch {
    throw undecipherable();
  }
}

/** A session key that is not the issuer's and a block that is none are one error. */
export function undecipherable(): LinchpinError {
  return new LinchpinError("decryption_failed", {
    reason: "encryptedSessionKey and pinBlock are no PIN block of ISO 9564 format 4 for this card's PAN",
  });
}

/** What a display answers, under the session key that came with it. */
export async function sealPin(
  primitives: Primitives,
  pin: Pin,
  { pan, sessionKey: key, keySet }: { pan: string; sessionKey: Uint8Array; keySet: KeySetId },
): Promise<ExternalPinAttribute> {
  const pinBlock = hexFromBytes(await encipherPinBlockFormat4(primitives, { pin, pan, key })).toUpperCase();
  return { pinAlgorithmId: "04", pinBlock, pinBlockFormat: "ISO-4", keyId: keySet };
}

/** What is known of a card's PIN. */
export interface DescribedPin {
  readonly cardReference: string;
  readonly isBlocked: boolean;
  /** Wrong PINs in a row. */
  readonly failedTries: number;
  readonly tryLimit: number;
  /** Whether the chip has the PIN; null: there is no PIN yet. */
  readonly isChipInSync: boolean | null;
}

/** A PIN is blocked where the counter, which counts failures, is at its maximum. */
export function describePinState(pin: DescribedPin): PinState {
  const { cardReference, isBlocked, failedTries, tryLimit, isChipInSync } = pin;
  return {
    cardReference,
    pinTryCounter: String(isBlocked ? tryLimit : Math.min(failedTries, tryLimit)),
    maximumPinTryCounter: String(tryLimit),
    pinTryCounterResetType: "Never",
    pinCheckParameterStatus: isBlocked ? "Blocked" : "Active",
    ...(isChipInSync === null ? {} : { offlinePinChangeStatus: isChipInSync ? "Successful" : "Pending" }),
  };
}

/** The whole answer of a success. */
export function answerWith<Data>(
  data: Data,
  { correlationId, at }: { correlationId: string; at: Date },
): { data: Data } & ErrorReply {
  const statusMessage = "Executed successfully";
  return {
    data,
    responseMetadata: { correlationId, responseDateTime: at.toISOString(), statusCode: 200, statusMessage },
  };
}
