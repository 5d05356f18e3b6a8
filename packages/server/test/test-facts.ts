import { auditCatalogue, auditFacts, systemCaller } from "../src/audit/index.ts";

const catalogue = auditCatalogue({
  test: { when: "A test writes to the store.", facts: { pinVersion: "its version" } },
});

/** The audit event of what a test writes to the store by itself. */
export const testFacts = auditFacts(catalogue.test, systemCaller, {});
