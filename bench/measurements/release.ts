import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../..");

/** `startIssuer` of `@linchpin/testing`, from the packages as they are published. */
export interface TestingStart {
  readonly start: string;
  readonly readyMs: number;
  readonly cpuSeconds: number;
}

/** A file or folder of a release. */
export interface ReleaseSize {
  readonly name: string;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
}

/** `npm run release` in a folder of its own. Resolves to that folder. */
export async function makeRelease(folder: string): Promise<string> {
  const release = join(folder, "release");
  await run(process.execPath, ["--conditions=linchpin-source", "scripts/release.ts", release], { cwd: repository });
  return release;
}

/** In a new project that installs all packages; third parties' come from npm's cache, else from the registry. */
export async function measureTestingStarts(release: string, folder: string): Promise<readonly TestingStart[]> {
  const project = join(folder, "testing-project");
  await mkdir(project);
  await writeFile(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const tarballs = (await tarballsOf(release)).map((name) => join(release, name));
  const options = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", ["install", ...options, ...tarballs], { cwd: project });
  await copyFile(join(import.meta.dirname, "testing-starts.ts"), join(project, "starts.ts"));
  const { stdout } = await run(process.execPath, ["starts.ts"], { cwd: project });
  return JSON.parse(stdout);
}

/** Of each package, and of the folder from which the container's image is built. */
export async function measureRelease(release: string): Promise<readonly ReleaseSize[]> {
  const packages = (await tarballsOf(release)).map(async (name) => {
    const tarball = join(release, name);
    const { stdout } = await run("tar", ["-xOzf", tarball], { encoding: "buffer", maxBuffer: 2 ** 30 });
    return { name, packedBytes: (await stat(tarball)).size, unpackedBytes: stdout.length };
  });
  const inContext = (await readdir(join(release, "container"), { recursive: true })).map((name) =>
    stat(join(release, "container", name)),
  );
  const contextBytes = (await Promise.all(inContext)).reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
  const context = { name: "the container's build context", packedBytes: contextBytes, unpackedBytes: contextBytes };
  return [...(await Promise.all(packages)), context];
}

async function tarballsOf(release: string): Promise<string[]> {
  return (await readdir(release)).filter((name) => name.endsWith(".tgz")).toSorted();
}
