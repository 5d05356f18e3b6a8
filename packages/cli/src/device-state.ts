import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { DeviceKeyJwk } from "./device-key.ts";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import type { Environment } from "./invocation.ts";

export type KeyPurpose = "restricted" | "unrestricted";

/** What the phone in this terminal remembers. Its private keys stand in a file, as no terminal has a keystore. */
export interface DeviceState {
  readonly solarisUrl: string;
  readonly personId: string;
  readonly cardAccountId: string;
  /** The number that OTPs and TANs go to. Known where a sandbox named it. */
  readonly mobileNumber: string | null;
  readonly deviceId: string;
  readonly keys: Readonly<Partial<Record<KeyPurpose, DeviceKeyJwk>>>;
  /** The change request that waits to be confirmed. */
  readonly changeRequestId: string | null;
}

export function defaultStateFile(environment: Environment): string {
  return join(environment["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "linchpin", "device.json");
}

/** @throws Failure when there is no device, or the file is none of ours */
export async function readDevice(path: string): Promise<DeviceState> {
  const state = await findDevice(path);
  if (state === null)
    throw new Failure(exitCodes.deviceMissing, `no device in ${path}: make one with \`linchpin device bind\``);
  return state;
}

/** @throws Failure when the file is none of ours */
export function findDevice(path: string): Promise<DeviceState | null> {
  return findState<DeviceState>(
    path,
    ({ deviceId, keys }) => typeof deviceId === "string" && typeof keys === "object",
    "--state",
  );
}

/**
 * What a phone of this terminal wrote into a file, if `isOurs` says that it is that. Null where there is no file.
 * `option`: names another file.
 * @throws Failure when the file is none of ours
 */
export async function findState<State extends object>(
  path: string,
  isOurs: (state: Partial<State>) => boolean,
  option: "--state" | "--native-state",
): Promise<State | null> {
  try {
    const state = JSON.parse(await readFile(path, "utf8"));
    if (typeof state === "object" && state !== null && isOurs(state)) return state;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Failure(exitCodes.deviceMissing, `${path} holds no device: remove it, or name another file with ${option}`);
}

export function writeDevice(path: string, state: DeviceState): Promise<void> {
  return writeState(path, state);
}

/** The file is there whole or not at all; only its owner reads it. */
export async function writeState(path: string, state: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const written = `${path}.${randomUUID()}`;
  await writeFile(written, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  await rename(written, path);
}

export async function forgetDevice(path: string): Promise<void> {
  await rm(path, { force: true });
}
