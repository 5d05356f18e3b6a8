import { LinchpinError } from "@linchpin/core";
import { rootPurpose } from "@linchpin/protocols/issuer-keys/issuer";
import type { KeyPolicy } from "@linchpin/vault";
import { auditTextPurpose } from "../audit/index.ts";
import { panIndexPurpose } from "../cards/index.ts";
import { dayMs } from "../durations.ts";
import { sealedPinKeyPurposes } from "../pin/index.ts";
import { ownSettings, type Protocol } from "../protocol.ts";
import type { Settings } from "../settings/index.ts";

/** The settings that decide which keys there are. */
export type KeySettings = Pick<Settings, "keyRotation" | "protocols">;

/**
 * Every key of the issuer, by its purpose: its algorithm, how long a version is accepted after the next one became
 * current, and, where the operator has set it, how often the key rotates by schedule.
 * @throws LinchpinError `settings_invalid`: LINCHPIN_KEY_ROTATION names no purpose
 */
export function keyPurposesOf(protocols: readonly Protocol[], settings: KeySettings): Record<string, KeyPolicy> {
  const purposes: Record<string, KeyPolicy> = {
    /** Stored PINs. An earlier version opens the PINs that it sealed for as long as they are stored. */
    "card-pin": { algorithm: "A256GCM", gracePeriodMs: null },
    /** Stored PANs and CVV2s. */
    "card-data": { algorithm: "A256GCM", gracePeriodMs: null },
    /** MACs of PANs, by which cards are found; they are computed anew by a later version. */
    [panIndexPurpose]: { algorithm: "HS256", gracePeriodMs: null },
    /** OTPs, TANs, strings to sign, the texts of messages, and the secrets of webhooks. */
    secret: { algorithm: "A256GCM", gracePeriodMs: null },
    /** Checkpoints of the audit chain: an old version's public half stays with its record. */
    audit: { algorithm: "ES256", gracePeriodMs: dayMs },
    /** Signs the list of the issuer's keys. Devices pin it: it is rotated by hand, after the next one was announced. */
    [rootPurpose]: { algorithm: "ES256", gracePeriodMs: null },
    /** What stands in audit events in place of callers' texts; only digests by one version can be compared. */
    [auditTextPurpose]: { algorithm: "HS256", gracePeriodMs: null },
    ...sealedPinKeyPurposes,
    ...Object.assign({}, ...protocols.map((protocol) => protocol.keyPurposes(ownSettings(protocol, settings)))),
  };
  for (const [name, rotateEveryMs] of settings.keyRotation) {
    const purpose = purposes[name];
    if (purpose === undefined)
      throw new LinchpinError("settings_invalid", {
        reason: `LINCHPIN_KEY_ROTATION names ${name}, but there are keys for: ${Object.keys(purposes).join(", ")}`,
      });
    if (name === rootPurpose)
      throw new LinchpinError("settings_invalid", {
        reason: `LINCHPIN_KEY_ROTATION names ${rootPurpose}, which devices pin: it is announced and rotated by hand`,
      });
    purposes[name] = { ...purpose, rotateEveryMs };
  }
  return purposes;
}
