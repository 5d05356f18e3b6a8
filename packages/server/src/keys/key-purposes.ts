import { LinchpinError } from "@linchpin/core";
import type { KeyPolicy } from "@linchpin/vault";
import { protocolTable } from "../protocol-table.ts";
import type { Settings } from "../settings.ts";

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Every key that the issuer holds, by what it is for: its algorithm, how long a version is accepted after the next one
 * came, and where the operator says so, when the next one comes by itself.
 * @throws LinchpinError `settings_invalid`: LINCHPIN_KEY_ROTATION names no purpose
 */
export function keyPurposesOf(settings: Pick<Settings, "adyenKeyWrap" | "keyRotation">): Record<string, KeyPolicy> {
  const purposes: Record<string, KeyPolicy> = {
    /** Stored PINs. An old version opens what it sealed for as long as that is there. */
    "card-pin": { algorithm: "A256GCM", gracePeriodMs: null },
    /** Stored PANs and CVV2s. */
    "card-data": { algorithm: "A256GCM", gracePeriodMs: null },
    /** OTPs, TANs, strings to sign, and the texts of messages. */
    secret: { algorithm: "A256GCM", gracePeriodMs: null },
    /** Checkpoints of the audit chain: an old version's public half stays with its record. */
    audit: { algorithm: "ES256", gracePeriodMs: dayMs },
    ...Object.assign({}, ...protocolTable.map((protocol) => protocol.keyPurposes(settings))),
  };
  for (const [name, rotateEveryMs] of settings.keyRotation) {
    const purpose = purposes[name];
    if (purpose === undefined)
      throw new LinchpinError("settings_invalid", {
        reason: `LINCHPIN_KEY_ROTATION names ${name}, but there are keys for: ${Object.keys(purposes).join(", ")}`,
      });
    purposes[name] = { ...purpose, rotateEveryMs };
  }
  return purposes;
}
