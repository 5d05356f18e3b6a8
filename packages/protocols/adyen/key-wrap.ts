import { type RsaProfile, rsaOaep256, rsaPkcs1 } from "@linchpin/core";

/** How session keys are wrapped: agreed with the issuer, RSAES-PKCS1-v1_5 where nothing is. */
export type KeyWrap = "pkcs1" | "oaep";

export const keyWraps: Readonly<Record<KeyWrap, RsaProfile>> = { pkcs1: rsaPkcs1, oaep: rsaOaep256 };
