import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cpSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Page } from "@linchpin/test-fixtures/browsers/browser";
import { launchPuppeteer } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { startPostgresCluster } from "@linchpin/test-fixtures/databases/postgres-cluster";
import { Partner } from "@linchpin/test-fixtures/device/partner";
import { freePort } from "@linchpin/test-fixtures/system/free-port";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { build } from "vite";
import { publishedPackages } from "../../scripts/release/published-packages.ts";
import { readSnippets } from "../snippets/read-snippets.ts";
import { commandIn, least, npm, PackedRelease, repository, run, serveInstalled } from "./packed-release.ts";
import { startPartnerSite } from "./partner-site.ts";

// What strangers install: tarballs of a release, outside the workspace. Third parties' packages come from the registry,
// or from npm's cache.
const protocols = ["solaris", "adyen", "venly", "plumery", "stripe", "lithic", "spritz", "worldline", "native"];
const packed = new PackedRelease();

interface Framework {
  /** In tests/packed. */
  readonly name: string;
  /** The file that docs/web.md shows. */
  readonly shown: string;
  /** Third parties' packages, by name and version. */
  readonly others: readonly string[];
  /** Programs in node_modules that check its types and build it. */
  readonly steps: readonly (readonly [program: string, ...given: string[]])[];
  readonly dist: string;
}

const react = ["react@19.3.1", "react-dom@19.3.1", "@types/react@19.3.0", "@types/react-dom@19.3.0"];
const [vite, typescript] = ["vite@8.3.8", `typescript@${least.typescript}`];
const frameworks: readonly Framework[] = [
  {
    name: "react-app",
    shown: "change-your-pin.tsx",
    others: [...react, vite, typescript],
    steps: [["typescript/bin/tsc"], ["vite/bin/vite.js", "build"]],
    dist: "dist",
  },
  {
    name: "vue-app",
    shown: "ChangeYourPin.vue",
    others: ["vue@3.5.45", "@vitejs/plugin-vue@6.0.11", "vue-tsc@3.3.14", vite, typescript],
    steps: [["vue-tsc/bin/vue-tsc.js"], ["vite/bin/vite.js", "build"]],
    dist: "dist",
  },
  {
    name: "svelte-app",
    shown: "ChangeYourPin.svelte",
    others: ["svelte@5.57.3", "@sveltejs/vite-plugin-svelte@7.3.1", vite],
    steps: [["vite/bin/vite.js", "build"]],
    dist: "dist",
  },
  {
    name: "next-app",
    shown: "app/page.tsx",
    others: ["next@16.4.6", ...react, "@types/node@24.19.2", typescript],
    steps: [["next/dist/bin/next", "build"]],
    dist: "out",
  },
];

