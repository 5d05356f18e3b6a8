import { defineConfig } from "vitest/config";

/** A suite on `@linchpin/testing` as a user has it. `tests/vitest/vitest.drill.ts` runs it. */
export default defineConfig({
  cacheDir: "../../node_modules/.cache/vitest",
  test: {
    root: import.meta.dirname,
    include: ["*.vitest.ts"],
    pool: "forks",
    execArgv: ["--conditions=linchpin-source"],
    // The workspace's packages are loaded by Node, as those of node_modules are.
    server: { deps: { external: [/\/packages\//] } },
    hookTimeout: 60_000,
    testTimeout: 60_000,
  },
  ssr: { resolve: { conditions: ["linchpin-source", "module", "node"], externalConditions: ["linchpin-source"] } },
});
