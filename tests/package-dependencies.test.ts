import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { parseSync } from "oxc-parser";
import { publishedPackages } from "../scripts/release/published-packages.ts";

const repository = join(import.meta.dirname, "..");
const ofTests = ["@linchpin/testing", "@linchpin/test-fixtures"];

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const manifests: readonly Manifest[] = ["packages/*/package.json", "examples/*/package.json"]
  .flatMap((pattern) => globSync(pattern, { cwd: repository }))
  .map((path) => JSON.parse(readFileSync(join(repository, path), "utf8")));

/** What is installed beside the package; development dependencies are not. */
function dependenciesOf({ dependencies, optionalDependencies, peerDependencies }: Manifest): string[] {
  return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
}

/** The package, and what it depends on, by whatever steps through packages of this repository. */
function everythingBelow(name: string): Set<string> {
  const found = new Set<string>();
  const visit = (next: string) => {
    if (found.has(next)) return;
    found.add(next);
    const manifest = manifests.find((candidate) => candidate.name === next);
    if (manifest !== undefined) dependenciesOf(manifest).forEach(visit);
  };
  visit(name);
  return found;
}

describe("what only tests use", () => {
  const packages = manifests.filter(({ name }) => !ofTests.includes(name));

  it("is depended on by no package, save for its development", () => {
    assert.ok(packages.length >= 11);
    for (const manifest of packages)
      for (const name of ofTests) assert.ok(!dependenciesOf(manifest).includes(name), `${manifest.name} → ${name}`);
  });

  it("is published as far as others can use it", () => {
    assert.equal(manifests.find(({ name }) => name === "@linchpin/testing")?.private, undefined);
    assert.equal(manifests.find(({ name }) => name === "@linchpin/test-fixtures")?.private, true);
    assert.ok(!everythingBelow("@linchpin/testing").has("@linchpin/test-fixtures"));
  });

  it("lies in no other package's test folder", () => {
    const files = globSync("{packages,tests,scripts,bench,faults,fuzz,examples}/**/*.{ts,tsx}", { cwd: repository });
    const own = files.filter((file) => !/(^|\/)(node_modules|dist|lib)\/|\.d\.ts$/.test(file));
    assert.ok(own.length > 500);
    assert.deepEqual(own.flatMap(importsOfForeignTests), []);
  });
});

/** Imports of a file in the `test/` of a package that is not the importer's, as `file → target`. */
function importsOfForeignTests(file: string): string[] {
  const { module } = parseSync(file, readFileSync(join(repository, file), "utf8"));
  const exported = module.staticExports.flatMap(({ entries }) => entries.map((entry) => entry.moduleRequest?.value));
  const imported = module.staticImports.map(({ moduleRequest }) => moduleRequest.value);
  return [...imported, ...exported].flatMap((specifier) => {
    if (specifier === undefined || !specifier.startsWith(".")) return [];
    const target = join(dirname(file), specifier);
    const owner = /^packages\/[^/]+\/(?=test\/)/.exec(target)?.[0];
    return owner === undefined || file.startsWith(owner) ? [] : [`${file} → ${target}`];
  });
}

describe("what is published", () => {
  it("has one version, and depends on the rest of it in this version, on others' packages in exact ones", () => {
    const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
    assert.equal(publishedPackages.length, 10);
    for (const { manifest } of publishedPackages) {
      assert.equal(manifest.version, version, manifest.name);
      for (const [name, wanted] of Object.entries({ ...manifest.dependencies, ...manifest.optionalDependencies }))
        if (name.includes("linchpin")) assert.equal(wanted, version, name);
        else assert.match(wanted, /^\d+\.\d+\.\d+$/, name);
    }
  });

  it("is described in CHANGELOG", () => {
    const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
    assert.ok(readFileSync(join(repository, "CHANGELOG.md"), "utf8").includes(`\n## [${version}] - `));
  });
});

describe("the production server", () => {
  const ofTheSandbox = ["@linchpin/sandbox", "@linchpin/page", "@linchpin/example-relay", "esbuild"];

  it("depends on no bundler, page or example", () => {
    const below = everythingBelow("@linchpin/server");
    assert.ok(below.has("@linchpin/store") && below.has("fastify"));
    for (const name of ofTheSandbox) assert.ok(!below.has(name), name);
    assert.ok(everythingBelow("linchpin").has("@linchpin/sandbox"));
  });

  it("shares that with the sandbox as it is published, which brings the page and the relay in its own files", () => {
    const { devDependencies = {} } = manifests.find(({ name }) => name === "@linchpin/sandbox") ?? {};
    const broughtAlong = ofTheSandbox.filter((name) => name !== "@linchpin/sandbox");
    for (const name of broughtAlong) assert.ok(name in devDependencies, name);
    for (const name of broughtAlong) assert.ok(!everythingBelow("linchpin").has(name), name);
  });

  it("loads no file of the sandbox, nor does the command before it knows the mode", () => {
    const loaded = filesLoadedBy('await import("@linchpin/server"); await import("linchpin/run-command");');
    assert.ok(loaded.some((url) => url.endsWith("/packages/server/src/serve.ts")));
    assert.ok(loaded.some((url) => url.endsWith("/packages/cli/src/run-command.ts")));
    const ofSandbox = (url: string) =>
      /\/(packages\/(sandbox|page|testing|test-fixtures)|examples|esbuild)\//.test(url);
    assert.deepEqual(loaded.filter(ofSandbox), []);
    assert.ok(filesLoadedBy('await import("@linchpin/sandbox");').some(ofSandbox));
  });
});

function filesLoadedBy(program: string): string[] {
  const recording = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    ${program}
    process.stdout.write(JSON.stringify(loaded));
    process.exit();`;
  const options = ["--conditions=linchpin-source", "--input-type=module", "--eval", recording];
  const { stdout, stderr } = spawnSync(process.execPath, options, { cwd: repository, encoding: "utf8" });
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout);
}
