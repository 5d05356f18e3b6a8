import type { HmacHash, OaepHash } from "../primitives.ts";
import type { RsaProfile } from "../rsa/rsa-profiles.ts";

// Which JWE there are: a closed table. A protocol, and the record of the key that it seals to, fix the row; a message's
// header must say the same. Each row is a constant of its own, so that a device's bundle holds those that it uses.

export interface JweProfile extends CbcHmacProfile {
  /** RSAES-OAEP's hash, as `rsaProfiles` has it for this `alg`. */
  readonly oaep: OaepHash;
  /** What the protected header says (RFC 7518 §4.3, §5.2), beside the key's `kid`. */
  readonly header: {
    readonly alg: RsaProfile["alg"];
    readonly enc: "A256CBC-HS512" | "A128CBC-HS256";
  };
}

/** An AES_CBC_HMAC_SHA2 (RFC 7518 §5.2.2). */
export interface CbcHmacProfile {
  /** MAC key and AES key together. Each is half of it, and so is the tag: RFC 7518 §5.2.3 to §5.2.5. */
  readonly contentKeyBytes: number;
  readonly hmac: HmacHash;
}

/** RFC 7518 §4.3 with §5.2.5. */
export const rsaOaep256A256CbcHs512: JweProfile = {
  contentKeyBytes: 64,
  hmac: "SHA-512",
  oaep: "SHA-256",
  header: { alg: "RSA-OAEP-256", enc: "A256CBC-HS512" },
};

/** RFC 7518 §4.3 with §5.2.3. */
export const rsaOaepA128CbcHs256: JweProfile = {
  contentKeyBytes: 32,
  hmac: "SHA-256",
  oaep: "SHA-1",
  header: { alg: "RSA-OAEP", enc: "A128CBC-HS256" },
};
