import { type RsaProfile, rsaOaep256, rsaPkcs1 } from "@linchpin/core";

/** The two sets of keys that bank and issuer exchange: a rotation replaces the key of one, while the other serves. */
export type KeySetId = "01" | "02";

/** The versions of the issuer's key take turns. */
export function keySetOfVersion(version: number): KeySetId {
  return version % 2 === 1 ? "01" : "02";
}

/** How session keys are wrapped: agreed with the issuer, RSAES-OAEP with SHA-256 where nothing is. */
export type KeyWrap = "oaep" | "pkcs1";

export const keyWraps: Readonly<Record<KeyWrap, { readonly purpose: string; readonly profile: RsaProfile }>> = {
  oaep: { purpose: "worldline-pin", profile: rsaOaep256 },
  pkcs1: { purpose: "worldline-pin-pkcs1", profile: rsaPkcs1 },
};
