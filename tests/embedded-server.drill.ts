import { test } from "node:test";
import { assertPassed, runTests } from "./run-tests.ts";

// Other runs have these on PostgreSQL, which starts in a tenth of the time.
const patterns = ["packages/server/test/**/*.test.ts", "tests/every-protocol/every-protocol.drill.ts"];

test("the server's tests pass on the embedded store too", async () => {
  assertPassed(await runTests(patterns, { LINCHPIN_TEST_STORE: "embedded" }));
});
