import { type FileHandle, open } from "node:fs/promises";
import { LinchpinError } from "@linchpin/core";

/**
 * Reads the text of a file that only its owner can access. A file of root may be readable by its group too, where this
 * process is not root: so Kubernetes and systemd hand secrets to a service. `what` names the file in messages to the
 * operator.
 *
 * @throws LinchpinError `settings_invalid`: the file cannot be read, or others than its owner can access it
 */
export async function readSecretFile(what: string, path: string): Promise<string> {
  const file = await open(path, "r").catch((cause) => {
    throw unreadable(what, path, cause);
  });
  try {
    await refuseAccessByOthers(file, what, path);
    return await file.readFile("utf8");
  } catch (error) {
    throw error instanceof LinchpinError ? error : unreadable(what, path, error);
  } finally {
    await file.close();
  }
}

async function refuseAccessByOthers(file: FileHandle, what: string, path: string): Promise<void> {
  // Windows has no such permission bits; Node invents them there.
  if (process.platform === "win32") return;
  const { mode, uid } = await file.stat();
  const isFromRoot = uid === 0 && process.geteuid?.() !== 0;
  if ((mode & (isFromRoot ? 0o037 : 0o077)) === 0) return;
  throw new LinchpinError("settings_invalid", {
    reason: `${what} ${path} is open to others than its owner: chmod 600 it`,
  });
}

function unreadable(what: string, path: string, cause: unknown): LinchpinError {
  return new LinchpinError("settings_invalid", { reason: `${what} ${path} can not be read`, cause });
}
