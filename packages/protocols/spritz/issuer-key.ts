import type { RsaProfile } from "@linchpin/core";

/** Whose messages they are: Spritz's, or Rain's, which have the same cryptography in other members. */
export type Form = "spritz" | "rain";

/** The hash of RSAES-OAEP and of its MGF1. A key serves one of them. */
export type OaepHash = "SHA-1" | "SHA-512";

/** Rain's present row is SHA-512, its legacy row SHA-1; Spritz publishes none. */
export const defaultHashes: Readonly<Record<Form, OaepHash>> = { spritz: "SHA-1", rain: "SHA-512" };

/** How a manifest names OAEP by a hash: the names of core's rows (JWA). */
export const algorithms: Readonly<Record<OaepHash, RsaProfile["alg"]>> = {
  "SHA-1": "RSA-OAEP",
  "SHA-512": "RSA-OAEP-512",
};

const purposes: Readonly<Record<Form, Readonly<Record<OaepHash, string>>>> = {
  spritz: { "SHA-1": "spritz-pin", "SHA-512": "spritz-pin-sha512" },
  rain: { "SHA-1": "rain-pin-legacy", "SHA-512": "rain-pin" },
};

/** The purpose of the issuer's key: one for each form and hash, so that no key serves two. */
export function keyPurposeOf(form: Form, hash: OaepHash): string {
  return purposes[form][hash];
}
