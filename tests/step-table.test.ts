import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { it } from "node:test";
import { isStepName, type StepColumn, type StepName, stepRows } from "../packages/server/src/context/step-rows.ts";
import { pinOperations } from "../packages/server/src/pin/operations.ts";
import { protocolTable } from "../packages/server/src/protocol-table.ts";

// docs/steps.md is made from the operations themselves, so that a reviewer reads what runs.
const page = new URL("../docs/steps.md", import.meta.url);
const update = "UPDATE_DOCS=1 npm test -- tests/step-table.test.ts";
const columns = [...pinOperations, ...protocolTable.flatMap(({ operations }) => operations)];

it("docs/steps.md is the step table", () => {
  const text = pageOf(columns.toSorted((a, b) => a.name.localeCompare(b.name, "en")));
  if (process.env["UPDATE_DOCS"] === "1") {
    mkdirSync(new URL(".", page), { recursive: true });
    writeFileSync(page, text);
  }
  assert.equal(readFileSync(page, "utf8"), text, `docs/steps.md is out of date: ${update}`);
});

it("every cell is a function with a name of its own, or null", () => {
  for (const column of columns)
    for (const [member, cell] of Object.entries<unknown>({ ...column })) {
      if (!isStepName(member) || cell === null) continue;
      assert.equal(typeof cell, "function", `${column.name} ${member}`);
      assert.notEqual((cell as { name: string }).name, member, `${column.name} ${member} has no name of its own`);
    }
});

it("an attempt is counted before a PIN is compared with the PIN history, in every operation that answers", () => {
  const comparing = columns.filter(({ policy }) => policy != null && !policy.name.startsWith("checkRulesOfDigits"));
  const names = comparing.map(({ name }) => name);
  for (const name of ["adyen.pins.change", "solaris.change_requests.confirm", "solaris.pin_update_requests"])
    assert.ok(names.includes(name), name);
  for (const { name, attempt } of comparing) assert.ok(attempt != null, name);
});

it("every column belongs to the protocol that it is named after", () => {
  for (const { name, operations } of protocolTable)
    for (const column of operations) assert.ok(column.name.startsWith(`${name}.`), column.name);
});

function pageOf(operations: readonly StepColumn[]): string {
  const rows = (Object.entries(stepRows) as [StepName, string][]).filter(([step]) =>
    operations.some((operation) => operation[step] != null),
  );
  const header = `| step | ${operations.map(({ name }) => name.replace(".", ".<br>")).join(" | ")} |`;
  const rule = `| --- |${operations.map(() => " --- |").join("")}`;
  const lines = rows.map(
    ([step, meaning]) => `| ${meaning} | ${operations.map((operation) => cell(operation[step])).join(" | ")} |`,
  );
  return `# The step table

Which step runs in which operation, from top to bottom. An empty cell means that the operation has no such step. The
first step that refuses ends the operation: nothing is changed, except that what was spent stays spent, and an audit
event records the refusal. Before the first row, HTTP checks limits, the caller's credentials and the shape of the
request. Each name is a function. The columns are the \`operations\` of each protocol's folder in
\`packages/server/src/protocols/\` and of \`packages/server/src/pin/\`; this page is made from them (\`${update}\`).

${[header, rule, ...lines].join("\n")}
`;
}

function cell(step: StepColumn[StepName]): string {
  return step == null ? "" : `\`${step.name}\``;
}
