import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";

const repository = join(import.meta.dirname, "../..");

/** The files of this repository that a process has loaded once it has imported these modules. */
function filesLoadedWith(...modules: string[]): string[] {
  const program = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    for (const module of ${JSON.stringify(modules)}) await import(module);
    console.log(JSON.stringify(loaded));
    process.exit();`;
  const args = ["--conditions=linchpin-source", "--input-type=module", "--eval", program];
  const output = execFileSync(process.execPath, args, { cwd: repository, encoding: "utf8" });
  const urls: string[] = JSON.parse(output);
  return urls.filter((url) => url.startsWith("file:") && !url.includes("/node_modules/"));
}

const ofSandbox = (file: string) =>
  /packages\/(sandbox|testing|page)\/|store\/src\/empty-store|explain-unwrap/.test(file);

describe("production", () => {
  it("loads nothing of the sandbox: nothing that advances a clock, makes faults, empties a store or sets a PIN", () => {
    const files = filesLoadedWith("@linchpin/server", "@linchpin/server/workers", "linchpin/run-command");
    assert.ok(files.some((file) => file.endsWith("packages/server/src/serve.ts")));
    assert.deepEqual(files.filter(ofSandbox), []);
    // What is looked for is found where it is.
    assert.ok(filesLoadedWith("@linchpin/sandbox").filter(ofSandbox).length > 10);
  });
});
