import { auditCatalogue } from "../../audit/index.ts";

const clientPublicKeySha256 = "SHA-256 of the client's public key as it was sent, hex";

/** The audit events of Plumery's operations. */
export const plumeryAudit = auditCatalogue({
  "plumery.cards": { when: "A PAN and its CVV2 are revealed.", facts: { clientPublicKeySha256 } },
  "plumery.cards.pin": {
    when: "A PIN is revealed.",
    facts: { clientPublicKeySha256, pinVersion: "version of the revealed PIN" },
  },
});
