import type { JwePrimitives } from "@linchpin/core";
import { encryptAesCbc, hmac, randomBytes, wrapRsaOaep } from "@linchpin/core/webcrypto";

// What both ways to change a PIN by Solaris' protocol share.

export interface OfCard {
  readonly cardId: string;
  /** Default: the platform's WebCrypto. */
  readonly primitives?: JwePrimitives;
}

export const webCrypto: JwePrimitives = { randomBytes, wrapRsaOaep, encryptAesCbc, hmac };

export const base = "/solaris/v1";

export const post = (path: string, body: object) =>
  ({ method: "POST", path: base + path, body: JSON.stringify(body) }) as const;
