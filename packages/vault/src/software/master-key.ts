import { randomBytes } from "node:crypto";
import { link, open, unlink } from "node:fs/promises";
import { LinchpinError } from "@linchpin/core";
import { readSecretFile } from "../secret-file.ts";

/**
 * The 32 bytes of a master key from its text: 64 hexadecimal digits or 44 characters of base64, white space around it
 * aside (`openssl rand -hex 32`, `openssl rand -base64 32`).
 *
 * @throws LinchpinError `settings_invalid`: not such a text, or bytes that nobody drew at random.
 */
export function parseMasterKey(text: string): Uint8Array {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, /^[0-9a-f]{64}$/i.test(trimmed) ? "hex" : "base64");
  const canonical = key.toString("base64") === trimmed || key.toString("hex") === trimmed.toLowerCase();
  if (key.length !== 32 || !canonical) throw invalid("a master key is 32 bytes, as hexadecimal digits or base64");
  if (isPattern(key)) throw invalid("the master key is not random: draw one with openssl rand -base64 32");
  return key;
}

/**
 * The master key in a file that holds its text and that only its owner may read.
 *
 * @throws LinchpinError `settings_invalid`: no such file, readable by others, or not a master key.
 */
export async function readMasterKeyFile(path: string): Promise<Uint8Array> {
  return parseMasterKey(await readSecretFile("master key file", path));
}

/**
 * Makes a master key file with mode 0600, whole or not at all. A file that is there stays as it is, so that several
 * processes that start at once read one key.
 *
 * @throws LinchpinError `settings_invalid`: the folder is missing or can not be written to.
 */
export async function makeMasterKeyFile(path: string): Promise<void> {
  try {
    await writeNew(path, randomBytes(32)).catch(passIfExists);
  } catch (cause) {
    throw invalid(`master key file ${path} can not be made`, cause);
  }
}

/**
 * Writes a master key that was restored, likewise; never over a file that is there.
 *
 * @throws LinchpinError `settings_invalid`: there is a file, or the folder can not be written to.
 */
export async function writeMasterKeyFile(path: string, masterKey: Uint8Array): Promise<void> {
  try {
    await writeNew(path, masterKey);
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === "EEXIST";
    throw invalid(`master key file ${path} ${isThere ? "is there already" : "can not be made"}`, cause);
  }
}

async function writeNew(path: string, masterKey: Uint8Array): Promise<void> {
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  await writeDurably(draft, `${Buffer.from(masterKey).toString("base64")}\n`);
  // Unlike a rename, a link never replaces the key that another process has just made.
  await link(draft, path).finally(() => unlink(draft));
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function passIfExists(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}

/** 32 random bytes have about 30 values and steps between them; a repeated or counted text has few of one. */
function isPattern(key: Uint8Array): boolean {
  const steps = key.map((byte, index) => byte - (key[index - 1] ?? 0));
  return new Set(key).size < 16 || new Set(steps).size < 16;
}

function invalid(reason: string, cause?: unknown): LinchpinError {
  return new LinchpinError("settings_invalid", { reason, cause });
}
