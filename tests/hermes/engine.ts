import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { transformAsync } from "@babel/core";
import { type BuildOptions, build } from "esbuild";

const binaries: Partial<Record<NodeJS.Platform, string>> = {
  linux: "linux64-bin/hermes",
  darwin: "osx-bin/hermes",
  win32: "win64-bin/hermes.exe",
};
const hermesFolder = dirname(fileURLToPath(import.meta.resolve("hermes-engine-cli/package.json")));
const hermes = join(hermesFolder, binaries[process.platform] ?? "none");

/** For the `skip` of a test: why it can not run here, or false. */
export const hermesIsMissing =
  spawnSync(hermes, ["--version"]).status === 0 ? false : `left out: ${hermes} does not run here`;

/** As a React Native app is built: its Babel preset, for Hermes. `what`: what is bundled, in esbuild's words. */
export async function buildForHermes(what: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    ...what,
    bundle: true,
    write: false,
    format: "iife",
    platform: "neutral",
    conditions: ["linchpin-source", "react-native"],
    mainFields: ["react-native", "browser", "main"], // as Metro has them
  });
  const transformed = await transformAsync(outputFiles?.[0]?.text ?? "", {
    configFile: false,
    babelrc: false,
    filename: "device.js",
    presets: [
      [
        fileURLToPath(import.meta.resolve("@react-native/babel-preset")),
        { unstable_transformProfile: "default", enableBabelRuntime: false },
      ],
    ],
  });
  return transformed?.code ?? "";
}

/** Runs the code with `input` as a global of that name, and resolves to the JSON that it prints. */
// biome-ignore lint/suspicious/noExplicitAny: what the code prints
export async function runInHermes(code: string, input: unknown): Promise<any> {
  const folder = mkdtempSync(join(tmpdir(), "linchpin-hermes-"));
  try {
    const file = join(folder, "device.js");
    writeFileSync(file, `var input = ${JSON.stringify(input)};\n${code}`);
    // What runs once takes longer to optimize than to run.
    const { stdout } = await promisify(execFile)(hermes, ["-O0", file]);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
