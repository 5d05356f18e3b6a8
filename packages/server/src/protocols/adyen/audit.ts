import { auditCatalogue } from "../../audit/index.ts";

const encryptedKeySha256 = "SHA-256 of `encryptedKey` as it was sent, hex";

/** The audit events of Adyen's operations. */
export const adyenAudit = auditCatalogue({
  "adyen.pins.change": {
    when: "A PIN is changed.",
    facts: { encryptedKeySha256, pinVersion: "version of the card's new PIN" },
  },
  "adyen.pins.reveal": {
    when: "A PIN is revealed.",
    facts: { encryptedKeySha256, pinVersion: "version of the revealed PIN" },
  },
  "adyen.paymentInstruments.reveal": { when: "A PAN and its CVC are revealed.", facts: { encryptedKeySha256 } },
});
