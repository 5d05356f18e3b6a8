import type { Primitives } from "@linchpin/core";

/** What the device half computes on. Its own key signs by itself. */
export type NativePrimitives = Pick<
  Primitives,
  "randomBytes" | "sha256" | "hmac" | "encryptAesGcm" | "decryptAesGcm" | "verifyEcdsa" | "makeAgreementKey"
>;
