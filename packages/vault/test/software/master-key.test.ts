import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";
import { LinchpinError } from "@linchpin/core";
import { makeMasterKeyFile, parseMasterKey, readMasterKeyFile } from "../../src/software/master-key.ts";

const random = randomBytes(32);

describe("the text of a master key", () => {
  const accepted: Record<string, string> = {
    base64: random.toString("base64"),
    "hexadecimal digits": random.toString("hex"),
    "hexadecimal digits in capitals": random.toString("hex").toUpperCase(),
    "a line": `${random.toString("base64")}\n`,
  };
  for (const [what, text] of Object.entries(accepted))
    it(`is accepted as ${what}`, () => assert.deepEqual(Buffer.from(parseMasterKey(text)), random));

  const pattern = (byteAt: (index: number) => number) =>
    Buffer.from(Uint8Array.from({ length: 32 }, (_, at) => byteAt(at)));
  const refused: Record<string, string> = {
    "nothing at all": "",
    "white space": " \n",
    "31 bytes": random.subarray(1).toString("base64"),
    "33 bytes": randomBytes(33).toString("base64"),
    "63 hexadecimal digits": random.toString("hex").slice(1),
    "65 hexadecimal digits": `${random.toString("hex")}0`,
    "base64 without its padding": random.toString("base64").slice(0, -1),
    base64url: Buffer.concat([Buffer.from([0xfb, 0xff]), random.subarray(2)]).toString("base64url"),
    "base64 with a stray character": `*${random.toString("base64").slice(1)}`,
    "base64 with a bit too many": "3q2+796tvu8BI0VniavN7/7cuph2VDIQDx4tPEtaaXi=",
    "a passphrase of 32 characters": "correct horse battery staple, 32",
    "two keys": `${random.toString("base64")}\n${random.toString("base64")}`,
    zeros: "0".repeat(64),
    "one byte all over": Buffer.alloc(32, 0xa5).toString("base64"),
    "bytes that count up": pattern((at) => at).toString("hex"),
    "bytes that count down in threes": pattern((at) => 255 - 3 * at).toString("hex"),
    "four bytes over and over": "deadbeef".repeat(8),
    "one byte and zeros": pattern((at) => (at === 31 ? 1 : 0)).toString("hex"),
  };
  for (const [what, text] of Object.entries(refused))
    it(`is refused as ${what}, and not quoted`, () => {
      assert.throws(
        () => parseMasterKey(text),
        (error) => {
          assert.ok(error instanceof LinchpinError);
          assert.equal(error.code, "settings_invalid");
          const quoted = text.trim().slice(0, 12);
          assert.ok(quoted === "" || !`${error.message} ${error.reason}`.includes(quoted));
          return true;
        },
      );
    });
});

describe("the file of a master key", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "linchpin-master-key-"));
  });
  after(() => rm(folder, { recursive: true }));
  const fileWith = async (name: string, text: string, mode: number) => {
    const path = join(folder, name);
    await writeFile(path, text);
    await chmod(path, mode);
    return path;
  };

  it("is made with mode 0600, and read", async () => {
    const path = join(folder, "made");
    await makeMasterKeyFile(path);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await readMasterKeyFile(path)).length, 32);
  });

  it("is made with another key each time", async () => {
    await Promise.all([makeMasterKeyFile(join(folder, "one")), makeMasterKeyFile(join(folder, "other"))]);
    assert.notDeepEqual(await readMasterKeyFile(join(folder, "one")), await readMasterKeyFile(join(folder, "other")));
  });

  it("is never replaced", async () => {
    const path = await fileWith("kept", random.toString("hex"), 0o600);
    await makeMasterKeyFile(path);
    assert.deepEqual(Buffer.from(await readMasterKeyFile(path)), random);
  });

  it("is made once by many at once, and nothing is left beside it", async () => {
    const path = join(folder, "contended");
    const keys = await Promise.all(
      Array.from({ length: 16 }, () => makeMasterKeyFile(path).then(() => readMasterKeyFile(path))),
    );
    assert.equal(new Set(keys.map((key) => inspect(key))).size, 1);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith("contended")),
      ["contended"],
    );
  });

  it("is not made in a folder that is missing", async () => {
    await assert.rejects(makeMasterKeyFile(join(folder, "missing", "key")), { code: "settings_invalid" });
  });

  it("is not made by reading", async () => {
    await assert.rejects(readMasterKeyFile(join(folder, "absent")), { code: "settings_invalid" });
    assert.ok(!(await readdir(folder)).includes("absent"));
  });

  for (const mode of [0o640, 0o604, 0o644, 0o660, 0o666, 0o610])
    it(`is refused with mode ${mode.toString(8)}`, async () => {
      const path = await fileWith(`mode ${mode}`, random.toString("hex"), mode);
      await assert.rejects(readMasterKeyFile(path), { code: "settings_invalid", reason: /chmod 600/ });
    });

  it("is read with mode 0400", async () => {
    const path = await fileWith("read only", random.toString("hex"), 0o400);
    assert.deepEqual(Buffer.from(await readMasterKeyFile(path)), random);
  });

  it("is read from root's file by its group, where this process is not root", {
    skip: process.geteuid?.() !== 0 && "needs root",
  }, async () => {
    const [nobody, path] = [65534, await fileWith("of root", random.toString("hex"), 0o440)];
    await chown(path, 0, nobody);
    await chmod(folder, 0o711);
    const asNobody = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      process.setegid?.(nobody);
      process.seteuid?.(nobody);
      return work().finally(() => {
        process.seteuid?.(0);
        process.setegid?.(0);
      });
    };
    assert.deepEqual(Buffer.from(await asNobody(() => readMasterKeyFile(path))), random);
    for (const mode of [0o460, 0o444, 0o450]) {
      await chmod(path, mode);
      await assert.rejects(
        asNobody(() => readMasterKeyFile(path)),
        { code: "settings_invalid", reason: /chmod 600/ },
      );
    }
  });

  it("is refused when it is empty", async () => {
    await assert.rejects(readMasterKeyFile(await fileWith("empty", "", 0o600)), { code: "settings_invalid" });
  });

  it("is refused when it is a folder", async () => {
    const inner = await mkdtemp(join(folder, "inner-"));
    await assert.rejects(readMasterKeyFile(inner), { code: "settings_invalid" });
  });
});
