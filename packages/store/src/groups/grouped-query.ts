import type { Queryable } from "../database/index.ts";
import { type Column, encodeArray } from "./item-columns.ts";

/**
 * A query that calls can share. Called as a function it runs for one call, waits for the rows it needs, and may stand in
 * a transaction. `GroupQueue` runs it for many calls by `form`.
 */
export interface GroupedQuery<Parameters extends unknown[], Result> {
  (database: Queryable, ...parameters: Parameters): Promise<Result>;
  readonly form: GroupForm<Parameters, Result>;
}

/** A call, as the statement takes it. */
export interface Item<Parameters extends unknown[]> {
  readonly parameters: Parameters;
  /** By column. */
  readonly values: readonly (Uint8Array | null)[];
  /** The names of what the statement locks for this call. No two items of a group share one. */
  readonly locks: readonly string[];
  /** False: the database would refuse the whole statement for this call's sake. */
  readonly fits: boolean;
}

/** The row of an item was locked by somebody else: nothing was done for it. */
export const skipped = Symbol("skipped");

interface GroupForm<Parameters extends unknown[], Result> {
  readonly itemOf: (parameters: Parameters) => Item<Parameters>;
  /** One statement for all items. The results are in the order of the items. */
  readonly run: (database: Queryable, items: readonly Item<Parameters>[]) => Promise<(Result | typeof skipped)[]>;
}

/** What the text of a statement is made with. It is one text but for how it waits: alone, or in a group. */
export interface Waiting {
  /** Ends a `select` that locks rows, in order of their ids. In a group it leaves out rows that others hold. */
  readonly lockRows: "for no key update" | "for no key update skip locked";
  readonly isGroup: boolean;
  /**
   * A condition on what inserts replay marks or idempotency keys. In a group it sets a short time to wait for locks, so
   * that one mark that somebody else is about to write does not keep the others of its group.
   */
  readonly waitBriefly: string;
  /** A condition on what locks the heads of audit shards, after all rows of a CTE `entry` are there: it ends that time. */
  readonly waitAsEver: string;
}

/** Whether a call of the group needs a part of the statement. A part that is not declared as optional is always needed. */
export interface Needs {
  readonly needs: (part: string) => boolean;
}

const alone: Waiting = { lockRows: "for no key update", isGroup: false, waitBriefly: "true", waitAsEver: "true" };
const inGroup: Waiting = {
  lockRows: "for no key update skip locked",
  isGroup: true,
  // A subquery without references is evaluated before rows are looked at. The setting ends with the transaction.
  waitBriefly: "(select set_config('lock_timeout', '200ms', true)) is not null",
  // Without a limit, but for that of every statement. The count has all of `entry` evaluated before.
  waitAsEver: "(select set_config('lock_timeout', case when count(*) >= 0 then '0' end, true) from entry) is not null",
};

/** A row that a statement returns for an item. */
export interface ItemRow {
  /** `item.number` of the item that the row is of. */
  readonly number: number;
  /** True: see `skipped`. */
  readonly skipped?: boolean;
}

/** A row that a statement which writes returns for an item: the result in one word. */
export interface ResultRow<Result extends string> extends ItemRow {
  readonly result: Result;
}

export function resultOfRow<Result extends string>(row: ResultRow<Result> | undefined): Result {
  if (row === undefined) throw new TypeError("a statement that answers each item by a row had none");
  return row.result;
}

/** The row of a query that reads one record an item, as that record. Null where nothing was found. */
export function recordOf<Found extends object>(row: (ItemRow & Found) | undefined): Found | null {
  if (row === undefined) return null;
  const { number: _, ...record } = row;
  return record as unknown as Found;
}

/** The parts of a statement that only some calls need, by name: whether a call does. */
export type OptionalParts<Parameters extends unknown[]> = Readonly<
  Record<string, (...parameters: Parameters) => boolean>
>;

