import { globSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { type BundleInputs, hashFiles } from "./find-start-bundle.ts";

/**
 * Makes a few files of the command's sources and of all that they import: to find, read and compile two thousand files
 * one by one takes half of a start. Whatever runs from it finds its own files as it does from the sources.
 */
export async function makeStartBundle(repository: string, folder: string): Promise<void> {
  const draft = `${folder}.${process.pid}`;
  const { metafile } = await build({
    absWorkingDir: repository,
    entryPoints: ["packages/cli/src/main.ts"],
    outdir: draft,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    conditions: ["linchpin-source"],
    metafile: true,
    logLevel: "error",
    // They load files of their own beside them, or are loaded only where somebody asks for what they do.
    external: ["@electric-sql/pglite", "esbuild", "pg-native", "pkcs11js"],
    plugins: [keepPlaces],
    define: {
      "import.meta.url": "moduleUrl",
      "import.meta.dirname": "moduleFolder",
      "import.meta.resolve": "resolveFromModule",
    },
    // For packages in CommonJS.
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module";\nconst require = makeRequire(import.meta.url);\nconst __filename = import.meta.filename, __dirname = import.meta.dirname;',
    },
  });
  const files = [
    ...Object.keys(metafile.inputs).filter((file) => !file.includes("node_modules/")),
    // What `exports` and `imports` of our own packages lead to, and which version of every other package there is.
    ...globSync("{packages,examples}/*/package.json", { cwd: repository }),
    "node_modules/.package-lock.json",
  ].toSorted();
  const inputs: BundleInputs = { repository, files, sha256: hashFiles(repository, files) ?? "" };
  await mkdir(draft, { recursive: true });
  await writeFile(join(draft, "inputs.json"), JSON.stringify(inputs));
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
}

/** A module that asks where it is gets the place of its source, since there are the files that it looks for. */
const keepPlaces: Plugin = {
  name: "keep-places",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      if (!source.includes("import.meta.")) return { contents: source, loader: "ts" };
      const places = [
        'import { createRequire as requireFrom } from "node:module";',
        'import { pathToFileURL as urlOfPath } from "node:url";',
        `const moduleUrl = ${JSON.stringify(pathToFileURL(path).href)};`,
        `const moduleFolder = ${JSON.stringify(dirname(path))};`,
        "const resolveFromModule = (name) => urlOfPath(requireFrom(moduleUrl).resolve(name)).href;",
      ];
      return { contents: `${places.join(" ")}\n${source}`, loader: "ts" };
    });
  },
};
