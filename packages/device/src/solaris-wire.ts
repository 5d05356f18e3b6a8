import type { ErrorCode, JwePrimitives, Pin, PinPolicy } from "@linchpin/core";
import { encryptAesCbc, hmacSha512, randomBytes, wrapRsaOaep } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, type IssuerKey } from "@linchpin/protocols/solaris/device";
import { ask, type Way } from "./exchange.ts";

// What both ways to change a PIN by Solaris' protocol share.

export interface NewPin {
  readonly cardId: string;
  /** Wiped, however the call ends. */
  readonly pin: Pin;
  /** What it is held against before anything is sent. Default: the rules that Solaris publishes. */
  readonly policy?: PinPolicy;
  /** Default: the platform's WebCrypto. */
  readonly primitives?: JwePrimitives;
}

export const webCrypto: JwePrimitives = { randomBytes, wrapRsaOaep, encryptAesCbc, hmacSha512 };

const base = "/solaris/v1";

export const post = (path: string, body: object) =>
  ({ method: "POST", path: base + path, body: JSON.stringify(body) }) as const;

export async function fetchIssuerKey(way: Way): Promise<IssuerKey> {
  return acceptIssuerKey(await ask(way, { method: "GET", path: `${base}/cards/pin_keys/latest` }, readRefusal));
}

/** By Solaris' word for it. */
export function readRefusal(body: unknown): ErrorCode | undefined {
  const word = (body as { errors?: { code?: string }[] } | undefined)?.errors?.[0]?.code ?? "";
  return words[word] ?? sameWords.find((code) => code === word);
}

const words: Partial<Record<string, ErrorCode>> = {
  invalid_pin: "pin_refused",
  encrypted_pin_already_used: "replayed",
  expired_key_id: "key_expired",
  invalid_key_id: "key_unknown",
  invalid_signature: "signature_invalid",
  invalid_tan: "tan_invalid",
  device_not_verified: "device_unverified",
};

const sameWords: readonly ErrorCode[] = [
  "card_blocked",
  "card_terminated",
  "challenge_ended",
  "too_many_devices",
  "mobile_number_missing",
];
