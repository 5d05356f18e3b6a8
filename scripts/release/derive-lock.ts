import { type Manifest, type PublishedPackage, publishedPackages } from "./published-packages.ts";

/** A package as package-lock.json describes it, as far as it is read here. */
type Locked = Omit<Manifest, "name" | "version"> & { dev?: true; devOptional?: true; optional?: true; link?: true };

export interface Lock {
  readonly name: string;
  readonly version: string;
  readonly lockfileVersion: number;
  readonly requires: boolean;
  readonly packages: Readonly<Record<string, Locked>>;
}

export interface Tarball {
  /** Relative to the project that the lock is for. */
  readonly path: string;
  /** As package-lock.json has it: `sha512-…`. */
  readonly integrity: string;
}

/**
 * The package.json and package-lock.json of a project that depends on packages of this repository alone. Everybody
 * else's packages are in it at the versions and hashes at which this repository's own lock has them.
 */
export function deriveLock(
  name: string,
  roots: readonly string[],
  tarballs: ReadonlyMap<string, Tarball>,
  locked: Lock["packages"],
): { manifest: object; lock: Lock } {
  const dependencies = Object.fromEntries(roots.map((root) => [root, `file:${tarballs.get(root)?.path}`]));
  const manifest = { name, version: "0.0.0", private: true, dependencies };
  const required = reach(roots, locked, false);
  const everything = reach(roots, locked, true);
  const packages = [...everything].toSorted().map((path) => {
    const entry = ownEntry(path, tarballs) ?? thirdPartyEntry(locked[path]);
    return [installedPath(path), required.has(path) ? entry : { ...entry, optional: true }];
  });
  const { private: _, ...root } = manifest;
  return {
    manifest,
    lock: {
      name,
      version: root.version,
      lockfileVersion: 3,
      requires: true,
      packages: { "": root, ...Object.fromEntries(packages) },
    },
  };
}

/** Paths in the repository's lock of all that is installed with `roots`. */
function reach(roots: readonly string[], locked: Lock["packages"], withOptional: boolean): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (path: string) => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const name of dependenciesOf(locked[path] ?? {}, withOptional)) {
      const found = resolve(name, path, locked);
      if (found !== null) visit(found);
      else if (!withOptional) throw new Error(`package-lock.json has no ${name}, which ${path} depends on`);
    }
  };
  for (const root of roots) visit(folderOf(root) ?? root);
  return reached;
}

function dependenciesOf(locked: Locked, withOptional: boolean): string[] {
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta = {} } = locked;
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  const needed = Object.keys(dependencies ?? {}).filter((name) => optionalDependencies?.[name] === undefined);
  return [...needed, ...peers, ...(withOptional ? Object.keys(optionalDependencies ?? {}) : [])];
}

/** As Node finds it: beside the package, then beside each that it lies in. */
function resolve(name: string, from: string, locked: Lock["packages"]): string | null {
  const folder = folderOf(name);
  if (folder !== null) return folder;
  for (let place = from; ; place = place.slice(0, Math.max(0, place.lastIndexOf("/node_modules/")))) {
    const path = `${place}${place === "" ? "" : "/"}node_modules/${name}`;
    if (locked[path] !== undefined) return path;
    if (place === "") return null;
  }
}

const published = (path: string): PublishedPackage | undefined =>
  publishedPackages.find(({ folder }) => folder === path);

function folderOf(name: string): string | null {
  return publishedPackages.find(({ manifest }) => manifest.name === name)?.folder ?? null;
}

/** `packages/core/node_modules/x` → `node_modules/@linchpin/core/node_modules/x`. */
function installedPath(path: string): string {
  const folder = /^packages\/[^/]+/.exec(path)?.[0];
  const name = folder && published(folder)?.manifest.name;
  return name ? path.replace(String(folder), `node_modules/${name}`) : path;
}

function ownEntry(path: string, tarballs: ReadonlyMap<string, Tarball>): object | null {
  const manifest = published(path)?.manifest;
  const tarball = manifest && tarballs.get(manifest.name);
  if (manifest === undefined || tarball === undefined) return null;
  const { version, license, bin, engines, dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } =
    manifest;
  const { path: file, integrity } = tarball;
  const needs = { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta };
  return { version, resolved: `file:${file}`, integrity, license, bin, engines, ...needs };
}

function thirdPartyEntry(locked: Locked | undefined): object {
  const { dev: _dev, devOptional: _devOptional, optional: _optional, ...entry } = locked ?? {};
  return entry;
}
