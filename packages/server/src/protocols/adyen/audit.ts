import { auditCatalogue } from "../../audit/index.ts";

const encryptedKeyHmac = "digest of `encryptedKey` as it was sent";

/** The audit events of Adyen's operations. */
export const adyenAudit = auditCatalogue({
  "adyen.pins.change": {
    when: "A PIN is changed.",
    facts: { encryptedKeyHmac, pinVersion: "version of the card's new PIN" },
  },
  "adyen.pins.reveal": {
    when: "A PIN is revealed.",
    facts: { encryptedKeyHmac, pinVersion: "version of the revealed PIN" },
  },
  "adyen.paymentInstruments.reveal": { when: "A PAN and its CVC are revealed.", facts: { encryptedKeyHmac } },
});
