import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a bundle was made from. It stands beside the bundle as `inputs.json`. */
export interface BundleInputs {
  /** Where it stood. The bundle's modules look there for their own files. */
  readonly repository: string;
  /** Relative to the repository. */
  readonly files: readonly string[];
  /** SHA-256, hexadecimal, of their names and contents. */
  readonly sha256: string;
}

/** The bundle's entry; null where none was made, or where any of its files has changed or moved since. */
export function findStartBundle(repository: string, folder: string): string | null {
  const list = join(folder, "inputs.json");
  if (!existsSync(list)) return null;
  const inputs: BundleInputs = JSON.parse(readFileSync(list, "utf8"));
  if (inputs.repository !== repository) return null;
  return hashFiles(repository, inputs.files) === inputs.sha256 ? join(folder, "main.mjs") : null;
}

/** Null where one of them is gone. */
export function hashFiles(repository: string, files: readonly string[]): string | null {
  const hash = createHash("sha256");
  try {
    for (const file of files) {
      const content = readFileSync(join(repository, file));
      hash.update(`${file} ${content.length}\n`).update(content);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  return hash.digest("hex");
}