describe("a release, installed outside the workspace", () => {
  let oldest: Awaited<ReturnType<PackedRelease["installLeastVersions"]>>;
  before(async () => {
    await packed.make();
    oldest = await packed.installLeastVersions();
  });
  after(() => packed.remove());

  it("is made twice to the same bytes, and its checksums say them", async () => {
    const again = join(packed.folder, "again");
    await packed.make(again);
    const files = (folder: string) => globSync("**/*.*", { cwd: folder }).toSorted();
    assert.ok(files(packed.release).includes("sbom.cdx.json"));
    assert.deepEqual(files(again), files(packed.release));
    for (const file of globSync("{SHA256SUMS,**/*.{tgz,json}}", { cwd: again }))
      assert.ok(readFileSync(join(again, file)).equals(readFileSync(join(packed.release, file))), file);
    await run(packed.release, "sha256sum", ["--check", "--strict", "SHA256SUMS"]);
  });

  it("has a package of compiled files, licence and README for each that is not private", async () => {
    assert.equal(packed.tarballs().length, publishedPackages.length);
    for (const { folder, manifest } of publishedPackages) {
      const name = manifest.name.replace("@linchpin/", "");
      const [tarball = ""] = packed.tarballs(name);
      const files = (await run(packed.release, "tar", ["--list", "--file", tarball])).trim().split("\n");
      const isCompiled = (file: string) => /^package\/lib\/(?!built-page\/).*\.(d\.ts|js|js\.map)$/.test(file);
      const isOfStore = (file: string) =>
        /^package\/(migrations\/\w+\.(sql|json)|template\/empty-database-[\w.-]+\.tar\.gz)$/.test(file);
      const others = files.filter((file) => !isCompiled(file) && !isOfStore(file));
      const own = ["LICENSE", "README.md", "package.json", ...(carried[name] ?? [])].map((file) => `package/${file}`);
      assert.deepEqual(others.toSorted(), own.toSorted(), folder);
      assert.equal(name === "store", files.includes("package/migrations/0001_house.sql"));
      assert.equal(
        name === "store",
        files.some((file) => file.endsWith(".tar.gz")),
        "starts on a database that is there",
      );
      const code = files.filter((file) => isCompiled(file) && file.endsWith(".js"));
      assert.ok(code.length > 0 && code.every((file) => files.includes(`${file}.map`)), folder);
    }
  });

  it("says in its bill of materials everything that it brings", () => {
    const { components } = JSON.parse(readFileSync(join(packed.release, "sbom.cdx.json"), "utf8"));
    const names = components.map(({ group, name }: { group?: string; name: string }) =>
      group ? `${group}/${name}` : name,
    );
    for (const { manifest } of publishedPackages)
      for (const name of [
        manifest.name,
        ...Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }),
      ])
        assert.ok(
          names.some((known: string) => known === name || name.endsWith(`/${known}`)),
          name,
        );
    assert.ok(!names.includes("typescript") && !names.includes("test-fixtures"));
  });

  describe("the command, on the least Node that it states", () => {
    let project: string;
    let issuer: Awaited<ReturnType<typeof serveInstalled>>;
    before(async () => {
      project = await packed.install("server-project", packed.tarballs(), ["@types/node@24.19.2"]);
      const settings = { LINCHPIN_MODE: "sandbox", LINCHPIN_DATA: join(packed.folder, "data") };
      issuer = await serveInstalled(oldest.nodeOfTheCommand, project, await freePort(), settings);
    });
    after(() => issuer.stop());

    const enter = async () => {
      const cardholder = await SolarisCardholder.create(issuer.url);
      return { cardholder, partner: await Partner.start(cardholder.sandbox) };
    };

    it("says its version", async () => {
      const { version } = JSON.parse(readFileSync(join(repository, "packages/cli/package.json"), "utf8"));
      assert.equal(await run(project, oldest.nodeOfTheCommand, [commandIn(project), "--version"]), `${version}\n`);
      assert.equal(await run(project, "npx", ["--offline", "linchpin", "--version"]), `${version}\n`);
    });

    it("serves a sandbox with its page, and is a device for it", async () => {
      const page = await fetch(`${issuer.url}/sandbox/page.js`);
      assert.equal(page.status, 200);
      assert.match(await (await fetch(issuer.url)).text(), /<script type="module" src="\/sandbox\/page.js">/);
      const device = ["--url", issuer.url, "--state", join(packed.folder, "device.json")];
      const linchpin = (...given: string[]) => run(project, oldest.nodeOfTheCommand, [commandIn(project), ...given]);
      await linchpin("device", "bind", "--otp-from-sandbox", ...device);
      assert.match(await linchpin("tour", "--url", issuer.url), /PIN/);
    });

    it("device and elements change and reveal a PIN in a project for Node, and bring no other package", async () => {
      const project = await packed.install("node-project", packed.tarballs("device", "elements"));
      const installed = globSync("node_modules/{*,@*/*}", { cwd: project }).map((path) =>
        path.replace("node_modules/", ""),
      );
      assert.deepEqual(installed.sort(), ["@linchpin", "@linchpin/device", "@linchpin/elements"]);
      const { partner, cardholder } = await enter();
      await compileByAll(project);
      const card = JSON.stringify([partner.url, cardholder.sandbox.adyen.paymentInstrumentId]);
      const code = `import "./built/every-entry.js";
        import { changeAndReveal } from "./built/change-pin.js";
        console.log(await changeAndReveal(...${card}));`;
      const evaluate = (program: string) => run(project, oldest.node, ["--input-type=module", "--eval", program]);
      assert.equal(await evaluate(code), "1928\n");
      assert.equal((await cardholder.verify("1928")).body.result, "match");
      await assert.rejects(evaluate('import "@linchpin/device"'), /import "@linchpin\/device\/solaris", "/);
      partner.stop();
    });

    it("ten tests of a vitest suite on @linchpin/testing pass, in two workers", async (test) => {
      const suite = await packed.install("vitest-suite", packed.tarballs(), ["vitest@5.1.2"]);
      for (const file of globSync("tests/vitest/*.vitest.ts", { cwd: repository }))
        cpSync(join(repository, file), join(suite, basename(file)));
      const startedAt = performance.now();
      const options = ["run", "--reporter=json", "--outputFile=result.json"];
      await run(suite, oldest.nodeOfTheCommand, [join(suite, "node_modules/vitest/vitest.mjs"), ...options]);
      const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(join(suite, "result.json"), "utf8"));
      assert.deepEqual([numPassedTests, numTotalTests], [10, 10]);
      test.diagnostic(`ten tests in vitest took ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    });

    it("every entry for Node compiles and loads", async () => {
      await compileByAll(project);
      await run(project, oldest.node, ["built/every-entry.js"]);
    });

    const skip = needsProgram(["chromium", "--version"], "chromium");
    it("a Vite app changes and reveals a PIN", { skip }, async () => {
      const app = await packed.install("vite-app", packed.tarballs("device", "elements"));
      await compileByAll(app);
      await build({ root: app, configFile: false, logLevel: "error" });
      await visitPage(join(app, "dist"), async (page) => {
        await page.press("Tab");
        await page.press("Enter");
        await untilTitle(page, "pin-shown");
      });
    });

    for (const { name, shown, others, steps, dist } of frameworks)
      it(`${name}: an app as docs/web.md has it changes a PIN`, { skip }, async () => {
        const component = readFileSync(join(import.meta.dirname, name, shown), "utf8");
        assert.ok(readFileSync(join(repository, "docs/web.md"), "utf8").includes(`\n${component}\`\`\`\n`));
        const app = await packed.install(name, packed.tarballs("device", "elements"), others);
        for (const [program, ...given] of steps)
          await run(app, process.execPath, [join(app, "node_modules", program), ...given], {
            NEXT_TELEMETRY_DISABLED: "1",
          });
        await visitPage(join(app, dist));
      });

    it("every page of docs/web.md is built by Vite as it stands", async () => {
      const app = join(packed.folder, "vite-app");
      const snippets = readSnippets(readFileSync(join(repository, "docs/web.md"), "utf8"));
      const pages = snippets.filter(({ kind }) => kind.startsWith("html "));
      assert.ok(pages.length >= 7);
      const pins = await (await fetch(`${issuer.url}/sandbox/pins`)).json(); // as `linchpin root show --pins` prints them
      assert.deepEqual(Object.keys(pins).toSorted(), ["issuer", "roots"]);
      writeFileSync(join(app, "roots.json"), JSON.stringify(pins));
      const { spritz } = await (await fetch(`${issuer.url}/sandbox`)).json();
      writeFileSync(join(app, "spritz-key.json"), JSON.stringify({ publicKey: spritz.publicKey }));
      for (const { code, line } of pages) {
        writeFileSync(join(app, "index.html"), code);
        await build({ root: app, configFile: false, logLevel: "error", build: { outDir: `page-${line}` } });
        assert.equal(globSync(`page-${line}/assets/*.js`, { cwd: app }).length, 1, `line ${line}`);
      }
    });

    for (const protocol of protocols)
      it(`an app that imports ${protocol}'s entry bundles no other protocol`, async () => {
        const app = join(packed.folder, "vite-app");
        writeFileSync(join(app, `${protocol}.js`), `export * from "@linchpin/device/${protocol}";`);
        const lib = { entry: `${protocol}.js`, formats: ["es" as const], fileName: protocol };
        await build({ root: app, configFile: false, logLevel: "error", build: { lib, outDir: protocol } });
        const bundle = readFileSync(join(app, protocol, `${protocol}.js`), "utf8");
        for (const name of protocols) assert.equal(new RegExp(`["'\`]/${name}`).test(bundle), name === protocol, name);
      });

    /** A cardholder changes a PIN on the built page. */
    async function visitPage(dist: string, afterwards = async (_page: Page) => {}): Promise<void> {
      const cardholder = await SolarisCardholder.create(issuer.url);
      const site = await startPartnerSite(dist, cardholder);
      const browser = await launchPuppeteer("chromium");
      try {
        const page = await browser.open(site.url);
        await page.evaluate(titleFollowsEvents);
        for (const key of ["Tab", ..."1928", "Enter", ..."1928", "Enter"]) await page.press(key);
        await untilTitle(page, "pin-changed");
        assert.equal((await cardholder.verify("1928")).body.result, "match");
        await afterwards(page);
      } finally {
        await browser.close();
        site.stop();
      }
    }

    /** By this repository's TypeScript, and by the oldest. */
    async function compileByAll(folder: string): Promise<void> {
      const ours = join(repository, "node_modules/typescript/bin/tsc");
      for (const compiler of [ours, oldest.tsc]) await run(folder, process.execPath, [compiler, "--pretty", "false"]);
    }
  });

  it("the container's context installs what a production issuer on PostgreSQL needs, and no more", async () => {
    const context = join(packed.release, "container");
    await npm(context, "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund");
    const installed = globSync("node_modules/{*,@*/*}", { cwd: context });
    for (const name of ["esbuild", "preact", "typescript", "@linchpin/testing"])
      assert.ok(!installed.includes(`node_modules/${name}`), name);
    const cluster = await startPostgresCluster();
    try {
      const masterKey = join(packed.folder, "master.key");
      writeFileSync(masterKey, randomBytes(32).toString("base64"), { mode: 0o600 });
      const settings = {
        LINCHPIN_MODE: "production",
        LINCHPIN_DATABASE_URL: await cluster.createDatabase(),
        LINCHPIN_MASTER_KEY_FILE: masterKey,
        LINCHPIN_MESSAGES_URL: "http://127.0.0.1:9/messages",
        LINCHPIN_OUTBOX_SECRET: randomBytes(32).toString("hex"),
      };
      const linchpin = (...given: string[]) =>
        run(context, oldest.nodeOfTheCommand, [commandIn(context), ...given], settings);
      assert.match(await linchpin("migrate"), /applied/);
      const { apiKey } = JSON.parse(await linchpin("operator", "make", "alice", "--json"));
      const issuer = await serveInstalled(oldest.nodeOfTheCommand, context, await freePort(), settings);
      const answer = await fetch(`${issuer.url}/issuer/v1/keys`, { headers: { authorization: `Bearer ${apiKey}` } });
      assert.equal(answer.status, 200);
      assert.equal((await fetch(`${issuer.url}/sandbox`)).status, 404);
      assert.equal(await issuer.stop(), 0);
    } finally {
      await cluster.stop();
    }
  });
});

/** What a package has besides compiled files, licence, README and package.json. */
const carried: Readonly<Record<string, readonly string[]>> = {
  linchpin: ["bin/linchpin.mjs"],
  sandbox: [
    ...["LICENSE-preact", "LICENSE-swagger-ui", "docs.css", "docs.html", "docs.js"],
    ...["icon.svg", "page.css", "page.html", "page.js"],
  ].map((file) => `lib/built-page/${file}`),
};

/** Once the element is there; its events bubble. */
const titleFollowsEvents = `new Promise((resolve) => {
  for (const type of ["pin-changed", "pin-change-failed", "pin-shown", "pin-reveal-failed"])
    document.addEventListener(type, () => { document.title = type; });
  const look = () => (document.querySelector("linchpin-pin-change")?.change ? resolve(true) : setTimeout(look, 20));
  look();
})`;

async function untilTitle(page: Page, title: string): Promise<void> {
  await page.evaluate(`new Promise((resolve, reject) => {
    const look = () => document.title === "${title}" && resolve();
    new MutationObserver(look).observe(document.querySelector("title"), { childList: true });
    setTimeout(() => reject(new Error(document.title)), 10000);
    look();
  })`);
}
