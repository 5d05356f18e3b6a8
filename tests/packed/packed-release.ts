import { execFile, spawn } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

export const repository = join(import.meta.dirname, "../..");
const readyWithinMs = 120_000;

/** The oldest versions that the packages state, and that the drill therefore runs: the registry's own packages. */
export const least = { node: "22.18.0", nodeOfTheCommand: "22.22.2", typescript: "5.7.3" } as const;

/** A release in a temporary folder, with the projects of strangers that install it. */
export class PackedRelease {
  readonly folder = mkdtempSync(join(tmpdir(), "linchpin-packed-"));
  readonly release = join(this.folder, "release");

  /** As `npm run release` makes it; the folder is `release` or named. */
  async make(folder = this.release): Promise<void> {
    await run(repository, process.execPath, ["--conditions=linchpin-source", "scripts/release.ts", folder]);
  }

  /** Tarballs of these packages (`core`, or `linchpin` for the command), or of all. */
  tarballs(...names: readonly string[]): string[] {
    const wanted = names.map((name) => new RegExp(name === "linchpin" ? "^linchpin-\\d" : `^linchpin-${name}-\\d`));
    return globSync("*.tgz", { cwd: this.release })
      .filter((file) => wanted.length === 0 || wanted.some((pattern) => pattern.test(file)))
      .map((file) => join(this.release, file));
  }

  /** A copy of `tests/packed/<name>`, in which these are installed. Resolves to its folder. */
  async install(name: string, tarballs: readonly string[], others: readonly string[] = []): Promise<string> {
    const project = join(this.folder, name);
    cpSync(join(import.meta.dirname, name), project, { recursive: true });
    const reach = others.length === 0 ? "--offline" : "--prefer-offline";
    await npm(project, "install", reach, "--ignore-scripts", "--no-audit", "--no-fund", ...tarballs, ...others);
    return project;
  }

  /** The least versions of Node and TypeScript, from the registry. */
  async installLeastVersions(): Promise<{ node: string; nodeOfTheCommand: string; tsc: string }> {
    const folder = join(this.folder, "least-versions");
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), "{}");
    const node = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
    const chosen = [
      `node-of-packages@npm:${node}@${least.node}`,
      `node-of-command@npm:${node}@${least.nodeOfTheCommand}`,
      `typescript@${least.typescript}`,
    ];
    await npm(folder, "install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", ...chosen);
    const binaryOf = (name: string) => join(folder, "node_modules", name, "bin/node");
    return {
      node: binaryOf("node-of-packages"),
      nodeOfTheCommand: binaryOf("node-of-command"),
      tsc: join(folder, "node_modules/typescript/bin/tsc"),
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** `linchpin serve`, as it is installed in `project`, until it is ready. */
export async function serveInstalled(
  node: string,
  project: string,
  port: number,
  environment: Readonly<Record<string, string>>,
): Promise<{ url: string; stop(): Promise<number | null> }> {
  const child = spawn(node, [commandIn(project), "serve"], {
    cwd: project,
    env: { ...foreignEnvironment(), LINCHPIN_PORT: `${port}`, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (printed += chunk));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const url = `http://127.0.0.1:${port}`;
  for (let waitedMs = 0; waitedMs < readyWithinMs && child.exitCode === null; waitedMs += 250) {
    const answer = await fetch(`${url}/health/ready`).catch(() => null);
    if (answer?.ok)
      return {
        url,
        stop: () => {
          child.kill("SIGTERM");
          return ended;
        },
      };
    await sleep(250);
  }
  child.kill("SIGKILL");
  throw new Error(`linchpin serve is not ready:\n${printed}`);
}

export function commandIn(project: string): string {
  const { bin } = JSON.parse(readFileSync(join(project, "node_modules/linchpin/package.json"), "utf8"));
  return join(project, "node_modules/linchpin", bin.linchpin);
}

/** Without what npm and the test runner set for this repository. */
function foreignEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(LINCHPIN_|npm_|NODE_OPTIONS$|NODE_TEST_CONTEXT$)/.test(name)),
  );
}

export async function run(
  cwd: string,
  program: string,
  programArguments: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, programArguments, {
    cwd,
    env: { ...foreignEnvironment(), ...environment },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

export function npm(cwd: string, ...given: readonly string[]): Promise<string> {
  return run(cwd, "npm", given);
}
