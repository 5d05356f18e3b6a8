import { adyenKeyPurpose } from "@linchpin/protocols/adyen/issuer";
import type { KeyUse } from "@linchpin/protocols/adyen/wire";
import type { KeyPolicy } from "@linchpin/vault";
import { dayMs } from "../../durations.ts";
import type { AdyenSettings } from "./settings.ts";

export { adyenKeyPurpose };

export type AdyenKeyWrap = AdyenSettings["keyWrap"];

/** A key can be used for at least a month after it was fetched, and until the day that was published with it. */
const limits = { lifetimeMs: 365 * dayMs, gracePeriodMs: 30 * dayMs };

export function adyenKeyPurposes({ keyWrap }: AdyenSettings): Record<string, KeyPolicy> {
  const policy = { ...policyOfWrap[keyWrap], ...limits };
  const uses = ["pinChange", "pinReveal", "panReveal"] satisfies KeyUse[];
  return Object.fromEntries(uses.map((use) => [adyenKeyPurpose(use, keyWrap), policy]));
}

const policyOfWrap: Readonly<Record<AdyenKeyWrap, Pick<KeyPolicy, "algorithm" | "settingForOtherAlgorithm">>> = {
  pkcs1: { algorithm: "RSA-PKCS1", settingForOtherAlgorithm: "LINCHPIN_ADYEN_KEY_WRAP=oaep" },
  oaep: { algorithm: "RSA-OAEP-256" },
};
