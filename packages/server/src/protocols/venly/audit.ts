import { auditCatalogue } from "../../audit/index.ts";

/** Facts of an event that a signing method authorizes. */
const signed = {
  userId: "id of the user",
  authorizedBy: "id of the signing method that authorizes it",
  idempotencyKey: "idempotency key of the request; null where it has none",
  deviceNamed: "false where a BIOMETRIC came by the plain header, which has no place for its device",
  locked: "true where this wrong attempt locked the signing method",
};
const methodId = "id of the signing method";

/** The audit events of Venly's operations. */
export const venlyAudit = auditCatalogue({
  "venly.users.make": {
    when: "A user is added, and a first signing method where one was sent.",
    facts: { userId: signed.userId, methodId },
  },
  "venly.users.update": { when: "A user gets another reference.", facts: { userId: signed.userId } },
  "venly.users.delete": { when: "A user is deleted with all signing methods.", facts: signed },
  "venly.signing_methods.delete": { when: "A signing method is deleted.", facts: { ...signed, methodId } },
  "venly.signing_methods.make": {
    when: "A user gets a signing method.",
    facts: { ...signed, methodId, methodType: "type of the signing method" },
  },
  "venly.signing_methods.update": { when: "A signing method gets another value.", facts: { ...signed, methodId } },
  "venly.protected_request": {
    when: "A signing method authorizes a request to the upstream: its outcome is that of the attempt. A second event, refused, says that the upstream failed.",
    facts: {
      method: "HTTP method of the request",
      path: "its path, without the query",
      bodySha256: "SHA-256 of its body, hex",
      ...signed,
      sub: "id of the user, where the upstream failed",
      methodId: "id of the signing method, where the upstream failed",
      methodType: "type of the signing method, where the upstream failed",
    },
  },
});

/** Names of the facts that `runSigningOperation` adds. */
export type SigningFact = keyof typeof signed;
