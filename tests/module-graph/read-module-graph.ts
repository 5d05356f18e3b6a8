import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseSync } from "oxc-parser";

/** Module → the modules that its files import, type-only imports and re-exports included. */
export type ModuleGraph = ReadonlyMap<string, ReadonlySet<string>>;

/** Packages whose folders are modules of their own; a file beside these folders is a module by itself. */
const divided: ReadonlySet<string> = new Set(["server", "store", "vault"]);

/** Reads the product's sources: tests, and packages that only tests depend on, are left out. */
export function readModuleGraph(root: string): ModuleGraph {
  const files = sourcesOf(root);
  const graph = new Map<string, Set<string>>();
  for (const file of files) {
    const from = moduleOf(file);
    const targets = graph.get(from) ?? new Set();
    graph.set(from, targets);
    for (const specifier of importsOf(readFileSync(join(root, file), "utf8"), file)) {
      const to = targetOf(file, specifier);
      if (to !== null && to !== from) targets.add(to);
    }
  }
  return graph;
}

/** Imports of a file of another module that is not its door, as `file → target`. */
export function readBypassedDoors(root: string): string[] {
  return sourcesOf(root).flatMap((file) =>
    importsOf(readFileSync(join(root, file), "utf8"), file).flatMap((specifier) => {
      if (!specifier.startsWith(".")) return [];
      const target = join(dirname(file), specifier);
      const [from, to] = [moduleOf(file), moduleOf(target)];
      const isBypass = from !== to && !to.endsWith(".ts") && hasDoors(target) && !target.endsWith("/index.ts");
      return isBypass ? [`${file} → ${target}`] : [];
    }),
  );
}

/** A cycle of modules, or null where there is none. */
export function findCycle(graph: ModuleGraph): readonly string[] | null {
  const finished = new Set<string>();
  const visit = (module: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(module)) return [...path.slice(path.indexOf(module)), module];
    if (finished.has(module)) return null;
    for (const target of graph.get(module) ?? []) {
      const cycle = visit(target, [...path, module]);
      if (cycle !== null) return cycle;
    }
    finished.add(module);
    return null;
  };
  for (const module of graph.keys()) {
    const cycle = visit(module, []);
    if (cycle !== null) return cycle;
  }
  return null;
}

function sourcesOf(root: string): string[] {
  const patterns = ["packages/*/src/**/*.{ts,tsx}", "packages/protocols/*/*.ts"];
  return patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .filter((file) => !/\.d\.ts$|\/(node_modules|dist|lib|test|testing|test-fixtures)\//.test(file))
    .toSorted();
}

function importsOf(source: string, file: string): string[] {
  const { module } = parseSync(file, source);
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries.map(({ moduleRequest }) => moduleRequest?.value),
  );
  const dynamic = module.dynamicImports.map(({ moduleRequest }) =>
    source.slice(moduleRequest.start, moduleRequest.end).replace(/^["'`]|["'`]$/g, ""),
  );
  const all = [...module.staticImports.map(({ moduleRequest }) => moduleRequest.value), ...exported, ...dynamic];
  return [...new Set(all.filter((specifier) => specifier !== undefined))];
}

function targetOf(file: string, specifier: string): string | null {
  if (specifier.startsWith(".")) return moduleOf(join(dirname(file), specifier));
  const name = /^@linchpin\/([\w-]+)(?:\/([\w-]+))?/.exec(specifier);
  if (name === null) return null;
  const [, packageName = "", part] = name;
  if (packageName === "protocols") return `protocols/${part}`;
  return packageName;
}

function hasDoors(file: string): boolean {
  return /^packages\/(server|store)\//.test(file);
}

/** `packages/server/src/pin/change-pin.ts` is of `server/pin`, `packages/server/src/serve.ts` of `server/serve.ts`. */
function moduleOf(file: string): string {
  const [, packageName = "", ...rest] = file.split("/");
  if (packageName === "protocols") return `protocols/${rest[0]}`;
  if (!divided.has(packageName)) return packageName;
  const [, folder = "", inner = ""] = rest;
  return `${packageName}/${folder === "protocols" ? relative(".", join(folder, inner)) : folder}`;
}