/**
 * Makes a grouped query.
 *
 * - `columns`: the columns of the CTE `item`, which has a row for each call and the call's `number`, 1, 2, 3 ….
 * - `locks`: see `Item`.
 * - `optional`: parts of the statement that are left out where no call of the group needs them: to set up a part costs
 *   PostgreSQL as much as a row or two, whether or not there is anything for it to do. `sql` asks for them by `needs`.
 * - `sql`: the statement, which begins with the CTE `item`. A statement that writes returns one row for each item, one
 *   that reads a row for each item that it found anything for.
 * - `resultOf`: the result of a call from its row.
 */
export function groupedQuery<Parameters extends unknown[], Row extends ItemRow, Result>(definition: {
  readonly columns: Readonly<Record<string, Column<Parameters>>>;
  readonly locks?: (...parameters: Parameters) => readonly (string | null)[];
  readonly optional?: OptionalParts<Parameters>;
  readonly sql: (parts: Waiting & Needs & { readonly item: string }) => string;
  readonly resultOf: (row: Row | undefined, parameters: Parameters) => Result;
}): GroupedQuery<Parameters, Result> {
  const columns = Object.values(definition.columns);
  // Made when they are first asked for: a definition may refer to constants that its file declares below it.
  const sqlTexts = new Map<string, string>();
  const optional = Object.entries(definition.optional ?? {});
  const sqlOf = (waiting: Waiting, items: readonly Item<Parameters>[]) => {
    const unneeded = optional
      .filter(([, isNeeded]) => !items.some(({ parameters }) => isNeeded(...parameters)))
      .map(([part]) => part);
    const name = `${waiting.isGroup} ${unneeded}`;
    const needs = (part: string) => !unneeded.includes(part);
    const sql = sqlTexts.get(name) ?? definition.sql({ ...waiting, needs, item: itemSql(definition.columns) });
    sqlTexts.set(name, sql);
    return sql;
  };

  const itemOf = (parameters: Parameters): Item<Parameters> => {
    const values = columns.map((column) => column.bytesOf(...parameters));
    const locks = definition.locks?.(...parameters).filter((lock) => lock !== null) ?? [];
    const fits = columns.every(({ fits }, index) => {
      const value = values[index];
      return value === null || value === undefined || fits(value);
    });
    return { parameters, values, locks, fits };
  };

  const run = async (waiting: Waiting, database: Queryable, items: readonly Item<Parameters>[]) => {
    const arrays = columns.map(({ sqlType }, index) =>
      encodeArray(
        sqlType,
        items.map(({ values }) => values[index] ?? null),
      ),
    );
    const rows: Row[] = [];
    for (const row of await database.query<Row>(sqlOf(waiting, items), arrays)) rows[row.number - 1] = row;
    return items.map(({ parameters }, index) => {
      const row = rows[index];
      return row?.skipped === true ? skipped : definition.resultOf(row, parameters);
    });
  };

  const runAlone = async (database: Queryable, ...parameters: Parameters): Promise<Result> => {
    const [result] = await run(alone, database, [itemOf(parameters)]);
    return result as Result; // Nothing is skipped where locks are waited for.
  };
  const form = {
    itemOf,
    run: (database: Queryable, items: readonly Item<Parameters>[]) => run(inGroup, database, items),
  };
  return Object.assign(runAlone, { form });
}

// Each array that `unnest` is given costs PostgreSQL a scan and a buffer, however short it is: those of thirty columns took a
// tenth of a statement's time. So one is unnested, of which the planner expects ten rows, and the others are read by place.
function itemSql(columns: Readonly<Record<string, { readonly sqlType: string }>>): string {
  const arrays = Object.values(columns).map(({ sqlType }, index) => `$${index + 1}::${sqlType}[]`);
  const [first, ...others] = Object.keys(columns);
  const read = others.map((name, index) => `(${arrays[index + 1]})[place] as ${name}, `).join("");
  return `item as materialized (
  select ${first}, ${read}place::int as number from unnest(${arrays[0]}) with ordinality as input (${first}, place)
)`;
}
