import { test } from "node:test";
import { assertPassed, runTests } from "./run-tests.ts";

// `npm test` runs these on PostgreSQL, which starts in a tenth of the time.
const patterns = ["packages/server/test/**/*.test.ts", "tests/every-protocol.test.ts"];

test("the server's tests pass on the embedded store too", async () => {
  assertPassed(await runTests(patterns, { LINCHPIN_TEST_STORE: "embedded" }));
});
