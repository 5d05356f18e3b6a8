import type { JwePrimitives } from "@linchpin/core";
import { encryptAesCbc, hmacSha512, randomBytes, wrapRsaOaep } from "@linchpin/core/webcrypto";
import type { Refusals } from "./exchange.ts";

// What both ways to change a PIN by Solaris' protocol share.

export interface OfCard {
  readonly cardId: string;
  /** Default: the platform's WebCrypto. */
  readonly primitives?: JwePrimitives;
}

export const webCrypto: JwePrimitives = { randomBytes, wrapRsaOaep, encryptAesCbc, hmacSha512 };

export const base = "/solaris/v1";

export const post = (path: string, body: object) =>
  ({ method: "POST", path: base + path, body: JSON.stringify(body) }) as const;

export const refusals: Refusals = {
  wordIn: (body) => body?.errors?.[0]?.code,
  codes: {
    invalid_pin: "pin_refused",
    encrypted_pin_already_used: "replayed",
    expired_key_id: "key_expired",
    invalid_key_id: "key_unknown",
    invalid_signature: "signature_invalid",
    invalid_tan: "tan_invalid",
    device_not_verified: "device_unverified",
    card_blocked: "card_blocked",
    card_terminated: "card_terminated",
    challenge_ended: "challenge_ended",
    too_many_devices: "too_many_devices",
    mobile_number_missing: "mobile_number_missing",
  },
};
