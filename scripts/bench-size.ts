// What each entry of the device library weighs in a browser's bundle, all its exports together, on WebCrypto: minified
// by esbuild, then brotli; and the elements. Beside an entry what the same cryptography weighs with other libraries, as
// their users would write it (bench/size), without an entry's errors, policy and exchange with the relay. Fails when
// something of ours is heavier than its goal. With `--ours-alone` the others, which take seconds, are left out.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { type BuildOptions, buildSync } from "esbuild";

const repository = join(import.meta.dirname, "..");
const goals: Readonly<Record<string, number | null>> = {
  "device/solaris": 3200,
  "device/solaris-sca": 3000,
  "device/adyen": 4200,
  "device/venly": 3000,
  "device/plumery": 3000,
  "device/native": 6100,
  "device/stripe": 3000,
  "device/lithic": 3000,
  "device/spritz": 3000,
  "device/worldline": 4000,
  "device/solaris + device/roots": 4910,
  "device/adyen + device/roots": 5500,
  "device/venly + device/roots": 4600,
  "device/stripe + device/roots": 4600,
  "device/lithic + device/roots": 4600,
  "device/spritz + device/roots": 4800,
  "device/worldline + device/roots": 5400,
  "device/relay": null,
  "device/keys": null,
  elements: 12_000,
};

/** Why a library has no file in bench/size. */
const cannot: Readonly<Record<string, string>> = {
  "adyen-jose": "has no RSAES-PKCS1-v1_5, no AES block",
  "adyen-node-jose": "has no AES block",
  "venly-jose": "has no envelope but JWE",
  "plumery-jose": "has no HKDF",
  "plumery-node-forge": "has no P-256",
};

const libraries = process.argv.includes("--ours-alone") ? [] : ["jose", "node-jose", "node-forge"];
const rows = Object.entries(goals).map(([entry, goal]) => ({
  entry: `@linchpin/${entry}`,
  bytes: weigh({ stdin: { contents: exportAll(entry), resolveDir: repository } }),
  goal,
  ...Object.fromEntries(libraries.map((library) => [library, weighOther(entry, library)])),
}));
console.table(rows);
const heavy = rows.filter(({ bytes, goal }) => goal !== null && bytes > goal);
for (const { entry } of heavy) console.error(`✖ ${entry} is heavier than its goal`);
process.exitCode = heavy.length > 0 ? 1 : 0;

function exportAll(entry: string): string {
  const modules = entry.split(" + ").map((name) => `export * from "@linchpin/${name}";`);
  return modules.join("\n");
}

function weighOther(entry: string, library: string): number | string {
  const task = `${entry.replace("device/", "")}-${library}`;
  const file = join(repository, "bench/size", `${task}.js`);
  return existsSync(file) ? weigh({ entryPoints: [file] }) : (cannot[task] ?? "");
}

function weigh(what: BuildOptions): number {
  const { outputFiles } = buildSync({
    ...what,
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["linchpin-source"],
  });
  return brotliCompressSync(outputFiles?.[0]?.contents ?? new Uint8Array(0)).length;
}
