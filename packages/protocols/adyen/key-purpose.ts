import type { KeyWrap } from "./key-wrap.ts";
import type { KeyUse } from "./wire.ts";

const names: Record<KeyUse, string> = {
  pinChange: "adyen-pin-change",
  pinReveal: "adyen-pin-reveal",
  panReveal: "adyen-pan-reveal",
};

/** The purpose of the issuer's key. Keys that PKCS#1 v1.5 is used with never serve OAEP, nor the other way round. */
export function adyenKeyPurpose(use: KeyUse, keyWrap: KeyWrap): string {
  return keyWrap === "oaep" ? `${names[use]}-oaep` : names[use];
}
