// Builds what the package in this folder is published as, in `lib`: its compiled files, as far as `exports` and `imports`
// of its package.json reach them, and of those packages of this repository that it does not depend on the files that
// they reach, so that the published package needs nothing that is not published. `npm pack` runs it.
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { isBuiltin } from "node:module";
import { basename, dirname, join, relative } from "node:path";

type Targets = Record<string, string>;
type Manifest = {
  exports?: Record<string, Targets>;
  imports?: Record<string, Targets>;
  dependencies?: object;
  optionalDependencies?: object;
  peerDependencies?: object;
};

const repository = join(import.meta.dirname, "..");
const packageFolder = process.cwd();
const own = manifestOf(packageFolder);
const installed = Object.keys({ ...own.dependencies, ...own.optionalDependencies, ...own.peerDependencies });

compile();
rmSync(join(packageFolder, "lib"), { recursive: true, force: true });
// An import without a source of its own stands for a file that comes along with another package.
const imports = Object.values(own.imports ?? {}).filter((targets) => "linchpin-source" in targets);
const entries = [...Object.values(own.exports ?? {}), ...imports];
const reached = new Set(
  entries.flatMap((targets) => compiledFiles(packageFolder, targets, ["types", "node", "default"])),
);
for (const file of reached) publish(file);
copyFileSync(join(repository, "LICENSE"), join(packageFolder, "LICENSE"));

/** A package may be more than one project: core's part for Node is one of its own. */
function compile(): void {
  const compiler = join(repository, "node_modules/typescript/bin/tsc");
  const projects = globSync(["tsconfig.json", "src/**/tsconfig.json"], { cwd: packageFolder });
  const { status } = spawnSync(process.execPath, [compiler, "--build", ...projects], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** Writes one file and its source map, its imports pointing to where their files will be, and notes these as reached. */
function publish(file: string): void {
  // A statement ends its line; what a string says of an import stays as it is written.
  const specifiers = /(?<=\b(?:from|import) ")[^"\n]+(?=";?$)|(?<=\bimport\(")[^"\n]+(?="\))/gm;
  const text = readFileSync(file, "utf8").replace(specifiers, (specifier) => publishedSpecifier(specifier, file));
  mkdirSync(dirname(published(file)), { recursive: true });
  // A declaration map would point to sources that are not published; a source map carries them.
  writeFileSync(published(file), isDeclaration(file) ? text.replace(/^\/\/# sourceMappingURL=.*\n?/m, "") : text);
  if (!isDeclaration(file)) copyFileSync(`${file}.map`, `${published(file)}.map`);
}

function publishedSpecifier(specifier: string, importer: string): string {
  const targets = targetsOf(specifier, importer);
  if (targets === undefined) return specifier;
  for (const target of targets) reached.add(target);
  if (specifier.startsWith("#") && !isDeclaration(importer)) return specifier;
  const path = relative(dirname(published(importer)), published(targets[0] ?? ""));
  return `./${path.replace(/\.d\.ts$/, ".js")}`.replace("./../", "../");
}

/** The compiled files that a specifier stands for; undefined where it stands for an installed package. */
function targetsOf(specifier: string, importer: string): string[] | undefined {
  if (specifier.startsWith(".")) {
    const target = join(dirname(importer), specifier);
    return [isDeclaration(importer) ? target.replace(/(\.d)?\.[jt]s$/, ".d.ts") : target];
  }
  const name = packageOf(specifier);
  if (isBuiltin(specifier) || installed.includes(name)) return undefined;
  const folder = specifier.startsWith("#") ? importer.slice(0, importer.indexOf("/dist/")) : folderOf(name);
  const { exports = {}, imports = {} } = manifestOf(folder);
  const targets = specifier.startsWith("#") ? imports[specifier] : exports[specifier.replace(name, ".")];
  if (targets === undefined)
    throw new Error(`${importer} needs ${specifier}, on which ${packageFolder} does not depend`);
  return compiledFiles(folder, targets, isDeclaration(importer) ? ["types"] : ["browser", "default"]);
}

/** `@linchpin/core` of `@linchpin/core/node`. */
function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function folderOf(name: string): string {
  const link = join(repository, "node_modules", name);
  const folder = existsSync(link) ? realpathSync(link) : "";
  return folder.includes("node_modules") ? "" : folder;
}

function compiledFiles(folder: string, targets: Targets, conditions: readonly string[]): string[] {
  return conditions
    .flatMap((condition) => targets[condition] ?? [])
    .map((target) => join(folder, target.replace("./lib/", "./dist/")));
}

/** `lib/…` for the package's own, `lib/core/…` for core's. */
function published(compiled: string): string {
  const [folder = "", path = ""] = compiled.split("/dist/");
  return join(packageFolder, "lib", folder === packageFolder ? "" : basename(folder), path);
}

function isDeclaration(file: string): boolean {
  return file.endsWith(".d.ts");
}

function manifestOf(folder: string): Manifest {
  const file = join(folder, "package.json");
  return folder !== "" && existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}
