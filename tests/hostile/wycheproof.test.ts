import assert from "node:assert/strict";
import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { withoutWycheproof } from "@linchpin/test-fixtures/vectors/wycheproof";

const packages = join(import.meta.dirname, "../../packages");

/** Of algorithms that are nowhere here: each with the reason. */
const notRun: Readonly<Record<string, string>> = {};

describe("C2SP/wycheproof", () => {
  it("every file of the folder is run by a test, or named here with the reason why not", {
    skip: withoutWycheproof,
  }, () => {
    const tests = globSync("*/test/**/*.ts", { cwd: packages }).map((file) =>
      readFileSync(join(packages, file), "utf8"),
    );
    const files = readdirSync(process.env["WYCHEPROOF_DIR"] ?? "").filter((name) => name.endsWith(".json"));
    const isRun = (file: string) => tests.some((source) => source.includes(`"${file}"`));
    assert.deepEqual(
      files.filter((file) => !isRun(file) && notRun[file] === undefined),
      [],
      "neither run nor accounted for",
    );
    assert.deepEqual(Object.keys(notRun).filter(isRun), [], "run, and named as not run");
    assert.ok(files.length > 0, "WYCHEPROOF_DIR holds no files");
  });
});
