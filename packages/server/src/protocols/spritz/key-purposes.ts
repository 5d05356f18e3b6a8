import { type Form, keyPurposeOf, type OaepHash } from "@linchpin/protocols/spritz/issuer";
import type { KeyPolicy } from "@linchpin/vault";
import { dayMs } from "../../durations.ts";
import type { SpritzSettings } from "./settings.ts";

/** Apps have the key compiled in: an earlier one is accepted until their users have had time to update. */
const gracePeriodMs = 365 * dayMs;

const hashesOfRain: Readonly<Record<SpritzSettings["rain"], readonly OaepHash[]>> = {
  off: [],
  present: ["SHA-512"],
  legacy: ["SHA-1"],
  both: ["SHA-512", "SHA-1"],
};

/** The hashes that a form's devices may wrap by; none where the form is off. */
export function hashesOf(form: Form, { hash, rain }: SpritzSettings): readonly OaepHash[] {
  return form === "spritz" ? [hash] : hashesOfRain[rain];
}

export function spritzKeyPurposes(settings: SpritzSettings): Record<string, KeyPolicy> {
  const ofForm = (form: Form) =>
    hashesOf(form, settings).map((hash) => [keyPurposeOf(form, hash), policyOf(form, hash)] as const);
  return Object.fromEntries([...ofForm("spritz"), ...ofForm("rain")]);
}

const otherHash: Readonly<Record<Form, Readonly<Record<OaepHash, string>>>> = {
  spritz: { "SHA-1": "LINCHPIN_SPRITZ_OAEP_HASH=SHA-512", "SHA-512": "LINCHPIN_SPRITZ_OAEP_HASH=SHA-1" },
  rain: { "SHA-1": "LINCHPIN_SPRITZ_RAIN=present", "SHA-512": "LINCHPIN_SPRITZ_RAIN=legacy" },
};

function policyOf(form: Form, hash: OaepHash): KeyPolicy {
  const algorithm = hash === "SHA-1" ? "RSA-OAEP" : "RSA-OAEP-512";
  return { algorithm, gracePeriodMs, settingForOtherAlgorithm: otherHash[form][hash] };
}
