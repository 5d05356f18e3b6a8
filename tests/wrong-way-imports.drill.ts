import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { after, describe, it } from "node:test";

/** Every package, with the packages it may import. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  protocols: ["core"],
  vault: ["core"],
  store: ["core", "vault"],
  device: ["core", "protocols"],
  elements: ["core"],
  page: ["core", "protocols", "device", "elements"],
  server: ["core", "protocols", "vault", "store"],
  sandbox: ["core", "protocols", "vault", "store", "server", "page"],
  cli: ["core", "protocols", "vault", "store", "server", "sandbox", "page"],
  testing: ["core", "protocols", "vault", "store", "server", "sandbox", "page"],
  "test-fixtures": ["core", "protocols", "vault", "store", "device", "page", "server", "sandbox", "testing", "cli"],
};
const packages = Object.keys(mayImport);
const browserPackages = ["core", "protocols", "device", "elements", "page"];

const repository = join(import.meta.dirname, "..");

const byName = (_room: string, { specifier }: Entry) =>
  `import { stub } from "${specifier}";\nexport const number: number = stub;`;
const wrongWays: Readonly<Record<string, (name: string, entry: Entry) => string>> = {
  "by name": byName,
  "by name, types alone": (_room, { specifier }) =>
    `import type { stub } from "${specifier}";\nexport type Stub = typeof stub;`,
  "by path": (name, { source }) =>
    `import { stub } from "${pathTo(name, source)}";\nexport const number: number = stub;`,
};
const entries = packages.flatMap(entriesOf);
const ofNode = ['import "node:fs";', "export const cwd = process.cwd();", "export const bytes = Buffer.alloc(1);"];

// What refuses a wrong-way import by name is the entry's line in `paths` of tsconfig.base.json: a new entry needs one.
describe("a package compiles with imports of what stands below it, and with no other", () => {
  const context = buildEmptyIssuer();
  after(() => rmSync(context, { recursive: true }));

  it("every package is looked at", () => {
    assert.deepEqual(readdirSync(join(repository, "packages")).sort(), packages.toSorted());
  });

  it("right ones compile", () => {
    const right = packages.map((name) => ({
      name,
      statements: entries.filter((entry) => allowed(name, entry)).map((entry) => byName(name, entry)),
    }));
    assert.deepEqual(
      refused(context, right),
      right.map(({ name }) => ({ name, statements: [] })),
    );
  });

  for (const [way, write] of Object.entries(wrongWays))
    it(`wrong ones ${way} are refused, each`, () => {
      const wrong = packages.map((name) => ({
        name,
        statements: entries
          .filter((entry) => isForeign(name, entry) && !allowed(name, entry))
          .map((entry) => write(name, entry)),
      }));
      assert.ok(wrong.some(({ statements }) => statements.length > 10));
      assert.deepEqual(refused(context, wrong), wrong);
    });

  it("nothing of Node's is there in a package for browsers", () => {
    const wrong = browserPackages.map((name) => ({ name, statements: ofNode }));
    assert.deepEqual(refused(context, wrong), wrong);
  });
});

/** A way into a package: what its package exports, and the file behind it. */
type Entry = { name: string; specifier: string; source: string };

function entriesOf(name: string): Entry[] {
  const folder = join("packages", name);
  const { name: specifier, exports } = JSON.parse(readFileSync(join(repository, folder, "package.json"), "utf8"));
  const named = Object.entries<{ "linchpin-source": string }>(exports).flatMap(([entry, target]) => {
    const pattern = join(folder, target["linchpin-source"]);
    const [before = "", behind = ""] = pattern.split("*");
    const sources = pattern.includes("*") ? globSync(pattern.replace("*", "**/*"), { cwd: repository }) : [pattern];
    return sources.map((source) => {
      const exported = entry.replace("*", source.slice(before.length, source.length - behind.length));
      return { name, specifier: join(specifier, exported), source };
    });
  });
  return named.length > 0 ? named : [{ name, specifier, source: join(folder, "src/main.ts") }];
}

function allowed(name: string, entry: Entry): boolean {
  return Boolean(mayImport[name]?.includes(entry.name)) && !(browserPackages.includes(name) && isForNode(entry));
}

/** core's entry for Node stands apart from core, which runs in browsers. */
function isForNode({ specifier }: Entry): boolean {
  return specifier === "@linchpin/core/node";
}

function isForeign(name: string, entry: Entry): boolean {
  return entry.name !== name || isForNode(entry);
}

/** What others import of the page is a project of its own within it. */
function sourceFolder(name: string): string {
  const folder = dirname(String(entriesOf(name)[0]?.source));
  return existsSync(join(repository, folder, "tsconfig.json")) ? dirname(folder) : folder;
}

function pathTo(name: string, source: string): string {
  const path = relative(sourceFolder(name), source);
  return path.startsWith(".") ? path : `./${path}`;
}

/** Statements, each to stand in a file of its own in the package. */
interface Probes {
  readonly name: string;
  readonly statements: readonly string[];
}

/** The statements that the compiler refuses, of all packages in one build, which does not end at the first error. */
function refused(context: string, probes: readonly Probes[]): Probes[] {
  const files = probes.flatMap(({ name, statements }) =>
    statements.map((statement, index) => ({
      name,
      statement,
      file: join(sourceFolder(name), `probe-${index}.ts`),
    })),
  );
  for (const { statement, file } of files) writeFileSync(join(context, file), statement);
  const { status, stdout } = compile(context);
  for (const { file } of files) rmSync(join(context, file));
  const errorFiles = [...stdout.matchAll(/^(\S+)\(\d+,\d+\): error/gm)].map(([, file]) => file);
  assert.equal(status === 0, errorFiles.length === 0, stdout);
  const known = new Set(files.map(({ file }) => file));
  assert.deepEqual(
    errorFiles.filter((file) => !known.has(String(file))),
    [],
    stdout,
  );
  return probes.map(({ name }) => ({
    name,
    statements: files
      .filter((probe) => probe.name === name && errorFiles.includes(probe.file))
      .map(({ statement }) => statement),
  }));
}

function compile(context: string): { status: number | null; stdout: string } {
  const compiler = join(repository, "node_modules/typescript/bin/tsc");
  const options = ["--build", "--pretty", "false", ...packages.map((name) => join("packages", name))];
  return spawnSync(process.execPath, [compiler, ...options], { cwd: context, encoding: "utf8" });
}

/** The repository's own settings, with one line of code behind each entry of each package. */
function buildEmptyIssuer(): string {
  const context = mkdtempSync(join(tmpdir(), "linchpin-imports-"));
  const settings = [
    "tsconfig.base.json",
    "packages/*/{package,tsconfig}.json",
    "packages/*/src/**/tsconfig.json",
    "examples/tsconfig.json",
    "examples/relay/*.{ts,json}",
  ];
  for (const file of globSync(settings, { cwd: repository })) cpSync(join(repository, file), join(context, file));
  mkdirSync(join(context, "node_modules/@linchpin"), { recursive: true });
  symlinkSync(join(repository, "node_modules/@types"), join(context, "node_modules/@types"));
  for (const { source } of entries) {
    mkdirSync(dirname(join(context, source)), { recursive: true });
    writeFileSync(join(context, source), "export const stub = 1;\n");
  }
  for (const folder of packages) {
    const { name } = JSON.parse(readFileSync(join(context, "packages", folder, "package.json"), "utf8"));
    symlinkSync(join(context, "packages", folder), join(context, "node_modules", name));
  }
  return context;
}
