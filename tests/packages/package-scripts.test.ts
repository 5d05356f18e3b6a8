import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

const repository = join(import.meta.dirname, "../..");

function scriptsOf(manifest: string): [string, string][] {
  return Object.entries(JSON.parse(readFileSync(join(repository, manifest), "utf8")).scripts ?? {});
}

describe("the npm scripts", () => {
  it("are words that cmd.exe and a POSIX shell read alike", () => {
    const manifests = ["package.json", ...globSync("{packages,examples}/*/package.json", { cwd: repository })];
    const scripts = manifests.flatMap((manifest) => scriptsOf(manifest).map((script) => [manifest, ...script]));
    assert.ok(scripts.length > 20);
    // Neither a variable set in front of a command, nor expansion, quotes of one shell, globs, or a builtin of one.
    const isOfOneShell = (script: string) =>
      /[$%'`;*?^\\]|(^|&& )(\w+=|exec |export |set |rm |cp |mv |mkdir |\.\/)|[^&]&([^&]|$)/.test(script);
    assert.deepEqual(
      scripts.filter(([, , script]) => isOfOneShell(script ?? "")),
      [],
    );
  });
});
