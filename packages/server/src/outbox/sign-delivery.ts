import { createHmac } from "node:crypto";

/**
 * `t=<seconds since 1970>,v1=<hex HMAC-SHA-256 of "<t>." ‖ body>`: who has the secret can tell that the body is the
 * issuer's, and from `t` that it is not an old one sent again.
 */
export function signDelivery(secret: string, body: Uint8Array, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000);
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.`).update(body).digest("hex")}`;
}
