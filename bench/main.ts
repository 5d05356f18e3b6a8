// `npm run bench [-- word …]`. Words choose parts, which are printed only: cost, rate, processes, start, testing,
// packages, growth. `--write` writes their sections into docs/bench.md and draws their plots, as a run without words
// does for all of them. `--json` prints one JSON document instead. `npm run bench:growth` goes to ten million cards.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureParts } from "./measure.ts";
import { goalsOf, type Part } from "./measurements/goals.ts";
import { opensslRate } from "./measurements/rate.ts";
import { machine } from "./report/machine.ts";
import { partNames, sectionsOf } from "./report/report.ts";
import { writeSections } from "./report/write-sections.ts";

const { values, positionals } = parseArgs({
  options: { full: { type: "boolean" }, json: { type: "boolean" }, write: { type: "boolean" } },
  allowPositionals: true,
});
const { full: isFull = false, json: isJson = false } = values;
const unknown = positionals.find((word) => !partNames.includes(word as Part));
if (unknown !== undefined) throw new Error(`${unknown} is no part: ${partNames.join(", ")}`);
const parts = new Set(positionals.length > 0 ? (positionals as Part[]) : isFull ? ["growth" as const] : partNames);
const sizes = [10_000, 100_000, 1_000_000, ...(isFull ? [10_000_000] : [])];
const command = [
  "npm run",
  isFull ? "bench:growth" : "bench",
  ...(positionals.length > 0 ? ["--", ...positionals] : []),
];
const say = (line: string) => console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);

const folder = await mkdtemp(join(tmpdir(), "linchpin-bench-"));
try {
  const { notes, ...measured } = await measureParts({ parts, sizes }, folder, say);
  const run = { machine: machine(command.join(" "), opensslRate()), ...measured, goals: goalsOf(measured), notes };
  const sections = sectionsOf(run);
  console.log(isJson ? JSON.stringify(run, null, 2) : [...sections.values()].join("\n\n"));
  if (values.write === true || positionals.length === 0) await writeSections(sections, run, isFull);
} finally {
  await rm(folder, { recursive: true, force: true });
}
