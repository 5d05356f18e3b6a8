import type { ModuleGraph } from "./read-module-graph.ts";

/** Any module may import these, so that their arrows would say nothing. */
const leftOut = ["context", "durations.ts", "identifiers.ts", "pause.ts", "index.ts"];

/** The part of ARCHITECTURE that is made from the graph: the packages, then the modules of the server. */
export function drawModuleGraph(graph: ModuleGraph): string {
  const packages = mergeModules(graph, (module) => module.split("/")[0] ?? module);
  const server = mergeModules(graph, (module) =>
    module.startsWith("server/") ? module.slice("server/".length) : null,
  );
  return [
    "The packages; an arrow is an import, and one that longer ways imply is left out:",
    mermaid(packages),
    "The modules of the server. Left out are `context`, `durations.ts`, `identifiers.ts` and `pause.ts`, which any of them may import:",
    mermaid(without(server, leftOut)),
  ].join("\n\n");
}

function mergeModules(graph: ModuleGraph, nameOf: (module: string) => string | null): ModuleGraph {
  const merged = new Map<string, Set<string>>();
  for (const [module, targets] of graph) {
    const name = nameOf(module);
    if (name === null) continue;
    const names = [...targets].map(nameOf).filter((target) => target !== null && target !== name);
    merged.set(name, new Set([...(merged.get(name) ?? []), ...names]) as Set<string>);
  }
  return merged;
}

function without(graph: ModuleGraph, modules: readonly string[]): ModuleGraph {
  const kept = [...graph].filter(([module]) => !modules.includes(module));
  return new Map(
    kept.map(([module, targets]) => [module, new Set([...targets].filter((to) => !modules.includes(to)))]),
  );
}

function mermaid(graph: ModuleGraph): string {
  const lines = [...graph.keys()].toSorted().flatMap((module) => {
    const targets = [...(graph.get(module) ?? [])].toSorted();
    return targets
      .filter((target) => !targets.some((other) => other !== target && reaches(graph, other, target)))
      .map((target) => `  ${idOf(module)} --> ${idOf(target)}`);
  });
  return ["```mermaid", "flowchart TD", ...lines, "```"].join("\n");
}

function reaches(graph: ModuleGraph, from: string, to: string): boolean {
  const targets = graph.get(from) ?? new Set();
  return targets.has(to) || [...targets].some((target) => reaches(graph, target, to));
}

/** Mermaid takes no slash in an identifier, and reads `end` as its own word. */
function idOf(module: string): string {
  const id = module.replace(/[^\w]/g, "_");
  return id === module ? module : `${id}[${module}]`;
}
