import { bytesFromHex, hexFromBytes } from "#encoding";
import { concatBytes } from "../bytes.ts";
import { LinchpinError } from "../errors/errors.ts";
import type { Primitives } from "../primitives.ts";

/** SPKI in DER, 91 bytes, or the uncompressed point `04 ‖ X ‖ Y`, 65 bytes. */
export type P256PublicKeyEncoding = "spki" | "raw";

/** SubjectPublicKeyInfo up to the point, RFC 5480 §2: id-ecPublicKey, secp256r1, a BIT STRING without unused bits. */
const spkiPrefix = bytesFromHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");

/**
 * The uncompressed point of a key in one of the two encodings, and which it was.
 * @throws LinchpinError `public_key_unusable`: other encodings, compressed points, other curves, no point of the curve
 */
export async function parseP256PublicKey(
  primitives: Pick<Primitives, "isP256Point">,
  publicKey: Uint8Array,
): Promise<{ point: Uint8Array; encoding: P256PublicKeyEncoding }> {
  const prefix = publicKey.subarray(0, spkiPrefix.length);
  const isSpki = publicKey.length === spkiPrefix.length + 65 && hexFromBytes(prefix) === hexFromBytes(spkiPrefix);
  const point = isSpki ? publicKey.subarray(spkiPrefix.length) : publicKey;
  if (!(await primitives.isP256Point(point))) throw new LinchpinError("public_key_unusable");
  return { point, encoding: isSpki ? "spki" : "raw" };
}

export function encodeP256PublicKey(point: Uint8Array, encoding: P256PublicKeyEncoding): Uint8Array<ArrayBuffer> {
  return encoding === "spki" ? concatBytes(spkiPrefix, point) : concatBytes(point);
}
