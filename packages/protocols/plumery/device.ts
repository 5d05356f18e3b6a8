import {
  type AgreementKey,
  base64FromBytes,
  bytesFromBase64,
  decodePinJson,
  encodeP256PublicKey,
  LinchpinError,
  openReveal,
  type P256PublicKeyEncoding,
  type Pin,
  type Primitives,
  parseP256PublicKey,
  type SealedReveal,
  textFromUtf8,
} from "@linchpin/core";
import type { EncryptedPayload } from "./wire.ts";

/** A key for one reveal: made for it, and dropped with it. */
export interface RevealKey {
  /** The value of `X-Client-Public-Key`. */
  readonly publicKeyBase64: string;
  readonly key: AgreementKey;
}

export async function makeRevealKey(
  primitives: Pick<Primitives, "makeAgreementKey">,
  encoding: P256PublicKeyEncoding = "spki",
): Promise<RevealKey> {
  const key = await primitives.makeAgreementKey();
  return { publicKeyBase64: base64FromBytes(encodeP256PublicKey(key.publicPoint, encoding)), key };
}

type OpeningPrimitives = Pick<Primitives, "isP256Point" | "hkdfSha256" | "decryptAesGcm">;

/** What came back, the key it was asked for with, and HKDF's `info`, as agreed: empty where nothing is. */
interface Opening {
  readonly revealKey: RevealKey;
  readonly payload: EncryptedPayload;
  readonly info?: Uint8Array;
}

/**
 * Opens the answer of `GET …/cards/{token}/pin`. The caller wipes the PIN.
 * @throws LinchpinError `encoding_invalid`; `public_key_unusable` for the server's key; `decryption_failed`, also when
 *   what opens is not `{"pin":"…"}` with 4 to 12 ASCII digits
 */
export async function openCardPin(primitives: OpeningPrimitives, opening: Opening): Promise<Pin> {
  return decodePinJson(await openPayload(primitives, opening));
}

/** To be shown: a screen takes strings. */
export interface RevealedCardData {
  readonly pan: string;
  readonly cvv2: string;
}

/**
 * Opens the answer of `GET …/cards/{token}`.
 * @throws LinchpinError as `openCardPin`, of `{"pan":"…","cvv2":"…"}` with 12 to 19 and 3 or 4 ASCII digits
 */
export async function openCardData(primitives: OpeningPrimitives, opening: Opening): Promise<RevealedCardData> {
  const plaintext = await openPayload(primitives, opening);
  try {
    return readCardData(plaintext);
  } finally {
    plaintext.fill(0);
  }
}

async function openPayload(
  primitives: OpeningPrimitives,
  { revealKey, payload, info = new Uint8Array(0) }: Opening,
): Promise<Uint8Array> {
  return openReveal(primitives, { key: revealKey.key, sealed: await readPayload(primitives, payload), info });
}

/** The server's key in either encoding, whichever was sent. */
async function readPayload(
  primitives: Pick<Primitives, "isP256Point">,
  payload: EncryptedPayload,
): Promise<SealedReveal> {
  const { point } = await parseP256PublicKey(primitives, bytesOf(payload.ephemeralPublicKey));
  return {
    ephemeralPoint: point,
    salt: bytesOf(payload.salt),
    iv: bytesOf(payload.iv),
    ciphertext: bytesOf(payload.ciphertext),
  };
}

/** The payload comes through the relay: a member may be anything. */
function bytesOf(member: unknown): Uint8Array {
  if (typeof member !== "string") throw new LinchpinError("encoding_invalid");
  return bytesFromBase64(member);
}

/** Members beside these two are left alone, as nobody publishes which there are. What is wrong is not quoted. */
function readCardData(json: Uint8Array): RevealedCardData {
  const { pan, cvv2 } = membersOf(json);
  if (typeof pan !== "string" || !/^[0-9]{12,19}$/.test(pan)) throw unreadable("the member pan is not 12 to 19 digits");
  if (typeof cvv2 !== "string" || !/^[0-9]{3,4}$/.test(cvv2)) throw unreadable("the member cvv2 is not 3 or 4 digits");
  return { pan, cvv2 };
}

function membersOf(json: Uint8Array): Record<string, unknown> {
  try {
    return { ...JSON.parse(textFromUtf8(json)) };
  } catch {
    throw unreadable("it is not JSON");
  }
}

function unreadable(reason: string): LinchpinError {
  return new LinchpinError("decryption_failed", { reason: `it opened, but ${reason}` });
}
