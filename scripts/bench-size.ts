// What each entry of the device library weighs in a browser's bundle, all its exports together, on WebCrypto: minified
// by esbuild, then brotli; and the elements. Beside an entry what the same cryptography weighs with other libraries, as
// their users would write it (bench/size), without an entry's errors, policy and exchange with the relay. Fails when
// something of ours is heavier than its goal, or pinned roots add more to an entry than theirs. With `--ours-alone` the
// others, which take seconds, are left out.
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
  "device/native": 5000,
  "device/native-reveal": 5000,
  "device/native + device/native-reveal": null,
  "device/stripe": 3000,
  "device/lithic": 3000,
  "device/spritz": 3000,
  "device/worldline": 4000,
  "device/relay": null,
  "device/keys": null,
  elements: 12_000,
};

/** Entries that seal to a key which pinned roots can vouch for, and how much these may add to each. */
const withRoots = ["solaris", "adyen", "venly", "stripe", "lithic", "spritz", "worldline"];
const rootsGoal = 1200;

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
  bytes: weighOurs(entry),
  goal,
  ...Object.fromEntries(libraries.map((library) => [library, weighOther(entry, library)])),
}));
console.table(rows);
const rootsRows = withRoots.map((name) => {
  const bytes = weighOurs(`device/${name} + device/roots`);
  const added = bytes - weighOurs(`device/${name}`);
  return { entry: `@linchpin/device/${name} + @linchpin/device/roots`, bytes, added, goal: rootsGoal };
});
console.table(rootsRows);
const heavy = [
  ...rows.filter(({ bytes, goal }) => goal !== null && bytes > goal),
  ...rootsRows.filter(({ added, goal }) => added > goal),
];
for (const { entry } of heavy) console.error(`✖ ${entry} is heavier than its goal`);
process.exitCode = heavy.length > 0 ? 1 : 0;

function weighOurs(entry: string): number {
  const modules = entry.split(" + ").map((name) => `export * from "@linchpin/${name}";`);
  return weigh({ stdin: { contents: modules.join("\n"), resolveDir: repository } });
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
