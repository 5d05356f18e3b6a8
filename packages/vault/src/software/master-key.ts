import { randomBytes } from "node:crypto";
import { link, open, unlink } from "node:fs/promises";
import { LinchpinError } from "@linchpin/core";
import { readSecretFile } from "../secret-file.ts";

/**
 * Parses the text of a master key: 64 hexadecimal digits or 44 characters of base64, as `openssl rand -hex 32` and
 * `openssl rand -base64 32` print them. White space around it is ignored. The result has 32 bytes.
 *
 * @throws LinchpinError `settings_invalid`: the text has another form, or its bytes are clearly not random
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
 * Reads a master key from a file that holds its text and that only its owner can access.
 *
 * @throws LinchpinError `settings_invalid`: the file cannot be read, others can access it, or it holds no master key
 */
export async function readMasterKeyFile(path: string): Promise<Uint8Array> {
  return parseMasterKey(await readSecretFile("master key file", path));
}

/** A random master key, which is stored nowhere. */
export function makeMasterKey(): Uint8Array {
  return randomBytes(32);
}

/**
 * Makes a file of mode 0600 with a random master key. The file appears complete or not at all. An existing file is left
 * as it is, so that several processes that start at once read the same key.
 *
 * @throws LinchpinError `settings_invalid`: the folder does not exist or is not writable
 */
export async function makeMasterKeyFile(path: string): Promise<void> {
  try {
    await writeNew(path, makeMasterKey()).catch(passIfExists);
  } catch (cause) {
    throw invalid(`master key file ${path} can not be made`, cause);
  }
}

/**
 * Writes a restored master key to a new file of mode 0600, which appears complete or not at all.
 *
 * @throws LinchpinError `settings_invalid`: the file exists already, or the folder is not writable
 */
export async function writeMasterKeyFile(path: string, masterKey: Uint8Array): Promise<void> {
  try {
    await writeNew(path, masterKey);
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === "EEXIST";
    throw invalid(`master key file ${path} ${exists ? "is there already" : "can not be made"}`, cause);
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

/**
 * Whether the bytes are clearly not random. 32 random bytes have about 30 different values, and as many differences
 * between neighbours; a repeated pattern has few values, and a counted one has few differences.
 */
function isPattern(key: Uint8Array): boolean {
  const differences = key.map((byte, index) => byte - (key[index - 1] ?? 0));
  return new Set(key).size < 16 || new Set(differences).size < 16;
}

function invalid(reason: string, cause?: unknown): LinchpinError {
  return new LinchpinError("settings_invalid", { reason, cause });
}
