import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { buildSync } from "esbuild";

const entry = join(import.meta.dirname, "../src/index.ts");

describe("the bundle", () => {
  it("weighs 12 kB at most, minified and by brotli, core's part of it included", () => {
    const { outputFiles } = buildSync({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      target: "es2022",
      conditions: ["linchpin-source"],
    });
    const weight = brotliCompressSync(outputFiles[0]?.contents ?? assert.fail()).length;
    assert.ok(weight <= 12_000, `${weight} B`);
  });

  it("can be imported where there is no document: a server that renders pages does", async () => {
    const { PinChangeElement, registerMessages } = await import("../src/index.ts");
    assert.equal(typeof PinChangeElement, "function");
    assert.doesNotThrow(() => registerMessages("nl", { next: "Verder" }));
  });
});
