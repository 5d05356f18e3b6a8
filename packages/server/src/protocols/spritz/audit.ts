import { auditCatalogue } from "../../audit/index.ts";

const form = "`spritz` or `rain`, whose routes were used";
const encryptedKeyHmac = "digest of `encryptedKey` or `SessionId` as it was sent";

/** The audit events of Spritz' and of Rain's operations. */
export const spritzAudit = auditCatalogue({
  "spritz.pin.set": {
    when: "A PIN is changed.",
    facts: { form, encryptedKeyHmac, pinVersion: "version of the card's new PIN" },
  },
  "spritz.pin.get": {
    when: "A PIN is revealed.",
    facts: { form, encryptedKeyHmac, pinVersion: "version of the revealed PIN" },
  },
});
