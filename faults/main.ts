// `npm run test:faults`: every scenario; with words after `--`, those whose name has one of them, and no page.
// Ends with 0 where nothing was found, also where a scenario was left out; LINCHPIN_TESTS_COMPLETE=1 forbids that.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Row, reportPage, reportTable } from "./report.ts";
import { runScenario } from "./run-scenario.ts";
import type { Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";

const page = join(import.meta.dirname, "../docs/faults.md");
const words = process.argv.slice(2);
const chosen = scenarios.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));

const rows: Row[] = [];
for (const scenario of chosen) {
  console.log(`\n${scenario.name} …`);
  const row = await play(scenario);
  rows.push(row);
  if (row.kind === "left out") console.log(`  left out: ${row.why}`);
  if (row.kind === "not played") console.log(`  not played: ${row.why}`);
  if (row.kind === "played") {
    console.log(`  ${row.outcome.seen}`);
    for (const { what, subject, detail } of row.outcome.findings) console.log(`  ${what}: ${subject}: ${detail}`);
  }
}
console.log(`\n${reportTable(rows)}`);
if (words.length === 0) await writeFile(page, reportPage(rows));

const mayLeaveOut = process.env["LINCHPIN_TESTS_COMPLETE"] !== "1";
const isWell = (row: Row) =>
  row.kind === "left out" ? mayLeaveOut : row.kind === "played" && row.outcome.findings.length === 0;
process.exitCode = rows.length > 0 && rows.every(isWell) ? 0 : 1;

async function play(scenario: Scenario): Promise<Row> {
  const lacking = scenario.lacking();
  if (lacking !== false) return { scenario, kind: "left out", why: lacking };
  try {
    return { scenario, kind: "played", outcome: await runScenario(scenario) };
  } catch (error) {
    return { scenario, kind: "not played", why: error instanceof Error ? (error.stack ?? error.message) : `${error}` };
  }
}
