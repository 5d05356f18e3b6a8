// `npm run release`: everything that a release consists of, in `release/` or the folder that is named: the packages as
// tarballs, a bill of materials of all that they bring (CycloneDX), the context from which a container is built (the
// command and what it depends on, locked), and checksums. The same sources make the same bytes.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { billOfMaterials } from "./release/bill-of-materials.ts";
import { deriveLock, type Lock, type Tarball } from "./release/derive-lock.ts";
import { publishedPackages, repository } from "./release/published-packages.ts";

const release = resolve(process.argv[2] ?? join(repository, "release"));
const { packages: locked } = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8")) as Lock;

const kept = ["secrets", "linchpin.env"].map((name) => join(release, "container", name)).find(existsSync);
if (kept !== undefined) throw new Error(`${kept} would be deleted: move it out of the release first`);
rmSync(release, { recursive: true, force: true });
mkdirSync(release, { recursive: true });
buildAnew();
const tarballs = pack();
writeFileSync(join(release, "sbom.cdx.json"), billOfAll());
writeContainerContext();
writeFileSync(join(release, "SHA256SUMS"), checksums());

/** Nothing of an earlier build may get into a release. */
function buildAnew(): void {
  const made = ["{packages/*,examples/relay}/{dist,lib}", "packages/store/template/*.gz"];
  for (const output of globSync(made, { cwd: repository })) rmSync(join(repository, output), { recursive: true });
  npm("run", "build");
}

function pack(): ReadonlyMap<string, Tarball> {
  const chosen = publishedPackages.map(({ manifest }) => `--workspace=${manifest.name}`);
  const printed = npm("pack", ...chosen, "--ignore-scripts", "--json", `--pack-destination=${release}`);
  const packed: { name: string; filename: string; integrity: string }[] = Object.values(JSON.parse(printed));
  return new Map(packed.map(({ name, filename, integrity }) => [name, { path: filename, integrity }]));
}

/** Of all packages as they are installed together, without what is only for their development. */
function billOfAll(): string {
  const temporary = mkdtempSync(join(tmpdir(), "linchpin-release-"));
  // npm names the bill after the folder.
  const folder = join(temporary, "linchpin-release");
  try {
    mkdirSync(folder);
    writeProject(folder, "linchpin-release", [...tarballs.keys()], tarballs);
    return billOfMaterials(folder);
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

/** `npm ci` in it installs the command. */
function writeContainerContext(): void {
  const context = join(release, "container");
  const files = join(repository, "deploy/container");
  mkdirSync(join(context, "packages"), { recursive: true });
  if (existsSync(files)) cpSync(files, context, { recursive: true });
  const inContext = new Map(
    [...tarballs].map(([name, { path, integrity }]) => [name, { path: `packages/${path}`, integrity }]),
  );
  const { packages } = writeProject(context, "linchpin-container", ["linchpin"], inContext);
  for (const [name, { path }] of tarballs)
    if (packages[`node_modules/${name}`] !== undefined) cpSync(join(release, path), join(context, "packages", path));
}

function writeProject(
  folder: string,
  name: string,
  roots: readonly string[],
  from: ReadonlyMap<string, Tarball>,
): Lock {
  const { manifest, lock } = deriveLock(name, roots, from, locked);
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  writeFileSync(join(folder, "package-lock.json"), `${JSON.stringify(lock, null, 2)}\n`);
  return lock;
}

/** As `sha256sum --check` reads them. */
function checksums(): string {
  const files = globSync("**/*", { cwd: release }).filter((file) => statSync(join(release, file)).isFile());
  const sha256 = (file: string) =>
    createHash("sha256")
      .update(readFileSync(join(release, file)))
      .digest("hex");
  return files
    .toSorted()
    .map((file) => `${sha256(file)}  ${file}\n`)
    .join("");
}

function npm(...given: readonly string[]): string {
  return execFileSync("npm", given, { cwd: repository, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}
