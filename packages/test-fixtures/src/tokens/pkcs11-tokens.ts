import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A token in a new folder, and the URI that names it. */
export interface TestToken {
  readonly uri: string;
  readonly label: string;
  readonly folder: string;
  readonly modulePath: string;
  readonly libraryParameters: string | null;
  readonly pin: string;
  readonly pinFile: string;
  remove(): Promise<void>;
}

/** For `skip`: false where tokens of this kind can be made, else what is missing. */
export const needsSoftHsm = () => needs("softhsm2-util", softHsmModule(), "softhsm2");
export const needsNss = () => needs("certutil", nssModule(), "libnss3-tools");
export const needsSpy = () => (existsSync(spyModule) ? false : "needs pkcs11-spy.so (apt-get install opensc-pkcs11)");

export const needsTool = () => (isInstalled("pkcs11-tool") ? false : "needs pkcs11-tool (apt-get install opensc)");

/**
 * The URI of the same token, reached through OpenSC's spy module. The spy loads the module that PKCS11SPY names, and
 * writes every call to the file that PKCS11SPY_OUTPUT names.
 */
export function spiedUri({ uri, modulePath }: TestToken): string {
  return uri.replace(modulePath, spyModule);
}

/**
 * Sets SOFTHSM2_CONF, which is how SoftHSM finds its tokens: one such token a process. `disabled` are mechanisms that
 * the token shall not have.
 */
export async function makeSoftHsmToken(label = "linchpin test", disabled: readonly string[] = []): Promise<TestToken> {
  const folder = await mkdtemp(join(tmpdir(), "linchpin-softhsm-"));
  await mkdir(join(folder, "tokens"));
  const configuration = join(folder, "softhsm2.conf");
  const lines = [`directories.tokendir = ${join(folder, "tokens")}`, "log.level = ERROR"];
  // SoftHSM 2.6 ignores the first name after the minus sign.
  if (disabled.length > 0) lines.push(`slots.mechanisms = -CKM_NONE,${disabled.join(",")}`);
  await writeFile(configuration, `${lines.join("\n")}\n`);
  process.env["SOFTHSM2_CONF"] = configuration;
  run("softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", "87654321");
  return describeToken({ folder, label, modulePath: softHsmModule(), libraryParameters: null });
}

export async function makeNssToken(password = pin): Promise<TestToken> {
  const folder = await mkdtemp(join(tmpdir(), "linchpin-nss-"));
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  run("certutil", "-N", "-d", `sql:${folder}`, "-f", passwordFile);
  const libraryParameters = `configdir='sql:${folder}' certPrefix='' keyPrefix='' secmod='secmod.db' flags=`;
  return describeToken({ folder, label: "NSS Certificate DB", modulePath: nssModule(), libraryParameters });
}

async function describeToken(
  token: Pick<TestToken, "folder" | "label" | "modulePath" | "libraryParameters">,
): Promise<TestToken> {
  const pinFile = join(token.folder, "pin");
  await writeFile(pinFile, `${pin}\n`);
  await chmod(pinFile, 0o600);
  const parameters = token.libraryParameters;
  const query = [
    `module-path=${token.modulePath}`,
    `pin-source=file:${pinFile}`,
    ...(parameters === null ? [] : [`x-library-parameters=${encodeURIComponent(parameters)}`]),
  ];
  return {
    ...token,
    uri: `pkcs11:token=${encodeURIComponent(token.label)}?${query.join("&")}`,
    pin,
    pinFile,
    remove: () => rm(token.folder, { recursive: true, force: true }),
  };
}

function needs(program: string, modulePath: string, debianPackage: string): string | false {
  if (!isInstalled(program) || !existsSync(modulePath)) return `needs ${program} (apt-get install ${debianPackage})`;
  return hasBinding() ? false : "needs pkcs11js (npm install, with a C++ compiler, make and Python at hand)";
}

/** Whether the program can be started. Some print their usage and exit with 1. */
function isInstalled(program: string): boolean {
  return spawnSync(program, ["--help"], { stdio: "ignore" }).error === undefined;
}

function hasBinding(): boolean {
  try {
    createRequire(import.meta.url)("pkcs11js");
    return true;
  } catch {
    return false;
  }
}

function softHsmModule(): string {
  return firstOf("/usr/lib/softhsm/libsofthsm2.so", `/usr/lib/${multiarch}/softhsm/libsofthsm2.so`);
}

function nssModule(): string {
  return firstOf(`/usr/lib/${multiarch}/libsoftokn3.so`, `/usr/lib/${multiarch}/nss/libsoftokn3.so`);
}

function firstOf(path: string, fallback: string): string {
  return existsSync(path) ? path : fallback;
}

function run(program: string, ...words: string[]): void {
  const { status, stderr, error } = spawnSync(program, words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`);
}

const multiarch = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
const spyModule = `/usr/lib/${multiarch}/pkcs11-spy.so`;
const pin = "12345678";
