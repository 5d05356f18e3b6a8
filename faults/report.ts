import { cpus } from "node:os";
import { vendorCards } from "./protocols/vendor-cards.ts";
import type { Outcome } from "./run-scenario.ts";
import type { Scenario } from "./scenario.ts";

export type Row = { readonly scenario: Scenario } & (
  | { readonly kind: "played"; readonly outcome: Outcome }
  | { readonly kind: "left out" | "not played"; readonly why: string }
);

const columns = ["scenario", "requests", "acknowledged", "refused", "unknown", "seconds without service", "verdict"];

/** In Markdown that reads well in a terminal too. */
export function reportTable(rows: readonly Row[]): string {
  const cells = rows.map(cellsOf);
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, index) => (isNumber(index) ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0))).join(" | ")} |`;
  const rule = widths.map((width, index) => (isNumber(index) ? `${"-".repeat(width - 1)}:` : "-".repeat(width)));
  return [line(columns), line(rule), ...cells.map(line)].join("\n");
}

const isNumber = (index: number) => index > 0 && index < columns.length - 1;

function cellsOf(row: Row): string[] {
  const { name } = row.scenario;
  if (row.kind !== "played") return [name, "", "", "", "", "", row.kind];
  const { requests, acknowledged, refused, unknown, withoutServiceMs, findings } = row.outcome;
  const numbers = [requests, acknowledged, refused, unknown].map(String);
  const verdict = findings.length === 0 ? "holds" : [...new Set(findings.map(({ what }) => what))].join(", ");
  return [name, ...numbers, (withoutServiceMs / 1000).toFixed(1), verdict];
}

const changedBy = new Intl.ListFormat("en-GB").format(["Solaris", ...Object.keys(vendorCards)]);

/** `docs/faults.md`, whole. */
export function reportPage(rows: readonly Row[]): string {
  const [{ model } = { model: "a processor" }] = cpus();
  const details = rows.map((row) => {
    const found = row.kind === "played" ? row.outcome.findings : [];
    const list = found.map(({ what, subject, detail }) => `\n  - ${what}: ${subject}: ${detail}`).join("");
    return `- **${row.scenario.name}**: ${row.scenario.about}. ${row.kind === "played" ? `Seen: ${row.outcome.seen}.` : `${row.kind}: ${row.why}.`}${list}`;
  });
  return `# Faults

What becomes of answers when something breaks. \`npm run test:faults\` plays it, in less than fifteen minutes, and writes this page; it was written on a machine with ${cpus().length} cores (${model}), Node ${process.versions.node}.

${reportTable(rows)}

Two servers and one PostgreSQL under a steady load: on five cards, PIN changes by ${changedBy}, right and wrong verifications, reveals by those of them that reveal; of two users, Venly's protected requests with right and wrong signing methods. PostgreSQL is the 18 that npm brings, with fsync; the replicated one Debian's 15. Clients wait five seconds for an answer and then send the same message to the other server, until an answer leaves nothing open.

- **acknowledged**: answers that say what was done; **refused**: that nothing was done, "used before" above all, which is what a client hears whose first answer was lost; **unknown**: no answer, or one that leaves it open (5xx).
- **seconds without service**: the longest time in which not one client was told anything definite.
- **holds**: every request and answer was recorded, and afterwards held against the rows, the audit chain and what Venly's upstream received. No acknowledged change is lost; nothing took effect twice, although everything that took effect was sent once more at the end; no more than three wrong PINs in a row were called wrong; for each card there is one order of everything in which every answer is the right one ([faults/explain-by-an-order.ts](../faults/explain-by-an-order.ts)); the chain verifies; and both servers serve again without help. \`tests/faults-checker.test.ts\` shows that the checker names what it is there to name.

What was done, and what was seen:

${details.join("\n")}

A scenario that lacks something on the machine is *left out*, and that is not a pass; one in which the fault did not bite is *not played*, and fails.
`;
}
