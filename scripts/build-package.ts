// Builds what the package in this folder is published as, in `lib`: its compiled files, and of core's and protocols'
// those that they reach, so that the package stands alone. `npm pack` runs it.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";

type Targets = Record<string, string>;
type Manifest = { exports: Record<string, Targets>; imports?: Record<string, Targets>; peerDependencies?: object };

const repository = join(import.meta.dirname, "..");
const packageFolder = process.cwd();
const { exports: entries, peerDependencies = {} } = manifestOf(packageFolder);

compile();
rmSync(join(packageFolder, "lib"), { recursive: true, force: true });
const reached = new Set(Object.values(entries).flatMap(({ types, default: code }) => [types, code].map(compiledFile)));
for (const file of reached) publish(file);
copyFileSync(join(repository, "LICENSE"), join(packageFolder, "LICENSE"));

function compile(): void {
  const compiler = join(repository, "node_modules/typescript/bin/tsc");
  const { status } = spawnSync(process.execPath, [compiler, "--build", packageFolder], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** Writes one file, its imports pointing to where their files will be, and notes these as reached. */
function publish(file: string): void {
  const text = readFileSync(file, "utf8")
    .replace(/^\/\/# sourceMappingURL=.*$/m, "")
    .replace(/(?<=\b(?:from|import) ")[^"]+(?=")/g, (specifier) => publishedSpecifier(specifier, file));
  mkdirSync(dirname(published(file)), { recursive: true });
  writeFileSync(published(file), text);
}

function publishedSpecifier(specifier: string, importer: string): string {
  const targets = targetsOf(specifier, importer);
  if (targets === undefined) return specifier;
  for (const target of targets) reached.add(target);
  if (specifier.startsWith("#") && !isDeclaration(importer)) return specifier;
  const path = relative(dirname(published(importer)), published(targets[0] ?? ""));
  return `./${path.replace(/\.d\.ts$/, ".js")}`.replace("./../", "../");
}

/** The compiled files that a specifier stands for; undefined where it stands for another package's. */
function targetsOf(specifier: string, importer: string): string[] | undefined {
  const [scope, room = "", ...path] = specifier.split("/");
  if (scope?.startsWith(".")) {
    const target = join(dirname(importer), specifier);
    return [isDeclaration(importer) ? target.replace(/(\.d)?\.[jt]s$/, ".d.ts") : target];
  }
  const ownFolder = join(importer.slice(0, importer.indexOf("/dist/")));
  const folder = scope === "@linchpin" ? join(repository, "packages", room) : ownFolder;
  const { exports, imports = {} } = manifestOf(folder);
  const targets = scope === "@linchpin" ? exports[[".", ...path].join("/")] : imports[specifier];
  if (targets === undefined) {
    if (Object.keys(peerDependencies).some((name) => specifier.startsWith(`${name}/`))) return undefined;
    throw new Error(`${importer} needs ${specifier}, which ${packageFolder} does not say`);
  }
  const conditions = isDeclaration(importer) ? ["types"] : ["browser", "default"];
  return conditions.flatMap((condition) => targets[condition] ?? []).map((target) => join(folder, target));
}

/** `lib/…` for the package's own, `lib/core/…` for core's. */
function published(compiled: string): string {
  const [folder = "", path = ""] = compiled.split("/dist/");
  return join(packageFolder, "lib", folder === packageFolder ? "" : basename(folder), path);
}

function compiledFile(target = ""): string {
  return join(packageFolder, target.replace("./lib/", "./dist/"));
}

function isDeclaration(file: string): boolean {
  return file.endsWith(".d.ts");
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
