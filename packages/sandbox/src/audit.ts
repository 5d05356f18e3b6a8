import { auditCatalogue } from "@linchpin/server/issuer";

/** The audit events of the sandbox. */
export const sandboxAudit = auditCatalogue({
  "sandbox.seed": {
    when: "The sandbox adds one of the things that it always has, or makes a fresh card.",
    facts: { protocol: "protocol in which the card gets its identifier", name: "the identifier" },
  },
});
