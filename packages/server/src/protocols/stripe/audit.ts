import { auditCatalogue } from "../../audit/index.ts";

const encryptedNumberHmac = "digest of the sealed PIN as it was sent";
const status = "the status that was asked for";
const cancellationReason = "`lost` or `stolen`";

/** The audit events of Stripe's operations. */
export const stripeAudit = auditCatalogue({
  "stripe.cards.create": {
    when: "A partner creates a card with a first PIN: the one that is sent, or one of the issuer's. A refusal names a card that was not made.",
    facts: {
      personId: "id of the person",
      programId: "id of the card's program",
      encryptedNumberHmac,
      pinVersion: "1",
      names: "the card's identifiers by the names of protocols",
    },
  },
  "stripe.cards.create_cardholder": {
    when: "A person is added for a card that is created without a cardholder.",
    facts: { personId: "id of the person" },
  },
  "stripe.cards.pin": {
    when: "A PIN is changed, with the card's status and metadata where they are sent.",
    facts: { encryptedNumberHmac, status, cancellationReason, pinVersion: "version of the card's new PIN" },
  },
  "stripe.cards.update": {
    when: "A card's status or metadata is changed without a PIN: it is stopped, activated, which unblocks its PIN, or canceled.",
    facts: { status, cancellationReason },
  },
});
