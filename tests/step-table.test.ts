import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { it } from "node:test";
import * as stepTable from "../packages/server/src/steps/step-table.ts";

// docs/steps.md is made from the operations themselves, so that a reviewer reads what runs.
const page = new URL("../docs/steps.md", import.meta.url);
const update = "UPDATE_DOCS=1 npm test -- tests/step-table.test.ts";

const rows: Readonly<Record<string, string>> = {
  card: "the card, if this caller may see it",
  cardState: "its state",
  parse: "the message is taken apart",
  sender: "who sealed it",
  key: "the key it names",
  replay: "a look at the replay marks",
  open: "opened, by the vault",
  spend: "what is used once and shows only now",
  body: "the body it was sealed for",
  method: "the signing method, if this caller may use it",
  policy: "the card program's rules",
  settle: "one transaction, and the answer",
};

/** The steps that do nothing, by the names that the table gives them. */
const nothing = new Set(["nobody", "noKey", "nothingUsed", "nothingSealed", "nothingSpent", "noPolicy"]);

type Operation = Readonly<Record<string, unknown>>;

it("docs/steps.md is the table of steps", () => {
  const operations = Object.entries(stepTable).map(([name, operation]) => {
    const steps: Operation = Object.fromEntries(Object.entries(operation));
    return { title: String(steps["name"] ?? name), steps };
  });
  const text = pageOf(operations);
  if (process.env["UPDATE_DOCS"] === "1") {
    mkdirSync(new URL(".", page), { recursive: true });
    writeFileSync(page, text);
  }
  assert.equal(readFileSync(page, "utf8"), text, `docs/steps.md is of yesterday: ${update}`);
});

function pageOf(operations: readonly { title: string; steps: Operation }[]): string {
  const used = Object.entries(rows).filter(([row]) => operations.some(({ steps }) => row in steps));
  const header = `| step | ${operations.map(({ title }) => title.replace(".", ".<br>")).join(" | ")} |`;
  const rule = `| --- |${operations.map(() => " --- |").join("")}`;
  const lines = used.map(
    ([row, meaning]) => `| ${meaning} | ${operations.map(({ steps }) => cell(steps[row])).join(" | ")} |`,
  );
  return `# The table of steps

Which check runs in which operation, from top to bottom; an empty cell is a step that the operation has no use for. The
first that refuses ends it, nothing is changed but that what was spent stays spent, and an audit event says so. Before the first row, at the rim: limits,
who calls, the shape of the request. Each name is a function; \`packages/server/src/steps/step-table.ts\` is the table itself,
and this page is made from it (\`${update}\`).

${[header, rule, ...lines].join("\n")}
`;
}

/** The functions that a cell runs: itself where it has a name of its own, else those that it calls. */
function cell(step: unknown): string {
  if (typeof step !== "function") return "";
  const source = step.toString();
  const isNamed = /^(async )?function/.test(source);
  const called = [...source.matchAll(/(?:=>\s*|await\s+)(\w+)\(/g)].map(([, name]) => name ?? "");
  const names = isNamed ? [step.name] : called;
  assert.notEqual(names.length, 0, `a step calls nothing that has a name: ${source}`);
  return names
    .filter((name) => !nothing.has(name))
    .map((name) => `\`${name}\``)
    .join("<br>");
}
