import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";

/** One statement of a vendor's document, and the requests that show whether it holds. */
export interface Statement {
  /** Of the document's text as it was kept, one line for each paragraph or line of code. */
  readonly line: number;
  readonly says: string;
  /** Where the document contradicts itself, or is wrong: what stands here instead. Otherwise the statement holds. */
  readonly instead?: string;
  readonly check: () => Promise<void>;
}

export function statement(line: number, says: string, check: () => Promise<void>): Statement {
  return { line, says, check };
}

/** A statement that the document contradicts elsewhere: `check` shows what stands here instead. */
export function contradiction(line: number, says: string, instead: string, check: () => Promise<void>): Statement {
  return { line, says, instead, check };
}

export interface Document {
  readonly name: string;
  readonly statements: readonly Statement[];
}

/** One test a statement, named by document and line, and one that the table in the protocol's README is of these statements. */
export function testDocuments(protocol: string, documents: readonly Document[]): void {
  for (const { name, statements } of documents)
    describe(name, () => {
      for (const { line, says, check } of statements) it(`${name}, line ${line}: ${says}`, check);
    });
  it(`the README of ${protocol} has the table of these statements`, () => checkTable(protocol, documents));
}

function checkTable(protocol: string, documents: readonly Document[]): void {
  const path = new URL(`../../packages/protocols/${protocol}/README.md`, import.meta.url);
  const readme = readFileSync(path, "utf8");
  const [before, rest] = readme.split(`${begin}\n`);
  const after = rest?.split(`${end}\n`)[1];
  assert.ok(before !== undefined && after !== undefined, "the README has the place for the table");
  const current = `${before}${begin}\n${documents.map(tableOf).join("\n")}${end}\n${after}`;
  if (process.env["UPDATE_DOCS"] !== undefined) writeFileSync(path, current);
  assert.equal(readFileSync(path, "utf8"), current, "UPDATE_DOCS=1 npm test -- 'tests/conformance/*' makes it anew");
}

const begin = "<!-- conformance:begin -->";
const end = "<!-- conformance:end -->";

function tableOf({ name, statements }: Document): string {
  const rows = statements.map(({ line, says, instead }) => `| ${line} | ${cell(says)} | ${cell(instead ?? "holds")} |`);
  return `**${name}**\n\n| line | it says | here |\n| --- | --- | --- |\n${rows.join("\n")}\n\n`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
