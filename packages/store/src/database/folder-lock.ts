import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LinchpinError } from "@linchpin/core";

/** The exclusive use of a folder by one process of this machine. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Locks a folder. A lock that a dead process left behind is taken over. The lock does not work between processes that
 * cannot see each other, such as containers that share a volume.
 *
 * @throws LinchpinError `storage_in_use` when a running process holds the lock.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, "lock");
  const holder: Holder = { pid: process.pid, startedAt: await startOfProcess(process.pid), nonce: randomUUID() };
  await take(path, holder);
  held.add(holder.nonce);
  return {
    release: async () => {
      held.delete(holder.nonce);
      if ((await readHolder(path))?.nonce === holder.nonce) await rm(path, { force: true });
    },
  };
}

/** The content of a lock file. */
interface Holder {
  readonly pid: number;
  /** Distinguishes a process from a later one with the same pid. Null when the system does not report it. */
  readonly startedAt: string | null;
  readonly nonce: string;
}

/** The nonces of the locks that this process holds. */
const held = new Set<string>();

/**
 * Creates the lock file. When several processes find the same dead holder, only the one that takes a second lock, named
 * after that holder, replaces the file. If that process dies too, its second lock is taken over in the same way.
 */
async function take(path: string, holder: Holder): Promise<void> {
  const written = `${path}.${holder.nonce}`;
  await writeFile(written, JSON.stringify(holder), { mode: 0o600, flag: "wx" });
  try {
    // A hard link appears together with its content, and fails when the file exists.
    while (!(await appears(link(written, path)))) {
      const former = await readHolder(path);
      if (former === null) continue;
      if (await isAlive(former)) throw inUse();
      return await takeOver(path, former, written, holder);
    }
  } finally {
    await rm(written, { force: true });
  }
}

async function takeOver(path: string, former: Holder, written: string, holder: Holder): Promise<void> {
  const takeover = `${path}.${former.nonce}.takeover`;
  await take(takeover, { ...holder, nonce: randomUUID() });
  try {
    if ((await readHolder(path))?.nonce !== former.nonce) throw inUse();
    await rename(written, path);
  } finally {
    await rm(takeover, { force: true });
  }
}

function inUse(): LinchpinError {
  return new LinchpinError("storage_in_use", { reason: "the lock in the folder is held by a living process" });
}

async function appears(linked: Promise<void>): Promise<boolean> {
  try {
    await linked;
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    // Only a power failure leaves a lock file without its content.
    if (error instanceof SyntaxError) return { pid: 0, startedAt: "", nonce: "damaged" };
    throw error;
  }
}

async function isAlive({ pid, startedAt, nonce }: Holder): Promise<boolean> {
  if (startedAt !== null) return (await startOfProcess(pid)) === startedAt;
  return pid === process.pid ? held.has(nonce) : isRunning(pid);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The boot id and the clock tick at which a process started. Null when it has ended, or when there is no /proc. */
async function startOfProcess(pid: number): Promise<string | null> {
  try {
    const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // Fields are counted after the name, which may contain any character. Field 3 is the state, field 22 the start
    // (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const isDead = fields[0] === "Z" || fields[0] === "X";
    return isDead ? null : `${boot} ${fields[19]}`;
  } catch {
    return null;
  }
}
