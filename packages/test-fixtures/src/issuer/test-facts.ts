import { type AuditFacts, auditCatalogue, auditFacts, systemCaller } from "@linchpin/server/issuer";

const catalogue = auditCatalogue({
  test: { when: "A test writes to the store.", facts: { pinVersion: "its version" } },
});

/** The audit event of what a test writes to the store by itself. */
export const testFacts: AuditFacts<"pinVersion"> = auditFacts(catalogue.test, systemCaller, {});
