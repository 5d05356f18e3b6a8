import { auditCatalogue } from "../../audit/index.ts";

const pinHmac = "digest of the sealed PIN as it was sent";
const state = "the state that was asked for";
const pinStatus = "the PIN status that was asked for: `OK`";

/** The audit events of Lithic's operations. */
export const lithicAudit = auditCatalogue({
  "lithic.cards.create": {
    when: "A partner creates a card, with a PIN or without. A refusal names a card that was not made.",
    facts: {
      personId: "id of the person",
      programId: "id of the card's program",
      pinHmac,
      pinVersion: "1 where a PIN was set, else 0",
      names: "the card's identifiers by the names of protocols",
    },
  },
  "lithic.cards.create_account": {
    when: "A person is added for a card that is created without an account.",
    facts: { personId: "id of the person" },
  },
  "lithic.cards.pin": {
    when: "A PIN is changed, with what else of the card is sent beside it.",
    facts: { pinHmac, state, pinStatus, pinVersion: "version of the card's new PIN" },
  },
  "lithic.cards.update": {
    when: "A card is changed without a new PIN: paused, opened or closed, its PIN unblocked, its memo or limit set.",
    facts: { state, pinStatus },
  },
});
