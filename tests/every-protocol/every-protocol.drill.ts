import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { protocolTable } from "@linchpin/server";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import * as issuerApi from "./issuer.ts";
import type { PinAccess } from "./pin-access.ts";

const ofProtocols = await Promise.all(protocolTable.map(({ name }): Promise<PinAccess> => import(`./${name}.ts`)));
const writers: PinAccess["writers"] = Object.assign({}, ...[...ofProtocols, issuerApi].map(({ writers }) => writers));
const readers: PinAccess["readers"] = Object.assign({}, ...[issuerApi, ...ofProtocols].map(({ readers }) => readers));

const readmePath = new URL("../../README.md", import.meta.url);
const update = "UPDATE_README=1 npm run test:drills -- tests/every-protocol/every-protocol.drill.ts";

describe("one card behind every protocol", () => {
  let issuer: SandboxIssuer;
  const held = new Set<string>();
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  let count = 0;
  for (const [writer, write] of Object.entries(writers))
    for (const [reader, read] of Object.entries(readers))
      it(`a PIN set by ${writer} is ${reader}, and no other is`, async () => {
        const holder = await SolarisCardholder.create(issuer.url);
        count += 1;
        await write(holder, "7391");
        const digits = await write(holder, `0${String(count).padStart(2, "5")}8`);
        assert.ok(await read(holder, digits));
        const another = String((Number(digits) + 1) % 10_000).padStart(4, "0");
        assert.ok(!(await read(holder, another)));
        assert.equal((await holder.card()).pin.version, 2);
        held.add(`${writer} ${reader}`);
      });

  it("is what the README says", () => {
    const readme = readFileSync(readmePath, "utf8");
    const table = pairsTable((writer, reader) => held.has(`${writer} ${reader}`));
    const written = readme.replace(/(<!-- pairs:begin -->\n).*?(\n<!-- pairs:end -->)/s, `$1${table}$2`);
    if (process.env["UPDATE_README"] === "1") writeFileSync(readmePath, written);
    else assert.equal(readme, written, `README.md has another table than these tests make: ${update}`);
    assert.ok(written.includes(table), "README.md has the marks <!-- pairs:begin --> and <!-- pairs:end -->");
  });
});

function pairsTable(holds: (writer: string, reader: string) => boolean): string {
  const columns = Object.keys(readers);
  const rows = Object.keys(writers).map((writer) => [
    writer,
    ...columns.map((reader) => (holds(writer, reader) ? "yes" : "no")),
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [["a PIN set by", ...columns], ["", ...columns].map(() => "---"), ...rows].map(line).join("\n");
}
