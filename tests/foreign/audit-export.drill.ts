import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { linchpin } from "@linchpin/test-fixtures/command/linchpin";
import { placeEmptyDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { runLinchpin } from "../issuer-process.ts";

const python = "/usr/bin/python3";
const verifier = join(import.meta.dirname, "../../docs/verify-audit-export.py");
const noPython = needsProgram([python, "-c", "import cryptography"], "python3-cryptography");

type Line = Record<string, unknown> & { type: string };

describe("an export of the audit", () => {
  let issuer: SandboxIssuer;
  let folder: string;
  let lines: Line[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "linchpin-export-"));
    const dataFolder = join(folder, "data");
    await placeEmptyDatabase(join(dataFolder, "store"));
    issuer = await startSandboxIssuer({ dataFolder, embedded: true });
    const holder = await SolarisCardholder.create(issuer.url);
    await holder.changePin("1928", await holder.bindDevice());
    // A shutdown takes a checkpoint: one by the first key, and one by the next.
    await issuer.stop();
    issuer = await startSandboxIssuer({ dataFolder, embedded: true });
    await (await SolarisCardholder.create(issuer.url)).operator("POST", "/keys/audit/rotate");
    await issuer.stop();
    issuer = await startSandboxIssuer({ dataFolder, embedded: true });
    const { exitCode, output } = await runLinchpin({ LINCHPIN_URL: issuer.url }, "audit", "export");
    assert.equal(exitCode, 0, output);
    lines = output
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  });
  after(async () => {
    await issuer.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const write = async (exported: readonly Line[]) => {
    const path = join(folder, "audit.jsonl");
    await writeFile(path, exported.map((line) => `${JSON.stringify(line)}\n`).join(""));
    return path;
  };
  const verify = async (exported: readonly Line[], ...options: string[]) => {
    const { status, stdout, stderr } = spawnSync(python, [verifier, await write(exported), ...options], {
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  };
  /** The same by our own verifier. */
  const verifyByLinchpin = async (exported: readonly Line[], ...options: string[]) =>
    linchpin(["audit", "verify", "--export", await write(exported), ...options]);
  const indexOf = (type: string, nth = 0) =>
    lines.flatMap((line, index) => (line.type === type ? [index] : []))[nth] ?? -1;
  const altered = (index: number, change: object) => lines.with(index, { ...(lines[index] as Line), ...change });

  it("is whole to somebody else's cryptography, signed by both keys", { skip: noPython }, async () => {
    const { status, stdout, stderr } = await verify(lines);
    assert.equal(status, 0, stderr);
    assert.match(
      stdout,
      /^whole: [0-9]+ events, [2-9] checkpoints\nsigned by [0-9a-f]{64}\nsigned by [0-9a-f]{64}\nlast checkpoint [0-9]+:[0-9a-f]{64}\n$/,
    );
    const ours = await verifyByLinchpin(lines);
    assert.equal(ours.code, 0);
    // The two list the keys in an order of their own.
    assert.deepEqual(ours.stdout.split("\n").toSorted(), `the chain is ${stdout}`.split("\n").toSorted());
  });

  it("must contain the checkpoint that was noted", { skip: noPython }, async () => {
    const [, last = ""] = /last checkpoint (\S+)/.exec((await verify(lines)).stdout) ?? [];
    const [sequence = "", sha256 = ""] = last.split(":");
    assert.equal((await verify(lines, "--expect", last)).status, 0);
    assert.equal((await verifyByLinchpin(lines, "--expect", last)).code, 0);
    for (const noted of [`${sequence}:${"0".repeat(64)}`, `${Number(sequence) + 1}:${sha256}`]) {
      assert.match((await verify(lines, "--expect", noted)).stderr, /the expected checkpoint/);
      const { code, stdout } = await verifyByLinchpin(lines, "--expect", noted);
      assert.equal(code, 1);
      assert.match(stdout, /is missing|is not the one that --expect names/);
    }
  });

  it("is found out when anything of it is altered, dropped or exchanged", { skip: noPython }, async () => {
    const [event, checkpoint] = [indexOf("event"), indexOf("checkpoint")];
    const tamperings: [RegExp, readonly Line[]][] = [
      [/is not what was written/, altered(event, { content: "{}" })],
      [/is not what was written/, altered(event, { cardId: "another" })],
      [/should|is gone|does not end/, lines.toSpliced(event, 1)],
      [/should|is not what/, lines.toSpliced(event, 2, ...lines.slice(event, event + 2).toReversed())],
      [/not signed/, altered(checkpoint, { content: `${lines[checkpoint]?.["content"]} ` })],
      [/checkpoint 1 is missing/, lines.toSpliced(checkpoint, 1)],
      [/not signed/, altered(indexOf("key"), { publicKey: lines[indexOf("key", 1)]?.["publicKey"] })],
      [/was cut off/, lines.slice(0, -1)],
      [/number of shards/, lines.filter(({ type, shard }) => !/head|event/.test(type) || shard !== 15)],
      [/head of a shard is missing/, lines.filter(({ type }) => !/head|event|checkpoint/.test(type))],
      [/has no head|another number/, lines.filter(({ type, shard }) => type !== "head" || shard !== 15)],
    ];
    for (const [words, exported] of tamperings) {
      const { status, stderr } = await verify(exported);
      assert.equal(status, 1);
      assert.match(stderr, words);
      assert.equal((await verifyByLinchpin(exported)).code, 1);
    }
  });

  it("is signed so that openssl says so too", { skip: needsProgram(["openssl", "version"], "openssl") }, async () => {
    const { content, signature, keyId } = lines[indexOf("checkpoint")] ?? assert.fail();
    const key = lines.find(({ type, id }) => type === "key" && id === keyId) ?? assert.fail();
    const publicKey = createPublicKey({
      key: Buffer.from(String(key["publicKey"]), "base64"),
      format: "der",
      type: "spki",
    });
    const path = (name: string) => join(folder, name);
    await writeFile(path("key.pem"), publicKey.export({ format: "pem", type: "spki" }));
    await writeFile(path("content"), String(content));
    await writeFile(path("signature"), derOf(Buffer.from(String(signature), "base64")));
    const command = ["dgst", "-sha256", "-verify", path("key.pem"), "-signature", path("signature"), path("content")];
    assert.match(execFileSync("openssl", command, { encoding: "utf8" }), /Verified OK/);
  });
});

/** RFC 3279 §2.2.3, from `r ‖ s`. */
function derOf(signature: Buffer): Buffer {
  const integer = (bytes: Buffer) => {
    const from = bytes.findIndex((byte) => byte !== 0);
    const trimmed = bytes.subarray(from);
    const positive = (trimmed[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed;
    return Buffer.concat([Buffer.of(2, positive.length), positive]);
  };
  const body = Buffer.concat([integer(signature.subarray(0, 32)), integer(signature.subarray(32))]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}
