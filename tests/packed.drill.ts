import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import type { Page } from "@linchpin/test-fixtures/browsers/browser";
import { launchPuppeteer } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { setStage } from "@linchpin/test-fixtures/device/stage";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { build } from "vite";

const repository = join(import.meta.dirname, "..");
const packages = ["device", "elements"];
const protocols = ["solaris", "adyen", "venly", "plumery"];

describe("device and elements as they are packed, installed outside the workspace, without a registry", () => {
  const enter = setStage();
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "linchpin-packed-"));
    const chosen = packages.map((name) => `--workspace=@linchpin/${name}`);
    await run(repository, "npm", "pack", ...chosen, `--pack-destination=${folder}`);
    for (const project of ["node-project", "vite-app"]) {
      cpSync(join(import.meta.dirname, "packed", project), join(folder, project), { recursive: true });
      const tarballs = globSync(join(folder, "*.tgz"));
      await run(join(folder, project), "npm", "install", "--offline", "--ignore-scripts", ...tarballs);
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("each is compiled files, licence and README, and brings no other package", () => {
    const installed = join(folder, "node-project/node_modules");
    assert.deepEqual(globSync("{*,@*/*}", { cwd: installed }).sort(), [
      "@linchpin",
      "@linchpin/device",
      "@linchpin/elements",
    ]);
    for (const name of packages) {
      const others = globSync("**/*.*", { cwd: join(installed, "@linchpin", name) })
        .filter((file) => !/^lib\/.*\.(d\.ts|js)$/.test(file))
        .sort();
      assert.deepEqual(others, ["README.md", "package.json"]);
      assert.match(readFileSync(join(installed, "@linchpin", name, "LICENSE"), "utf8"), /Apache License/);
    }
  });

  it("they change and reveal a PIN in a project for Node that is compiled strictly", async () => {
    const { partner, cardholder } = await enter();
    const project = join(folder, "node-project");
    await compile(project);
    const card = JSON.stringify([partner.url, cardholder.sandbox.adyen.paymentInstrumentId]);
    const code = `import "./built/every-entry.js";
      import { changeAndReveal } from "./built/change-pin.js";
      console.log(await changeAndReveal(...${card}));`;
    assert.equal(await run(project, process.execPath, "--input-type=module", "--eval", code), "1928\n");
    assert.equal((await cardholder.verify("1928")).body.result, "match");
  });

  const skip = needsProgram(["chromium", "--version"], "chromium");
  it("they change and reveal a PIN in a Vite app that is compiled strictly", { skip }, async () => {
    const { partner, cardholder } = await enter();
    const project = join(folder, "vite-app");
    await compile(project);
    await build({ root: project, configFile: false, logLevel: "error" });
    const path = `/?card=${cardholder.sandbox.adyen.paymentInstrumentId}`;
    partner.pages = { ...pagesIn(join(project, "dist")), [path]: pageOf(join(project, "dist/index.html")) };
    const browser = await launchPuppeteer("chromium");
    try {
      const page = await browser.open(partner.url + path);
      await page.press("Tab");
      for (const _ of ["choose", "repeat"]) for (const key of [..."1928", "Enter"]) await page.press(key);
      await untilTitle(page, "pin-changed");
      assert.equal((await cardholder.verify("1928")).body.result, "match");
      await page.press("Tab");
      await page.press("Enter");
      await untilTitle(page, "pin-shown");
    } finally {
      await browser.close();
    }
  });

  for (const protocol of protocols)
    it(`an app that imports ${protocol}'s entry bundles no other protocol`, async () => {
      const project = join(folder, "vite-app");
      writeFileSync(join(project, `${protocol}.js`), `export * from "@linchpin/device/${protocol}";`);
      const lib = { entry: `${protocol}.js`, formats: ["es" as const], fileName: protocol };
      await build({ root: project, configFile: false, logLevel: "error", build: { lib, outDir: protocol } });
      const bundle = readFileSync(join(project, protocol, `${protocol}.js`), "utf8");
      for (const name of protocols) assert.equal(new RegExp(`["'\`]/${name}`).test(bundle), name === protocol, name);
    });
});

async function run(cwd: string, program: string, ...programArguments: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, programArguments, { cwd });
  return stdout;
}

function compile(project: string): Promise<string> {
  return run(project, process.execPath, join(repository, "node_modules/typescript/bin/tsc"));
}

function pagesIn(dist: string): Record<string, readonly [string, string]> {
  return Object.fromEntries(
    globSync("assets/*.js", { cwd: dist }).map((file) => [`/${file}`, pageOf(join(dist, file))]),
  );
}

function pageOf(file: string): readonly [contentType: string, body: string] {
  return [file.endsWith(".js") ? "text/javascript" : "text/html", readFileSync(file, "utf8")];
}

async function untilTitle(page: Page, title: string): Promise<void> {
  await page.evaluate(`new Promise((resolve, reject) => {
    const look = () => document.title === "${title}" && resolve();
    new MutationObserver(look).observe(document.querySelector("title"), { childList: true });
    setTimeout(() => reject(new Error(document.title)), 10000);
    look();
  })`);
}
