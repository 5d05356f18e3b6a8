import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LinchpinError } from "@linchpin/core";

/** Keeps a folder to one process of one machine. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Takes the lock of a folder; a lock that a dead process left behind is taken over. Processes that can not see each
 * other (containers that share a volume) are not kept apart.
 *
 * @throws LinchpinError `storage_in_use` when a living process has it.
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

/** What a lock file says. */
interface Holder {
  readonly pid: number;
  /** Tells a process from a later one with the same id; null where the system does not say. */
  readonly startedAt: string | null;
  readonly nonce: string;
}

/** The locks of this process. */
const held = new Set<string>();

/**
 * Of several that find the same dead holder, the one that locks *that holder's takeover* replaces it; who dies over
 * that leaves a lock which is taken over in the same way.
 */
async function take(path: string, holder: Holder): Promise<void> {
  const written = `${path}.${holder.nonce}`;
  await writeFile(written, JSON.stringify(holder), { mode: 0o600, flag: "wx" });
  try {
    // A link appears with its content, or not at all because there is one already.
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
    // Only a machine that lost its power leaves a lock without its content.
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

/** Boot and clock tick at which a process started; null when it is gone, or the system has no /proc. */
async function startOfProcess(pid: number): Promise<string | null> {
  try {
    const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // After the name, which may hold anything: field 3 is the state, field 22 the start (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const isDead = fields[0] === "Z" || fields[0] === "X";
    return isDead ? null : `${boot} ${fields[19]}`;
  } catch {
    return null;
  }
}
