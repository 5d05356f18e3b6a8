import { keyWraps } from "@linchpin/protocols/worldline/issuer";
import type { KeyPolicy } from "@linchpin/vault";
import { dayMs } from "../../durations.ts";
import type { WorldlineSettings } from "./settings.ts";

/** The two key sets are versions that serve beside one another. What a rotation replaces is accepted for a day more. */
export function worldlineKeyPurposes({ keyWrap }: WorldlineSettings): Record<string, KeyPolicy> {
  return {
    [keyWraps[keyWrap].purpose]: { ...algorithms[keyWrap], gracePeriodMs: dayMs, parallelVersions: 2 },
  };
}

const algorithms = {
  oaep: { algorithm: "RSA-OAEP-256" },
  pkcs1: { algorithm: "RSA-PKCS1", settingForOtherAlgorithm: "LINCHPIN_WORLDLINE_KEY_WRAP=oaep" },
} as const;
