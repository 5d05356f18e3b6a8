import { isHonestEnd, type QueryName, queries, queryNames } from "./queries.ts";
import { type Move, movesOf, type Step } from "./relay.ts";
import { initialStates, type Model } from "./scenario.ts";
import { type State, stateKey } from "./world.ts";

/** What was found in all states that can be reached within the scenario's bounds. */
export interface Found {
  /** By query: the shortest way to a state in which it does not hold. */
  readonly attacks: ReadonlyMap<QueryName, readonly Step[]>;
  /** The shortest way to a state in which every person got what they meant; null: there is none. */
  readonly honest: readonly Step[] | null;
  readonly stateCount: number;
}

interface Node {
  readonly state: State;
  readonly from: { readonly node: Node; readonly step: Step } | null;
}

/**
 * Goes through all states, those near the start first.
 * @param until where it is given, the search ends with the first state in which this query does not hold, or with the first
 *   honest end
 */
export function search(model: Model, { until }: { until?: QueryName | "honest" } = {}): Found {
  const names = until === undefined || until === "honest" ? queryNames : [until];
  const attacks = new Map<QueryName, readonly Step[]>();
  let honest: readonly Step[] | null = null;
  const seen = new Set<string>();
  let level = addNew(
    seen,
    initialStates(model).map((state) => ({ state, from: null })),
  );
  while (level.length > 0) {
    for (const node of level) {
      for (const name of names)
        if (!attacks.has(name) && queries[name](model, node.state)) attacks.set(name, stepsTo(node));
      if (honest === null && isHonestEnd(node.state)) honest = stepsTo(node);
    }
    if (until === "honest" ? honest !== null : until !== undefined && attacks.size > 0) break;
    level = addNew(
      seen,
      level.flatMap((node) => movesOf(model, node.state).map((move) => nodeOf(node, move))),
    );
  }
  return { attacks, honest, stateCount: seen.size };
}

const nodeOf = (node: Node, { step, state }: Move): Node => ({ state, from: { node, step } });

function addNew(seen: Set<string>, nodes: readonly Node[]): Node[] {
  return nodes.filter(({ state }) => {
    const key = stateKey(state);
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

function stepsTo({ from }: Node): readonly Step[] {
  return from === null ? [] : [...stepsTo(from.node), from.step];
}
