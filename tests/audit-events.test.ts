import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { it } from "node:test";
import { sandboxAudit } from "../packages/sandbox/src/audit.ts";
import { type AuditCatalogue, type AuditEventKind, issuerAudit } from "../packages/server/src/audit/index.ts";
import { pinOperations } from "../packages/server/src/pin/operations.ts";
import { protocolTable } from "../packages/server/src/protocol-table.ts";

// docs/audit-events.md is made from the catalogues that the code takes its events from, so that an operator can look up
// each event that is written.
const page = new URL("../docs/audit-events.md", import.meta.url);
const update = "UPDATE_DOCS=1 npm test -- tests/audit-events.test.ts";
const catalogues: readonly (readonly [owner: string, catalogue: AuditCatalogue])[] = [
  ["issuer", issuerAudit],
  ...protocolTable.map(({ name, auditEvents }) => [name, auditEvents] as const),
  ["sandbox", sandboxAudit],
];

it("docs/audit-events.md lists every audit event", () => {
  const text = pageOfCatalogues();
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(page, text);
  assert.equal(readFileSync(page, "utf8"), text, `docs/audit-events.md is out of date: ${update}`);
});

it("every operation belongs to the owner that it is named after", () => {
  for (const [owner, catalogue] of catalogues)
    for (const operation of Object.keys(catalogue))
      assert.ok(operation.startsWith(`${owner}.`) || operation === "{METHOD} {route}", operation);
});

it("a column of the step table and its audit event have one name", () => {
  const columns = [...pinOperations, ...protocolTable.flatMap(({ operations }) => operations)];
  const named = columns.flatMap((column) => ("event" in column ? [[column.name, operationOf(column.event)]] : []));
  assert.ok(named.length > 0);
  for (const [name, operation] of named) assert.equal(operation, name);
});

function operationOf(event: unknown): string {
  return (event as { operation: string }).operation;
}

function pageOfCatalogues(): string {
  return `# Audit events

Every change and every refusal appends an audit event; \`GET /issuer/v1/audit-events\` returns them, and
[audit-export.md](audit-export.md) says how to verify their chain. The \`content\` of an event is JSON with these members,
in this order:

| member | meaning |
| --- | --- |
| \`occurredAt\` | time of the event |
| \`cardId\` | id of the card; null where the event is about no card |
| \`outcome\` | \`done\`, or \`refused\` |
| \`code\`, \`reason\` | why it was refused; only where \`outcome\` is \`refused\`, and \`reason\` only where there is one |
| \`operation\` | one of the operations below |
| \`caller\` | \`kind\` is \`partner\` (with \`partnerId\`, \`clientId\`, \`roles\`), \`operator\` (with \`name\`), or \`house\` for what the issuer does by itself; read \`system\` as \`house\` |
| facts | those of the operation, below |
| \`requestId\` | id of the request, as in the log lines and in the answer's \`x-request-id\`; absent for what the issuer does by itself, and in events of earlier versions |

A fact stands in an event only where it is known: a refusal has those that the request named. No fact is a secret.
A digest stands in place of a text that a caller sent, which may be a secret in the wrong field: \`keyId\` and
\`hmacSha256\`, the HMAC-SHA-256 of the text under a key that is derived from the vault's \`audit-text\` key. Digests of
one text are equal under one key. Events of earlier versions have a plain SHA-256 instead, in facts whose names end in
\`Sha256\`. This page is made from the catalogues in the code (\`${update}\`).
${catalogues.map(([owner, catalogue]) => sectionOf(owner, Object.values(catalogue))).join("")}`;
}

function sectionOf(owner: string, kinds: readonly AuditEventKind[]): string {
  const rows = kinds.map(({ operation, when, facts }) => `| \`${operation}\` | ${when} | ${factsOf(facts)} |`);
  return `
## ${owner}

| operation | when | facts |
| --- | --- | --- |
${rows.join("\n")}
`;
}

function factsOf(facts: Readonly<Record<string, string>>): string {
  return Object.entries(facts)
    .map(([name, meaning]) => `\`${name}\`: ${meaning}`)
    .join("<br>");
}
