// Searches for inputs that break a parser. `npm run fuzz -- [--minutes n] [--seed n] [--keep] [target …]`
// shares the time (a minute) among the targets named, or all. `--keep` adds to the corpus what reached new code; what
// broke a parser is always kept there, and is then replayed by `npm test`.
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { keepInput, readCorpus } from "./corpus.ts";
import { Fault, type Found, search } from "./search.ts";
import type { Target } from "./target.ts";
import { targets } from "./targets.ts";

const hangsAfterMs = 20_000;
const longestInput = 1 << 16;
/** What a worker searches for, and the memory through which it reports what it runs: a count, a length, the input. */
type Task = { name: string; seed: number; milliseconds: number; shared: SharedArrayBuffer };
type Result = { found: Found } | { fault: string; input: Uint8Array };

if (isMainThread) await main();
else parentPort?.postMessage(await work(workerData as Task));

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { minutes: { type: "string" }, seed: { type: "string" }, keep: { type: "boolean" } },
    allowPositionals: true,
  });
  const names = positionals.length > 0 ? positionals : [...targets.keys()];
  const milliseconds = (Number(values.minutes ?? 1) * 60_000) / names.length;
  const seed = Number(values.seed ?? Date.now() % 2 ** 32);
  console.log(`seed ${seed}, ${(milliseconds / 1000).toFixed(1)} s a target`);
  for (const name of names) {
    targetNamed(name);
    const result = await runWorker({ name, seed, milliseconds, shared: new SharedArrayBuffer(8 + longestInput) });
    report(name, result, values.keep ?? false);
  }
}

function report(name: string, result: Result, keep: boolean): void {
  if ("fault" in result) {
    console.log(`✖ ${name}: ${result.fault}\n  kept as ${keepInput(name, result.input)}`);
    process.exitCode = 1;
    return;
  }
  const { runs, inputs } = result.found;
  console.log(`✔ ${name}: ${runs} inputs, ${inputs.length} reached new code`);
  if (keep) for (const input of inputs) keepInput(name, input);
}

/** What a worker ran when it hung or ran out of memory stands in `shared`. */
async function runWorker(task: Task): Promise<Result> {
  const worker = new Worker(import.meta.filename, {
    workerData: task,
    execArgv: ["--conditions=linchpin-source"],
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  const count = new Int32Array(task.shared, 0, 1);
  let before = -1;
  let watch: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Result>((resolve, reject) => {
      worker.on("message", resolve);
      worker.on("error", (error) => resolve({ fault: `the worker failed: ${error.message}`, input: inputIn(task) }));
      worker.on("exit", () => reject(new Error("the worker ended without a word")));
      watch = setInterval(() => {
        if (count[0] === before) resolve({ fault: "it hangs", input: inputIn(task) });
        before = count[0] as number;
      }, hangsAfterMs);
    });
  } finally {
    clearInterval(watch);
    worker.removeAllListeners("exit");
    await worker.terminate();
  }
}

async function work({ name, seed, milliseconds, shared }: Task): Promise<Result> {
  const header = new Int32Array(shared, 0, 2);
  const body = new Uint8Array(shared, 8);
  const note = (input: Uint8Array) => {
    header[0] = (header[0] as number) + 1;
    header[1] = Math.min(input.length, longestInput);
    body.set(input.subarray(0, longestInput));
  };
  const corpus = [...readCorpus(name).values()];
  try {
    return { found: await search(targetNamed(name), { corpus, seed, endAt: Date.now() + milliseconds, note }) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { cause } = error;
    return { fault: cause instanceof Error ? String(cause.stack) : error.message, input: error.input };
  }
}

function inputIn({ shared }: Task): Uint8Array {
  return new Uint8Array(shared).slice(8, 8 + (new Int32Array(shared, 4, 1)[0] as number));
}

function targetNamed(name: string): Target {
  const target = targets.get(name);
  if (target === undefined) throw new Error(`no such target: there are ${[...targets.keys()].join(", ")}`);
  return target;
}
