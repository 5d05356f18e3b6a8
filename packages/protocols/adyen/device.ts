import {
  bytesFromBase64,
  bytesFromHex,
  decipherPinBlockFormat4,
  encipherPinBlockFormat4,
  encryptRsa,
  LinchpinError,
  type Pin,
  type Primitives,
  type RsaProfile,
  type RsaPublicKey,
  readRsaPublicKey,
  textFromUtf8,
} from "@linchpin/core";
import type { Unauthenticated } from "../issuer-keys/device.ts";
import { adyenKeyPurpose } from "./key-purpose.ts";
import { type KeyWrap, keyWraps } from "./key-wrap.ts";
import { drawToken } from "./token.ts";
import { upperHexFromBytes } from "./upper-hex.ts";
import type {
  KeyUse,
  PanRevealReply,
  PanRevealRequest,
  PinChangeRequest,
  PinRevealReply,
  PinRevealRequest,
} from "./wire.ts";

/** `wrapRsaOaep` is needed where session keys are wrapped so. */
export type DevicePrimitives = Pick<Primitives, "randomBytes" | "encryptAesCbc" | "decryptAesCbc"> &
  Partial<Pick<Primitives, "wrapRsaOaep">>;

/**
 * The body of `POST /pins/change`: the PIN as a block of ISO 9564 format 4 under a fresh session key, which is wrapped
 * to a key of purpose `pinChange`. Making it again gives another: each is good for one change.
 * @throws LinchpinError `public_key_unusable`
 */
export async function makePinChangeRequest(
  primitives: DevicePrimitives,
  { pin, issuerKey, paymentInstrumentId }: { pin: Pin; issuerKey: IssuerKey; paymentInstrumentId: string },
): Promise<PinChangeRequest> {
  const sessionKey = primitives.randomBytes(sessionKeyBytes);
  const token = drawToken(primitives);
  try {
    const pinBlock = await encipherPinBlockFormat4(primitives, { pin, pan: token, key: sessionKey });
    return {
      paymentInstrumentId,
      encryptedKey: await wrapSessionKey(primitives, issuerKey, sessionKey),
      encryptedPinBlock: upperHexFromBytes(pinBlock),
      token,
    };
  } finally {
    sessionKey.fill(0);
  }
}

/** A request for one reveal, and the key that opens its answer; whoever holds it wipes it after that. */
export interface RevealRequest {
  readonly request: PinRevealRequest & PanRevealRequest;
  readonly sessionKey: Uint8Array;
}

/**
 * The body of `POST /pins/reveal` (a key of purpose `pinReveal`) or `POST /paymentInstruments/reveal` (`panReveal`).
 * @throws LinchpinError `public_key_unusable`
 */
export async function makeRevealRequest(
  primitives: DevicePrimitives,
  { issuerKey, paymentInstrumentId }: { issuerKey: IssuerKey; paymentInstrumentId: string },
): Promise<RevealRequest> {
  const sessionKey = primitives.randomBytes(sessionKeyBytes);
  try {
    const encryptedKey = await wrapSessionKey(primitives, issuerKey, sessionKey);
    return { request: { paymentInstrumentId, encryptedKey }, sessionKey };
  } catch (error) {
    sessionKey.fill(0);
    throw error;
  }
}

/**
 * Opens the answer of `POST /pins/reveal`. The caller wipes the PIN.
 * @throws LinchpinError `decryption_failed`, also when the issuer could not unwrap the session key: fetch the key again
 */
export async function openRevealedPin(
  primitives: DevicePrimitives,
  { reply, sessionKey }: { reply: PinRevealReply; sessionKey: Uint8Array },
): Promise<Pin> {
  if (!/^[0-9]{16}$/.test(reply.token)) throw unreadable("the token is not 16 digits");
  const pinBlock = readHex(reply.encryptedPinBlock);
  return decipherPinBlockFormat4(primitives, { pinBlock, pan: reply.token, key: sessionKey });
}

/** To be shown: a screen takes strings. */
export interface RevealedPan {
  readonly pan: string;
  readonly cvc: string;
  readonly expiration: { readonly month: string; readonly year: string };
}

/** Opens the answer of `POST /paymentInstruments/reveal`. @throws LinchpinError as `openRevealedPin` */
export async function openRevealedPan(
  primitives: DevicePrimitives,
  { reply, sessionKey }: { reply: PanRevealReply; sessionKey: Uint8Array },
): Promise<RevealedPan> {
  const plaintext = await primitives.decryptAesCbc(sessionKey, new Uint8Array(16), readHex(reply.encryptedData));
  try {
    return readRevealedPan(plaintext);
  } finally {
    plaintext.fill(0);
  }
}

