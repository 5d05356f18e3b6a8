// Runs the tests, or with `--drills` what takes long by its nature, then names every one that was left out and says how
// to get it. `npm test -- 'packages/vault/**/*.test.ts'` runs some. LINCHPIN_TESTS_COMPLETE=1 turns what was left out
// into a failure; only tests that need WYCHEPROOF_DIR are excused.
import { once } from "node:events";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { relative } from "node:path";
import { run } from "node:test";
import { inspect, parseArgs } from "node:util";
import { batchTests } from "./test-batches.ts";
import { openTestSurroundings } from "./test-surroundings.ts";

const { values, positionals } = parseArgs({ options: { drills: { type: "boolean" } }, allowPositionals: true });
const kind = values.drills ? "drill" : "test";
const everything = [`packages/*/test/**/*.${kind}.ts`, `tests/**/*.${kind}.ts`];
/** The seconds that files took on two processors, but for short ones: processes share the files by them. */
const durationsFile = "scripts/test-durations.json";
const durations: Readonly<Record<string, number>> = JSON.parse(readFileSync(durationsFile, "utf8"));
/** `UPDATE_DURATIONS=1 npm test` records them, on a machine that does nothing else; so do the drills theirs. */
const recordsDurations = process.env["UPDATE_DURATIONS"] === "1" && positionals.length === 0;
const recorded: Record<string, number> = {};
const shortestRecordedSeconds = 2;
/** Files with a process of their own; drills have one each. */
const alone: readonly string[] = [
  // V8 counts all that its process has loaded, and what runs there after it is slower.
  "tests/hostile/corpus.test.ts",
];
// More than there are processors: browsers, databases and time-outs are waited for. Drills start servers, browsers and
// installations, each of which has work for more than one processor.
const processes = availableParallelism() + (values.drills ? 0 : 2);
/** In MB. With V8's own sizes, collecting what each start of an issuer leaves takes a quarter of a process's time. */
const youngGeneration = ["--min-semi-space-size=16", "--max-semi-space-size=64"];
/** A process, and all of them: on a busy machine they take three times as long as on an idle one. */
const processHangsAfterMs = 25 * 60_000;
const hangsAfterMs = 40 * 60_000;

type Result = { name: string; nesting: number; details: { type?: string; duration_ms: number } };
type Place = { name: string; file?: string; line?: number };
const failed: string[] = [];
const leftOut = new Map<string, string[]>();
let ofFile = { tests: 0, passed: 0 };
const closingLines: string[] = [];
let succeeded = false;

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupted.abort());
const surroundings = await openTestSurroundings();
const files = filesOf(positionals.length > 0 ? positionals : everything);
const batches = batchTests(files, {
  alone: values.drills ? files : alone,
  processes,
  durations,
  folder: surroundings.folder,
});
const tests = run({
  files: batches.map(({ entry }) => entry),
  execArgv: ["--conditions=linchpin-source", ...youngGeneration],
  concurrency: processes,
  timeout: processHangsAfterMs,
  signal: AbortSignal.any([AbortSignal.timeout(hangsAfterMs), interrupted.signal]),
});
tests.on("test:stdout", ({ message }) => process.stdout.write(message));
tests.on("test:stderr", ({ message }) => process.stderr.write(message));
tests.on("test:pass", (test) => {
  count(test, true);
  noteLeftOut(test, test.skip ?? test.todo);
});
tests.on("test:fail", (test) => {
  count(test, test.todo !== undefined);
  if (test.todo !== undefined) return noteLeftOut(test, test.todo);
  const { cause } = test.details.error;
  if (!isOfSubtests(test.details.error))
    failed.push(`✖ ${place(test)}\n${inspect(cause ?? test.details.error, { depth: 0 })}`);
});
tests.on("test:summary", ({ file, counts, success, duration_ms: durationMs }) => {
  if (file === undefined) succeeded = success && counts.tests > 0;
  else if (files.includes(relative(".", file))) {
    ofFile = { tests: 0, passed: 0 };
    printResult(relative(".", file), success, counts, durationMs);
  }
});
tests.on("test:diagnostic", ({ file, message }) => {
  if (file === undefined) closingLines.push(`ℹ ${message}`);
});
await once(tests.resume(), "end");
await surroundings.remove();
if (recordsDurations) {
  const ofOtherKind = Object.entries(durations).filter(([file]) => existsSync(file) && !file.endsWith(`.${kind}.ts`));
  const all = [...ofOtherKind, ...Object.entries(recorded)].sort(([one], [other]) => (one < other ? -1 : 1));
  writeFileSync(durationsFile, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
}

const complete = process.env["LINCHPIN_TESTS_COMPLETE"] === "1";
const unexcused = [...leftOut.keys()].filter((reason) => !reason.includes("WYCHEPROOF_DIR"));
if (failed.length > 0) console.log(`\nFailed\n\n${failed.join("\n\n")}`);
for (const [reason, places] of leftOut) console.log(`\nLeft out: ${reason}\n  ${places.join("\n  ")}`);
if (complete && unexcused.length > 0) console.log("\n✖ LINCHPIN_TESTS_COMPLETE=1: nothing may be left out here");
console.log(`\n${closingLines.join("\n")}`);
process.exitCode = succeeded && !(complete && unexcused.length > 0) ? 0 : 1;

function filesOf(patterns: readonly string[]): string[] {
  for (const file of alone) if (!existsSync(file)) throw new Error(`scripts/test.ts names ${file}, which is gone`);
  return patterns.flatMap((pattern) => globSync(pattern, { exclude: ["**/node_modules/**"] })).toSorted();
}

/** Counts the tests of a batch until the suite of their file ends. Those of two processes do not mix. */
function count({ name, nesting, details }: Result, passed: boolean): void {
  if (batches.some(({ entry }) => entry === name)) return; // its process failed
  if (details.type !== "suite") {
    ofFile.tests += 1;
    if (passed) ofFile.passed += 1;
  } else if (nesting === 0 && files.includes(name)) {
    printResult(name, passed, ofFile, details.duration_ms);
    ofFile = { tests: 0, passed: 0 };
  }
}

type Counts = { readonly tests: number; readonly passed: number };

function printResult(file: string, passed: boolean, counts: Counts, durationMs: number): void {
  const seconds = (durationMs / 1000).toFixed(1);
  if (durationMs >= shortestRecordedSeconds * 1000) recorded[file] = Math.round(durationMs / 1000);
  console.log(`${passed ? "✔" : "✖"} ${file} (${counts.passed} of ${counts.tests}, ${seconds} s)`);
}

function noteLeftOut(test: Place, reason: string | boolean | undefined): void {
  if (reason === undefined || reason === false) return;
  const why = reason === true || reason === "" ? "no reason given" : reason.replace(/^left out: /, "");
  leftOut.set(why, [...(leftOut.get(why) ?? []), place(test)]);
}

function place({ name, file, line }: Place): string {
  const batch = batches.find(({ entry }) => entry === name || entry === file);
  if (batch !== undefined && batch.files.length > 1) return `${name}, which runs ${batch.files.join(", ")}`;
  return file === undefined ? name : `${relative(".", file)}:${line} ${name}`;
}

/** A suite fails with each of its tests, whose own failures say why. */
function isOfSubtests(error: object): boolean {
  return "failureType" in error && error.failureType === "subtestsFailed";
}
