import type { Database } from "./database/index.ts";

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
 * Every method of the store passes here, between its caller and the database. Whatever decides how calls reach the
 * database (that calls which arrive together share one statement, for example) belongs here: callers see the same
 * functions and the same results.
 */
export function bindQueries<Queries extends Record<string, Query>>(
  database: Database,
  queries: Queries,
): Bound<Queries> {
  const bind = ([name, query]: [string, Query]) => [name, query.bind(null, database)];
  return Object.fromEntries(Object.entries<Query>(queries).map(bind)) as Bound<Queries>;
}
