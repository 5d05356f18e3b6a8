import type { Pin } from "@linchpin/core";
import {
  openSealedPin as openWithContentKey,
  parseSealedPin as parse,
  type SealedPin,
  sealedPinKeyPurpose,
} from "@linchpin/protocols/sealed-pin/issuer";
import type { SealedPinRequest } from "@linchpin/protocols/sealed-pin/wire";
import type { KeyPolicy, KeyRecord } from "@linchpin/vault";
import type { Context } from "../context/index.ts";
import { dayMs } from "../durations.ts";
import { unwrapBy } from "../steps/index.ts";

// The steps of operations whose PIN comes in as a JWE: those of Solaris, and the issuer's own verification.

/** A device that fetched a key just before a rotation has a day to use it. */
export const sealedPinKeyPurposes: Readonly<Record<string, KeyPolicy>> = {
  [sealedPinKeyPurpose]: { algorithm: "RSA-OAEP-256", gracePeriodMs: dayMs },
};

/** @throws LinchpinError `jwe_malformed`, `key_mismatch` */
export function parseSealedPin(context: Context, request: SealedPinRequest): Promise<SealedPin> {
  return parse(context.primitives, request);
}

/** As `parseSealedPin`, where the replay mark was computed already: the JWE is hashed once. */
export function parseMarkedPin(
  context: Context,
  request: SealedPinRequest,
  { mark }: { readonly mark: Uint8Array },
): Promise<SealedPin> {
  return parse(context.primitives, request, mark);
}

/** @throws LinchpinError `key_unknown`, `key_expired` */
export function findSealedPinKey(context: Context, { keyId }: SealedPin): Promise<KeyRecord> {
  return context.keyring.find(sealedPinKeyPurpose, keyId);
}

/** The vault unwraps the content key, core opens the content. @throws LinchpinError `decryption_failed` */
export function openSealedPin(context: Context, sealed: SealedPin, _card: unknown, key?: KeyRecord): Promise<Pin> {
  return openWithContentKey(context.primitives, sealed, unwrapBy(context, key));
}
