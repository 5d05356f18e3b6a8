import { defineConfig } from "vitest/config";

/** The suite of `tests/vitest`, on packages that are installed. */
export default defineConfig({
  test: { include: ["*.vitest.ts"], pool: "forks", hookTimeout: 60_000, testTimeout: 60_000 },
});