export type { KeyWrap };

/** A key of the issuer's that was accepted: what wrapping asks for. */
export interface IssuerKey {
  readonly key: RsaPublicKey;
  readonly keyWrap: KeyWrap;
  /** The last day, UTC, on which the issuer accepts it. */
  readonly expiryDate: string;
}

/** How a manifest lists a key of this use. */
export function claimOf({ key, keyWrap }: IssuerKey, use: KeyUse) {
  return { purpose: adyenKeyPurpose(use, keyWrap), alg: keyWraps[keyWrap].alg, key };
}

/**
 * Checks an issuer's key as it reaches the device through the relay: the answer of
 * `GET /publicKey`, in either format. That it is the issuer's is said by a manifest alone (`claimOf`).
 * @throws LinchpinError `public_key_unusable` when it is no RSA public key with a modulus of at least 2048 bits and a
 *   public exponent that is odd and at least 65537; when it is a JWK for another use or another way of wrapping; when
 *   its last day is over or is no date
 */
export function acceptIssuerKey(
  reply: unknown,
  { keyWrap = "pkcs1", clock = () => new Date() }: { keyWrap?: KeyWrap; clock?: () => Date } = {},
): Unauthenticated<IssuerKey> {
  const { publicKey, publicKeyExpiryDate: expiryDate } = membersOf(reply);
  if (typeof publicKey !== "string" || typeof expiryDate !== "string" || !(clock().getTime() < endOfDay(expiryDate)))
    throw unusable("it is no key whose last day is still to come");
  const key = publicKey.startsWith("{") ? readJwk(publicKey, keyWraps[keyWrap]) : readPem(publicKey);
  readRsaPublicKey(key);
  return { key, keyWrap, expiryDate };
}

const sessionKeyBytes = 32;

async function wrapSessionKey(
  primitives: DevicePrimitives,
  { key, keyWrap }: IssuerKey,
  sessionKey: Uint8Array,
): Promise<string> {
  return upperHexFromBytes(await encryptRsa(primitives, keyWraps[keyWrap], key, sessionKey));
}

/** Base64 of an SPKI, without armour. */
function readPem(publicKey: string): RsaPublicKey {
  try {
    return { spki: bytesFromBase64(publicKey) };
  } catch {
    throw unusable("it is neither base64 nor a JWK");
  }
}

function readJwk(text: string, profile: RsaProfile): RsaPublicKey {
  const { kty, use, alg, n, e, d } = parseJson(text, () => unusable("it is neither base64 nor a JWK"));
  const isPublicKey = kty === "RSA" && typeof n === "string" && typeof e === "string" && d === undefined;
  if (!isPublicKey || (use ?? "enc") !== "enc" || (alg ?? profile.alg) !== profile.alg)
    throw unusable("the JWK is not an RSA public key for this way of wrapping");
  return { n, e };
}

function readRevealedPan(json: Uint8Array): RevealedPan {
  const { pan, cvc, expiration } = parseJson(json, () => unreadable("it is not JSON"));
  const { month, year } = membersOf(expiration);
  if (typeof pan !== "string" || !/^[0-9]{12,19}$/.test(pan)) throw unreadable("pan is not 12 to 19 digits");
  if (typeof cvc !== "string" || !/^[0-9]{3,4}$/.test(cvc)) throw unreadable("cvc is not 3 or 4 digits");
  if (typeof month !== "string" || typeof year !== "string") throw unreadable("there is no expiration");
  return { pan, cvc, expiration: { month, year } };
}

/** Not a number where the text is no day. */
function endOfDay(date: string): number {
  return /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T23:59:59.999Z`) : Number.NaN;
}

/** The parser's own error would quote what it was given. */
function parseJson(json: string | Uint8Array, refusal: () => LinchpinError): Record<string, unknown> {
  try {
    return membersOf(JSON.parse(typeof json === "string" ? json : textFromUtf8(json)));
  } catch {
    throw refusal();
  }
}

/** What is no object has none of the members that are asked for. */
function membersOf(value: unknown): Record<string, unknown> {
  return { ...(value as object) };
}

function readHex(text: string): Uint8Array {
  try {
    return bytesFromHex(text);
  } catch {
    throw unreadable("it is not hex");
  }
}

function unusable(reason: string): LinchpinError {
  return new LinchpinError("public_key_unusable", { reason });
}

function unreadable(reason: string): LinchpinError {
  return new LinchpinError("decryption_failed", { reason });
}
