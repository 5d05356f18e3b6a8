/**
 * The key manifest: the signed list of the issuer's keys, which a pinned root vouches for.
 *
 * A compact JWS (RFC 7515) with the header `{"alg":"ES256","typ":"jwk-set+jwt","kid"}`, where `kid` is the thumbprint of
 * the root; the payload is a `Manifest`, a JWK Set (RFC 7517) with claims, as OpenID Federation 1.0 signs one. Readers
 * ignore members that they do not know.
 */

/** `GET`, for everyone. The answer is the JWS alone. */
export const manifestPath = "/issuer-keys";
export const manifestMediaType = "application/jwk-set+jwt";
export const manifestTyp = "jwk-set+jwt";
export const manifestMaxLength = 32_768;

/** Times are integers, seconds since 1970. */
export interface Manifest {
  /** The issuer's origin, twice: it speaks of itself. */
  readonly iss: string;
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
  /** Grows with every manifest. */
  readonly seq: number;
  readonly keys: readonly ManifestKey[];
}

/** A JWK, what the key is for, and from when until when. It is never used for anything else. */
export type ManifestKey = {
  /** As messages name the key: its id, or of a root and of a native key its thumbprint (RFC 7638). */
  readonly kid: string;
  readonly alg: string;
  readonly use: "enc" | "sig";
  readonly purpose: string;
  readonly nbf: number;
  readonly exp: number;
} & (
  | { readonly kty: "RSA"; readonly n: string; readonly e: string }
  | { readonly kty: "EC"; readonly crv: "P-256"; readonly x: string; readonly y: string }
);
