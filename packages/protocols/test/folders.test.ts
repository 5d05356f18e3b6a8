import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");
/** What several protocols are made of; it imports none of them. */
const shared = ["sealed-pin", "issuer-keys"];

test("a protocol's folder imports itself, what is shared and packages, and no other protocol", () => {
  const files = globSync("*/*.ts", { cwd: root, exclude: ["test/**", "dist/**"] });
  assert.ok(files.length > 12, "hardly a file was found");
  for (const file of files)
    for (const [, specifier = ""] of readFileSync(join(root, file), "utf8").matchAll(/\bfrom "([^"]+)"/g)) {
      const folder = specifier.startsWith(".") ? dirname(join(dirname(file), specifier)) : null;
      const ofProtocol = /^@linchpin\/protocols\/([^/]+)/.exec(specifier)?.[1] ?? folder;
      assert.ok([null, ...shared, dirname(file)].includes(ofProtocol), `${file} imports ${specifier}`);
    }
});
