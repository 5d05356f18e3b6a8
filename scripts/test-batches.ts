import { mkdtempSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Test files that one process runs after one another. */
export interface TestBatch {
  /** What the process runs: the only file itself, or a module that imports all of them. */
  readonly entry: string;
  readonly files: readonly string[];
}

/** Longer ones save little, and at the end of a run leave a processor idle for longer. */
const maxSeconds = 60;

/**
 * Starting Node and loading the issuer takes as long as most files' tests: files of one package share a process, but for
 * those that run `alone`. The batches come by the seconds that their files took (`durations`; 1 where there is none),
 * longest first, so that no processor is idle while the last one runs.
 */
export function batchTests(
  files: readonly string[],
  {
    alone,
    durations,
    folder,
  }: { alone: readonly string[]; durations: Readonly<Record<string, number>>; folder: string },
): TestBatch[] {
  const secondsOf = (file: string) => durations[file] ?? 1;
  const runsAlone = (file: string) => alone.includes(file) || secondsOf(file) >= maxSeconds;
  const byPackage = Map.groupBy(
    files.filter((file) => !runsAlone(file)),
    packageOf,
  );
  const parts = [
    ...files.filter(runsAlone).map((file) => [file]),
    ...[...byPackage.values()].flatMap((ofPackage) => inParts(ofPackage, secondsOf)),
  ];
  return parts
    .map((part) => ({ part, seconds: sum(part.map(secondsOf)) }))
    .toSorted((one, other) => other.seconds - one.seconds)
    .map(({ part }) => batchOf(part, folder));
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, next) => total + next, 0);

/** `packages/core` of `packages/core/test/jwe.test.ts`. */
function packageOf(file: string): string {
  return file.split("/", file.startsWith("packages/") ? 2 : 1).join("/");
}

/** As many parts as are needed, each about as long as the others: the longest file goes to the part that is shortest. */
function inParts(files: readonly string[], secondsOf: (file: string) => number): string[][] {
  const count = Math.ceil(sum(files.map(secondsOf)) / maxSeconds);
  const parts = Array.from({ length: count }, () => ({ files: [] as string[], seconds: 0 }));
  for (const file of files.toSorted((one, other) => secondsOf(other) - secondsOf(one))) {
    const shortest = parts.reduce((best, part) => (part.seconds < best.seconds ? part : best));
    shortest.files.push(file);
    shortest.seconds += secondsOf(file);
  }
  return parts.map((part) => part.files);
}

/**
 * Each file is a suite, so that its hooks stay its own. One is imported after the other: a module that two wait for
 * would register the tests of both with the suite of the first. What was compiled is written at once, for the processes
 * that start before this one ends.
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
