import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, test } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { lockFolder } from "../../src/database/folder-lock.ts";

describe("the lock of a folder", () => {
  let folder: string;
  const folders: string[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "linchpin-lock-"));
    folders.push(folder);
  });
  after(async () => {
    for (const path of folders) await rm(path, { recursive: true });
  });

  test("it is held by one at a time, and leaves nothing behind", async () => {
    const lock = await lockFolder(folder);
    await assert.rejects(lockFolder(folder), isInUse);
    await lock.release();
    await (await lockFolder(folder)).release();
    assert.deepEqual(await readdir(folder), []);
  });

  test("it is refused while another process lives", async () => {
    const child = spawn("sleep", ["60"]);
    await once(child, "spawn");
    await writeLock(folder, { pid: child.pid, startedAt: await startOf(child.pid) });
    await assert.rejects(lockFolder(folder), isInUse);
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    await (await lockFolder(folder)).release();
  });

  test("it is taken over from a dead process", async () => {
    await writeLock(folder, { pid: 2 ** 22 + 1, startedAt: null });
    await (await lockFolder(folder)).release();
  });

  test("it is taken over from a process whose id another has now, this one's own id too", async () => {
    for (const pid of [process.pid, process.ppid]) {
      await writeLock(folder, { pid, startedAt: "an earlier boot 1" });
      await (await lockFolder(folder)).release();
    }
    await writeLock(folder, { pid: process.pid, startedAt: null });
    await (await lockFolder(folder)).release();
  });

  test("where nothing says when a process started, one that runs is taken at its word", async () => {
    await writeLock(folder, { pid: process.ppid, startedAt: null });
    await assert.rejects(lockFolder(folder), isInUse);
  });

  test("it is taken over when it was damaged", async () => {
    await writeFile(join(folder, "lock"), "");
    await (await lockFolder(folder)).release();
  });

  test("it is taken over when others died of taking it over", async () => {
    const dead = { pid: 2 ** 22 + 1, startedAt: null };
    await writeLock(folder, { ...dead, nonce: "a" });
    await writeLock(folder, { ...dead, nonce: "b" }, "lock.a.takeover");
    await writeLock(folder, { ...dead, nonce: "c" }, "lock.a.takeover.b.takeover");
    await (await lockFolder(folder)).release();
    assert.deepEqual(await readdir(folder), []);
  });

  test("of many processes that start at once one gets the lock, fresh or stale", async () => {
    for (const stale of [false, true, true, true]) {
      if (stale) await writeLock(folder, { pid: 2 ** 22 + 1, startedAt: null });
      const attempts = await Promise.allSettled(Array.from({ length: 30 }, () => lockFolder(folder)));
      const locks = attempts.filter((attempt) => attempt.status === "fulfilled");
      assert.ok(attempts.every((attempt) => attempt.status === "fulfilled" || isInUse(attempt.reason)));
      assert.equal(locks.length, 1);
      await locks[0]?.value.release();
      assert.deepEqual(await readdir(folder), []);
    }
  });

  test("a holder that lost the lock does not release the one of another", async () => {
    const lock = await lockFolder(folder);
    await writeLock(folder, { pid: 1, startedAt: null, nonce: "another" });
    await lock.release();
    assert.match(await readFile(join(folder, "lock"), "utf8"), /another/);
  });
});

const isInUse = (error: unknown) => error instanceof LinchpinError && error.code === "storage_in_use";

async function writeLock(folder: string, holder: object, name = "lock"): Promise<void> {
  await writeFile(join(folder, name), JSON.stringify({ nonce: "stale", ...holder }));
}

/** As the lock file has it. Null when there is no /proc. */
async function startOf(pid: number | undefined): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (stat === null) return null;
  const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  return `${boot} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
}
