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

/** Every room, with the rooms it may import. */
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
const rooms = Object.keys(mayImport);
const browserRooms = ["core", "protocols", "device", "elements", "page"];

const repository = join(import.meta.dirname, "..");

// What refuses a wrong-way import by name is the entry's line in `paths` of tsconfig.base.json: a new entry needs one.
describe("a room compiles with imports of what stands below it, and with no other", () => {
  const context = buildEmptyIssuer();
  after(() => rmSync(context, { recursive: true }));

  it("every room is looked at", () => {
    assert.deepEqual(readdirSync(join(repository, "packages")).sort(), rooms.toSorted());
  });

  for (const room of rooms) {
    const right = rooms.flatMap(entriesOf).filter((entry) => allowed(room, entry));
    const wrong = rooms.flatMap(entriesOf).filter((entry) => isForeign(room, entry) && !allowed(room, entry));
    const ways = {
      "by name": ({ specifier }: Entry) => `import { stub } from "${specifier}";\nexport const number: number = stub;`,
      "by name, types alone": ({ specifier }: Entry) =>
        `import type { stub } from "${specifier}";\nexport type Stub = typeof stub;`,
      "by path": ({ source }: Entry) =>
        `import { stub } from "${pathTo(room, source)}";\nexport const number: number = stub;`,
    };

    it(`${room}: right ones`, () => assert.deepEqual(refused(context, room, right.map(ways["by name"])), []));

    for (const [way, write] of wrong.length > 0 ? Object.entries(ways) : []) {
      it(`${room}: wrong ones ${way}`, () => {
        assert.deepEqual(refused(context, room, wrong.map(write)), wrong.map(write));
      });
    }
  }

  for (const room of browserRooms) {
    it(`${room}: nothing of Node's`, () => {
      const statements = [
        'import "node:fs";',
        "export const cwd = process.cwd();",
        "export const bytes = Buffer.alloc(1);",
      ];
      assert.deepEqual(refused(context, room, statements), statements);
    });
  }
});

/** A way into a room: what its package exports, and the file behind it. */
type Entry = { room: string; specifier: string; source: string };

function entriesOf(room: string): Entry[] {
  const folder = join("packages", room);
  const { name, exports } = JSON.parse(readFileSync(join(repository, folder, "package.json"), "utf8"));
  const entries = Object.entries<{ "linchpin-source": string }>(exports).flatMap(([entry, target]) => {
    const pattern = join(folder, target["linchpin-source"]);
    const [before = "", behind = ""] = pattern.split("*");
    const sources = pattern.includes("*") ? globSync(pattern.replace("*", "**/*"), { cwd: repository }) : [pattern];
    return sources.map((source) => {
      const named = entry.replace("*", source.slice(before.length, source.length - behind.length));
      return { room, specifier: join(name, named), source };
    });
  });
  return entries.length > 0 ? entries : [{ room, specifier: name, source: join(folder, "src/main.ts") }];
}

function allowed(room: string, entry: Entry): boolean {
  return Boolean(mayImport[room]?.includes(entry.room)) && !(browserRooms.includes(room) && isForNode(entry));
}

/** core's entry for Node stands apart from core, which runs in browsers. */
function isForNode({ specifier }: Entry): boolean {
  return specifier === "@linchpin/core/node";
}

function isForeign(room: string, entry: Entry): boolean {
  return entry.room !== room || isForNode(entry);
}

/** What others import of the page is a project of its own within it. */
function sourceFolder(room: string): string {
  const folder = dirname(String(entriesOf(room)[0]?.source));
  return existsSync(join(repository, folder, "tsconfig.json")) ? dirname(folder) : folder;
}

function pathTo(room: string, source: string): string {
  const path = relative(sourceFolder(room), source);
  return path.startsWith(".") ? path : `./${path}`;
}

/** The statements that the compiler refuses, each standing in a file of its own in `room`. */
function refused(context: string, room: string, statements: readonly string[]): string[] {
  const probes = statements.map((statement, index) => ({
    statement,
    file: join(sourceFolder(room), `probe-${index}.ts`),
  }));
  for (const { statement, file } of probes) writeFileSync(join(context, file), statement);
  const { status, stdout } = compile(context, room);
  for (const { file } of probes) rmSync(join(context, file));
  const found = probes.filter(({ file }) => stdout.includes(`${file}(`)).map(({ statement }) => statement);
  assert.equal(status === 0, found.length === 0, stdout);
  return found;
}

function compile(context: string, room: string): { status: number | null; stdout: string } {
  const compiler = join(repository, "node_modules/typescript/bin/tsc");
  const options = ["--build", "--pretty", "false", join("packages", room)];
  return spawnSync(process.execPath, [compiler, ...options], { cwd: context, encoding: "utf8" });
}

/** The repository's own settings, with one line of code behind each entry of each room. */
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
  for (const { source } of rooms.flatMap(entriesOf)) {
    mkdirSync(dirname(join(context, source)), { recursive: true });
    writeFileSync(join(context, source), "export const stub = 1;\n");
  }
  for (const room of rooms) {
    const { name } = JSON.parse(readFileSync(join(context, "packages", room, "package.json"), "utf8"));
    symlinkSync(join(context, "packages", room), join(context, "node_modules", name));
  }
  return context;
}
