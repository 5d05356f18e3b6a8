import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { type Issuer, startIssuer } from "@linchpin/testing";
import { npm } from "./packed-release.ts";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../..");
/** The generator works on TypeScript's JavaScript API, which version 7 has not. */
const generator = ["@hey-api/openapi-ts@0.99.0", "typescript@5.9.3"];

describe("a client that is generated from /openapi.json, in a project that installs the generator", () => {
  /** Below the repository, so that its packages are found. */
  let folder: string;
  let issuer: Issuer;
  before(async () => {
    issuer = await startIssuer();
    folder = mkdtempSync(join(import.meta.dirname, "generated-client-"));
    cpSync(join(import.meta.dirname, "generated-client"), folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    await npm(folder, "install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", ...generator);
    const output = { path: "client", importFileExtension: ".ts", module: { extension: ".ts" } };
    const options = { input: `${issuer.url}/openapi.json`, output };
    writeFileSync(join(folder, "openapi-ts.config.mjs"), `export default ${JSON.stringify(options)};`);
    await run(process.execPath, [join(folder, "node_modules/@hey-api/openapi-ts/bin/run.js")], { cwd: folder });
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await issuer.stop();
  });

  it("has a function for each operation, by its name", async () => {
    const { paths } = await (await fetch(`${issuer.url}/openapi.json`)).json();
    const functions = readFileSync(join(folder, "client/sdk.gen.ts"), "utf8");
    for (const item of Object.values<Record<string, { operationId: string }>>(paths))
      for (const { operationId } of Object.values(item))
        assert.ok(functions.includes(`export const ${operationId} = `), operationId);
  });

  it("has types by which a backend compiles", async () => {
    const tsc = join(repository, "node_modules/typescript/bin/tsc");
    await run(process.execPath, [tsc, "--pretty", "false", "--project", folder]).catch(({ stdout }) =>
      assert.fail(stdout),
    );
  });

  it("changes a PIN by each protocol, or reveals it where that is all there is", async () => {
    const { stdout } = await run(process.execPath, ["--conditions=linchpin-source", join(folder, "change-pins.ts")], {
      env: { ...process.env, LINCHPIN_URL: issuer.url },
    });
    const all = ["Solaris", "Adyen", "Plumery", "Stripe", "Lithic", "Spritz", "Rain", "Worldline", "Native", "Venly"];
    assert.equal(stdout, all.map((name) => `by${name}\n`).join(""));
  });
});
