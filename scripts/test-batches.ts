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
 *
 * `node:test` follows every promise by a hook of `node:async_hooks`, so that an error which nobody caught fails the test
 * that caused it. That costs fifty times what awaiting costs, and a sixth of a whole run. Registering tests needs the
 * hook, running them does not: it is off from then on, and such an error ends the process. A file that is run by itself
 * keeps the hook.
 */
function batchOf(files: readonly string[], folder: string): TestBatch {
  const [only = "", ...others] = files;
  if (others.length === 0) return { entry: only, files };
  const entry = join(mkdtempSync(join(folder, "batch-")), "batch.mjs");
  const modules = files.map((file) => ({ file, path: resolve(file) }));
  writeFileSync(
    entry,
    `import hooks from "node:async_hooks";
import { flushCompileCache } from "node:module";
const { createHook } = hooks;
let followsPromises;
hooks.createHook = (callbacks) => (followsPromises = createHook(callbacks));
const { suite } = await import("node:test");
for (const { file, path } of ${JSON.stringify(modules)})
  await new Promise((imported) => suite(file, () => import(path).finally(imported)));
hooks.createHook = createHook;
followsPromises.disable();
for (const event of ["uncaughtException", "unhandledRejection"])
  process.prependListener(event, (error) => {
    console.error("An error that no test caught; a file that is run by itself says which test caused it:", error);
    process.exit(1);
  });
flushCompileCache();
`,
  );
  return { entry, files };
}
