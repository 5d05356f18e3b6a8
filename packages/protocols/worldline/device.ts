import {
  bytesFromBase64,
  bytesFromHex,
  decipherPinBlockFormat4,
  encipherPinBlockFormat4,
  encryptRsa,
  hexFromBytes,
  LinchpinError,
  type Pin,
  type Primitives,
  type RsaPublicKey,
  readRsaPublicKey,
} from "@linchpin/core";
import type { Unauthenticated } from "../issuer-keys/device.ts";
import { type KeySetId, type KeyWrap, keyWraps } from "./key-sets.ts";
import type { EncryptedSessionKey, ExternalPinAttribute, PinDisplayRequest, PinSetRequest } from "./wire.ts";

export type { KeySetId, KeyWrap };

/** `wrapRsaOaep` is needed where session keys are wrapped so. */
export type DevicePrimitives = Pick<Primitives, "randomBytes" | "encryptAesCbc" | "decryptAesCbc"> &
  Partial<Pick<Primitives, "wrapRsaOaep">>;

/** A key set of the issuer's, as it was handed over: `publicKey` is base64 of an SPKI in DER. */
export interface KeySet {
  readonly keyId: KeySetId;
  readonly publicKey: string;
}

/** A key set that was accepted. */
export interface IssuerKey {
  readonly keyId: KeySetId;
  readonly key: RsaPublicKey;
  readonly keyWrap: KeyWrap;
}

/**
 * Checks a key set. That it is the issuer's is said by a manifest alone (`claimOf`).
 * @throws LinchpinError `public_key_unusable` when it is no RSA public key with a modulus of at least 2048 bits and a
 *   public exponent that is odd and at least 65537
 */
export function acceptKeySet(
  { keyId, publicKey }: KeySet,
  { keyWrap = "oaep" }: { keyWrap?: KeyWrap | undefined } = {},
): Unauthenticated<IssuerKey> {
  const key = { spki: bytesOr("public_key_unusable", () => bytesFromBase64(publicKey)) };
  readRsaPublicKey(key);
  return { keyId, key, keyWrap };
}

/** How a manifest lists the key. */
export function claimOf({ key, keyWrap }: IssuerKey) {
  const { purpose, profile } = keyWraps[keyWrap];
  return { purpose, alg: profile.alg, key };
}

/**
 * The body of a PIN set by reference: the PIN as a block of ISO 9564 format 4, bound to the card's PAN (1 to 19 digits),
 * under a fresh session key. Making it again gives another: each is good for one request.
 * @throws LinchpinError `public_key_unusable`; `encoding_invalid` for the PAN
 */
export async function makePinSetRequest(
  primitives: DevicePrimitives,
  { pin, pan, issuerKey }: { pin: Pin; pan: string; issuerKey: IssuerKey },
): Promise<PinSetRequest> {
  const key = primitives.randomBytes(32);
  try {
    const pinBlock = hexFromBytes(await encipherPinBlockFormat4(primitives, { pin, pan, key })).toUpperCase();
    const encryptedSessionKey = await wrap(primitives, issuerKey, key);
    return { pinAttribute: { pinAlgorithmId: "04", pinBlock, pinBlockFormat: "ISO-4", encryptedSessionKey } };
  } finally {
    key.fill(0);
  }
}

/**
 * The body of a PIN display by reference, and the key that opens its answer; whoever holds it wipes it after that.
 * @throws LinchpinError `public_key_unusable`
 */
export async function makePinDisplayRequest(
  primitives: DevicePrimitives,
  issuerKey: IssuerKey,
): Promise<{ readonly request: PinDisplayRequest; readonly sessionKey: Uint8Array }> {
  const sessionKey = primitives.randomBytes(32);
  try {
    return { request: { encryptedSessionKey: await wrap(primitives, issuerKey, sessionKey) }, sessionKey };
  } catch (error) {
    sessionKey.fill(0);
    throw error;
  }
}

/**
 * Opens what a display answers. The caller wipes the PIN.
 * @throws LinchpinError `decryption_failed`, also when the issuer could not unwrap the session key; `encoding_invalid` for
 *   the PAN
 */
export async function openDisplayedPin(
  primitives: DevicePrimitives,
  {
    attribute,
    pan,
    sessionKey: key,
  }: { attribute: Pick<ExternalPinAttribute, "pinBlock">; pan: string; sessionKey: Uint8Array },
): Promise<Pin> {
  const pinBlock = bytesOr("decryption_failed", () => bytesFromHex(attribute.pinBlock));
  return decipherPinBlockFormat4(primitives, { pinBlock, pan, key });
}

async function wrap(
  primitives: DevicePrimitives,
  { keyId, key, keyWrap }: IssuerKey,
  sessionKey: Uint8Array,
): Promise<EncryptedSessionKey> {
  const wrapped = await encryptRsa(primitives, keyWraps[keyWrap].profile, key, sessionKey);
  return { algoId: "06", encryptedData: hexFromBytes(wrapped).toUpperCase(), keyId };
}

function bytesOr(code: LinchpinError["code"], read: () => Uint8Array): Uint8Array {
  try {
    return read();
  } catch (cause) {
    throw new LinchpinError(code, { cause });
  }
}
