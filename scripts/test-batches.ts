import { mkdtempSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Test files that one process runs after one another. */
export interface TestBatch {
  /** What the process runs: the only file itself, or a module that imports all of them. */
  readonly entry: string;
  readonly files: readonly string[];
}

/** Larger ones save no more, and at the end of a run leave a processor idle for longer. */
const maxFiles = 10;

/**
 * Starting Node and loading the issuer takes as long as most files' tests: files of one package share a process. Those
 * that run `alone` come first, in their order.
 */
export function batchTests(
  files: readonly string[],
  { alone, folder }: { alone: readonly string[]; folder: string },
): TestBatch[] {
  const light = Map.groupBy(
    files.filter((file) => !alone.includes(file)),
    packageOf,
  );
  const shared = [...light.values()].flatMap((ofPackage) => inParts(ofPackage).map((part) => batchOf(part, folder)));
  return [...alone.filter((file) => files.includes(file)).map((file) => ({ entry: file, files: [file] })), ...shared];
}

/** `packages/core` of `packages/core/test/jwe.test.ts`. */
function packageOf(file: string): string {
  return file.split("/", file.startsWith("packages/") ? 2 : 1).join("/");
}

/** Every so-manieth file to each part, as slow files stand beside one another. */
function inParts(files: readonly string[]): string[][] {
  const count = Math.ceil(files.length / maxFiles);
  return Array.from({ length: count }, (_, part) => files.filter((_file, index) => index % count === part));
}

/**
 * Each file is a suite, so that its hooks stay its own. One is imported after the other: a module that two wait for
 * would register the tests of both with the suite of the first.
 */
function batchOf(files: readonly string[], folder: string): TestBatch {
  const [only = "", ...others] = files;
  if (others.length === 0) return { entry: only, files };
  const entry = join(mkdtempSync(join(folder, "batch-")), "batch.mjs");
  const modules = files.map((file) => ({ file, path: resolve(file) }));
  writeFileSync(
    entry,
    `import { suite } from "node:test";
for (const { file, path } of ${JSON.stringify(modules)})
  await new Promise((imported) => suite(file, () => import(path).finally(imported)));
`,
  );
  return { entry, files };
}
