import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

export const corpusFolder = join(import.meta.dirname, "corpus");

/** What was found for a target before, by file name. */
export function readCorpus(target: string): ReadonlyMap<string, Uint8Array> {
  const folder = join(corpusFolder, target);
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  return new Map(names.map((name) => [name, Uint8Array.from(readFileSync(join(folder, name)))]));
}

/** Keeps an input under a hash of it. Returns the file's path from the repository's root. */
export function keepInput(target: string, input: Uint8Array): string {
  const folder = join(corpusFolder, target);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, createHash("sha256").update(input).digest("hex").slice(0, 16));
  writeFileSync(file, input);
  return relative(join(import.meta.dirname, ".."), file);
}
