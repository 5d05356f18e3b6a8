import { mkdtempSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Test files that one process runs after one another. */
export interface TestBatch {
  /** What the process runs: the only file itself, or a module that imports all of them. */
  readonly entry: string;
  readonly files: readonly string[];
}

/** What a file takes on average that is too short to be recorded. */
const shortSeconds = 0.2;

/**
 * Starting Node and loading the issuer takes longer than most files' tests: `processes`, which all run at once, share the
 * files but for those that run `alone`. `files` are sorted by their paths, and each process gets a part of that list:
 * the files of one package meet in one or two processes, and always the same ones. All parts take about as long by the
 * seconds that their files took (`durations`; `shortSeconds` where there is none).
 */
export function batchTests(
  files: readonly string[],
  {
    alone,
    processes,
    durations,
    folder,
  }: {
    alone: readonly string[];
    processes: number;
    durations: Readonly<Record<string, number>>;
    folder: string;
  },
): TestBatch[] {
  const secondsOf = (file: string) => durations[file] ?? shortSeconds;
  const longestFirst = alone.toSorted((one, other) => secondsOf(other) - secondsOf(one));
  return [
    ...inParts(
      files.filter((file) => !alone.includes(file)),
      processes,
      secondsOf,
    ),
    ...longestFirst.filter((file) => files.includes(file)).map((file) => [file]),
  ].map((part) => batchOf(part, folder));
}

/** A file goes to the part in which its middle lies. */
function inParts(files: readonly string[], count: number, secondsOf: (file: string) => number): string[][] {
  const total = files.reduce((sum, file) => sum + secondsOf(file), 0);
  const parts = Array.from({ length: count }, () => [] as string[]);
  let before = 0;
  for (const file of files) {
    const middle = before + secondsOf(file) / 2;
    parts[Math.floor((middle / total) * count)]?.push(file);
    before += secondsOf(file);
  }
  return parts.filter((part) => part.length > 0);
}

/**
 * Each file is a suite, so that its hooks stay its own. One is imported after the other: a module that two wait for
 * would register the tests of both with the suite of the first. What was compiled is written at once, for the processes
 * that tests start.
 */
function batchOf(files: readonly string[], folder: string): TestBatch {
  const [only = "", ...others] = files;
  if (others.length === 0) return { entry: only, files };
  const entry = join(mkdtempSync(join(folder, "batch-")), "batch.mjs");
  const modules = files.map((file) => ({ file, path: resolve(file) }));
  writeFileSync(
    entry,
    `import { flushCompileCache } from "node:module";
import { suite } from "node:test";
for (const { file, path } of ${JSON.stringify(modules)})
  await new Promise((imported) => suite(file, () => import(path).finally(imported)));
flushCompileCache();
`,
  );
  return { entry, files };
}
