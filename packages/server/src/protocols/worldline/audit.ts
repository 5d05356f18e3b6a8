import { auditCatalogue } from "../../audit/index.ts";

const event = "the request's `event`";
const encryptedKeyHmac = "digest of `encryptedData` as it was sent";

/** The audit events of Worldline's operations. */
export const worldlineAudit = auditCatalogue({
  "worldline.pin.set": {
    when: "A PIN is set.",
    facts: { event, encryptedKeyHmac, pinVersion: "version of the card's new PIN" },
  },
  "worldline.pin.display": {
    when: "A PIN is displayed.",
    facts: { event, encryptedKeyHmac, pinVersion: "version of the displayed PIN" },
  },
  "worldline.pin.reset_try_counter": {
    when: "The wrong tries of a PIN are forgotten, and a blocked PIN is unblocked.",
    facts: { pinVersion: "version of the card's PIN" },
  },
});
