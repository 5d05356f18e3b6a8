import { createPublicKey, type KeyObject } from "node:crypto";
import { encodeP256PublicKey, LinchpinError } from "@linchpin/core";

/**
 * The public key of the other side of an agreement, or of a key record. Every vault calls it before it uses a private key:
 * a point of another curve would let whoever sends it compute that key (invalid-curve attack), and not every token checks.
 *
 * @throws LinchpinError `public_key_unusable`: not `04 ‖ X ‖ Y` of 65 bytes, or no point of P-256
 */
export function importPeerPoint(publicPoint: Uint8Array): KeyObject {
  if (publicPoint.length !== 65 || publicPoint[0] !== 0x04) throw new LinchpinError("public_key_unusable");
  // As PEM, which OpenSSL imports faster than DER.
  const spki = Buffer.from(encodeP256PublicKey(publicPoint, "spki")).toString("base64");
  try {
    return createPublicKey(`-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----`);
  } catch (cause) {
    throw new LinchpinError("public_key_unusable", { cause });
  }
}
