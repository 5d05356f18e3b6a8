import { auditCatalogue } from "../../audit/index.ts";

const facts = {
  sessionHash: "SHA-256 of the session's signing input, base64url: the `h` of its answer",
  messageHash: "SHA-256 of the message, base64url: the `r` of its answer",
  signature: "the device's signature over both, base64url; absent where a code authorizes",
  device: "thumbprint of the device's key",
  personId: "id of the person",
  pinVersion: "version of the PIN that is set, compared or revealed",
  result: "of a comparison: `match`, `mismatch` or `blocked`",
} as const;

/** The audit events of the native protocol. */
export const nativeAudit = auditCatalogue({
  "native.sessions": {
    when: "A session is made and its code is sent, or a session is refused. One without a code leaves no event.",
    facts: { op: "the operation", device: facts.device },
  },
  "native.bind": { when: "A device's key is bound to a person.", facts },
  "native.pin_change": { when: "A PIN is set or changed.", facts },
  "native.pin_change_by_code": { when: "A PIN is set or changed, by a code alone.", facts },
  "native.pin_verify": { when: "A PIN is compared.", facts },
  "native.pin_reveal": { when: "A PIN is revealed.", facts },
  "native.card_reveal": { when: "A PAN, its CVV2 and its expiry are revealed.", facts },
});

/** The facts of an event about a message. */
export type MessageFact = keyof typeof facts;
