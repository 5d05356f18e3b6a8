import type { Database } from "./database/index.ts";
import { type GroupedQuery, GroupQueue } from "./groups/index.ts";

/** A query: one statement or one transaction. Its first parameter is the database it runs on. */
type Query = (database: Database, ...parameters: never[]) => Promise<unknown>;

type Bound<Queries> = {
  [Name in keyof Queries]: Queries[Name] extends (database: Database, ...parameters: infer Parameters) => infer Result
    ? (...parameters: Parameters) => Result
    : never;
};

/**
 * The queries as methods of the store: each with `database` as its first parameter.
 *
 * Every method of the store passes here, between its caller and the database. Calls of a grouped query that arrive
 * together share one statement (`groups/`); callers see the same functions and the same results.
 */
export function bindQueries<Queries extends Record<string, Query>>(
  database: Database,
  queries: Queries,
): Bound<Queries> {
  const bind = ([name, query]: [string, Query]) => [name, bindQuery(database, query)];
  return Object.fromEntries(Object.entries<Query>(queries).map(bind)) as Bound<Queries>;
}

function bindQuery(database: Database, query: Query): (...parameters: never[]) => Promise<unknown> {
  if (!("form" in query)) return query.bind(null, database);
  const queue = new GroupQueue(database, query as unknown as GroupedQuery<never[], unknown>);
  return (...parameters) => queue.call(...parameters);
}
