// Can refusals be told apart by their time? `npm run bench:timing -- [--samples n] [--http n] [word …]` prints
// docs/timing.md; words choose the cases whose names have them. `--samples` is for each class, over HTTP `--http`: with a
// PostgreSQL of its own, whose statements requests share.
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createTemplate, sharedPostgresVariable } from "@linchpin/test-fixtures/databases/postgres";
import { startPostgres } from "../../faults/postgres.ts";
import { timingCases } from "./timing-cases.ts";
import { httpTimingCases } from "./timing-http.ts";
import { suspicious, type TimingCase, testTiming, type Verdict } from "./timing-test.ts";

const { values, positionals } = parseArgs({
  options: { samples: { type: "string" }, http: { type: "string" } },
  allowPositionals: true,
});
const isChosen = ({ name }: TimingCase) => positionals.length === 0 || positionals.some((word) => name.includes(word));

console.log(`# Timing of refusals

\`npm run bench:timing -- ${process.argv.slice(2).join(" ")}\` printed this page. Each row is one operation on two kinds of input, measured in a random order; *t* is Welch's, the largest over the crops of dudect (Reparaz, Balasch, Verbauwhede 2017). Above ${suspicious} the two can be told apart at that many samples of each.

Node ${process.version} (OpenSSL ${process.versions.openssl}), ${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${new Date().toISOString().slice(0, 10)}, on a machine that others used meanwhile.

| operation | the two kinds | samples of each | medians, µs | t (fastest share) | told apart |
|---|---|---|---|---|---|`);
for (const timingCase of timingCases.filter(isChosen)) await run(timingCase, values.samples);
const overHttp = httpTimingCases.filter(isChosen);
if (overHttp.length > 0) {
  const folder = await mkdtemp(join(tmpdir(), "linchpin-timing-"));
  await chmod(folder, 0o755); // PostgreSQL runs as somebody else
  const postgres = await startPostgres(folder);
  process.env[sharedPostgresVariable] = postgres.url;
  await createTemplate(postgres.url);
  for (const timingCase of overHttp) await run(timingCase, values.http);
  await postgres.stop();
  await rm(folder, { recursive: true });
}

async function run(timingCase: TimingCase, asked: string | undefined): Promise<void> {
  const operation = await timingCase.prepare();
  try {
    console.log(row(timingCase, await testTiming(operation, Number(asked ?? timingCase.samples))));
  } finally {
    await operation.stop?.();
  }
}

function row({ name, classes, harmless }: TimingCase, { samples, mediansMicroseconds, t, crop }: Verdict): string {
  const told = Math.abs(t) > suspicious ? (harmless === undefined ? "**yes**" : `yes: ${harmless}`) : "no";
  const medians = mediansMicroseconds.map((median) => median.toFixed(2)).join(", ");
  return `| ${name} | ${classes.join(" / ")} | ${samples} | ${medians} | ${t.toFixed(1)} (${100 * crop} %) | ${told} |`;
}
