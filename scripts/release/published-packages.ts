import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const repository = join(import.meta.dirname, "../..");

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

export interface PublishedPackage {
  /** `packages/core`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The packages of this repository that are not private, by name. */
export const publishedPackages: readonly PublishedPackage[] = globSync("packages/*/package.json", { cwd: repository })
  .map((file) => ({
    folder: dirname(file),
    manifest: JSON.parse(readFileSync(join(repository, file), "utf8")) as Manifest,
  }))
  .filter(({ manifest }) => manifest.private !== true)
  .toSorted((one, other) => (one.manifest.name < other.manifest.name ? -1 : 1));
