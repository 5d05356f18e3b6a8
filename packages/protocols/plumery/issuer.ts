import {
  base64FromBytes,
  bytesFromBase64,
  concatBytes,
  encodeP256PublicKey,
  encodePinJson,
  LinchpinError,
  type P256PublicKeyEncoding,
  type Pin,
  type Primitives,
  parseP256PublicKey,
  sealReveal,
  utf8,
} from "@linchpin/core";
import { clientPublicKeyHeader, type EncryptedPayload } from "./wire.ts";

/** Whom to seal to, and how its keys are written. */
export interface ClientPublicKey {
  /** `04 ‖ X ‖ Y`. */
  readonly point: Uint8Array;
  readonly encoding: P256PublicKeyEncoding;
}

/** Characters of base64 that an SPKI takes, the longer of the two encodings. */
const maxKeyLength = 124;

/**
 * The value of `X-Client-Public-Key`.
 * @throws LinchpinError `public_key_unusable`: not canonical base64 of an SPKI or an uncompressed point of secp256r1
 */
export async function parseClientPublicKey(primitives: Primitives, keyBase64: string): Promise<ClientPublicKey> {
  if (keyBase64.length > maxKeyLength) throw unusable("it is longer than base64 of an SPKI");
  const publicKey = decodeKey(keyBase64);
  try {
    return await parseP256PublicKey(primitives, publicKey);
  } catch {
    throw unusable("it is no SPKI in DER and no uncompressed point of secp256r1");
  }
}

/** `info` is HKDF's, agreed beforehand. */
export function sealCardPin(
  primitives: Primitives,
  { pin, ...recipient }: { pin: Pin; client: ClientPublicKey; info: Uint8Array },
): Promise<EncryptedPayload> {
  return sealPayload(primitives, encodePinJson(pin), recipient);
}

/** `pan` and `cvv2` are ASCII digits; `info` is HKDF's, agreed beforehand. */
export function sealCardData(
  primitives: Primitives,
  { pan, cvv2, ...recipient }: { pan: Uint8Array; cvv2: Uint8Array; client: ClientPublicKey; info: Uint8Array },
): Promise<EncryptedPayload> {
  const plaintext = concatBytes(utf8('{"pan":"'), pan, utf8('","cvv2":"'), cvv2, utf8('"}'));
  return sealPayload(primitives, plaintext, recipient);
}

/** `MM/YY` */
export function formatExpirationDate({ month, year }: { month: number; year: number }): string {
  return [month, year % 100].map((part) => part.toString().padStart(2, "0")).join("/");
}

/** Wipes `plaintext`. */
async function sealPayload(
  primitives: Primitives,
  plaintext: Uint8Array,
  { client, info }: { client: ClientPublicKey; info: Uint8Array },
): Promise<EncryptedPayload> {
  try {
    const sealed = await sealReveal(primitives, { clientPoint: client.point, plaintext, info });
    return {
      iv: base64FromBytes(sealed.iv),
      ciphertext: base64FromBytes(sealed.ciphertext),
      ephemeralPublicKey: base64FromBytes(encodeP256PublicKey(sealed.ephemeralPoint, client.encoding)),
      salt: base64FromBytes(sealed.salt),
    };
  } finally {
    plaintext.fill(0);
  }
}

function decodeKey(keyBase64: string): Uint8Array {
  try {
    return bytesFromBase64(keyBase64);
  } catch {
    throw unusable("it is not canonical base64, padded, of the standard alphabet");
  }
}

function unusable(reason: string): LinchpinError {
  return new LinchpinError("public_key_unusable", { field: clientPublicKeyHeader, reason });
}
