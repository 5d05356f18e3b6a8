import { auditCatalogue } from "../../audit/index.ts";

const clientPublicKeyHmac = "digest of the client's public key as it was sent";

/** The audit events of Plumery's operations. */
export const plumeryAudit = auditCatalogue({
  "plumery.cards": { when: "A PAN and its CVV2 are revealed.", facts: { clientPublicKeyHmac } },
  "plumery.cards.pin": {
    when: "A PIN is revealed.",
    facts: { clientPublicKeyHmac, pinVersion: "version of the revealed PIN" },
  },
});
