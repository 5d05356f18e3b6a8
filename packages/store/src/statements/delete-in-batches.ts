import type { Queryable } from "../database/index.ts";

/**
 * Deletes all rows of `table` that meet `condition`, in batches, so that no statement runs into its timeout.
 * Returns the number of rows.
 */
export async function deleteInBatches(
  database: Queryable,
  table: string,
  condition: string,
  parameters: readonly unknown[],
): Promise<number> {
  const sql = `
    with batch as (
      delete from ${table}
      where ctid = any (array(select ctid from ${table} where ${condition} limit ${batchRows}))
      returning 1
    )
    select count(*)::int as deleted from batch`;
  for (let total = 0; ; ) {
    const deleted = (await database.query<{ deleted: number }>(sql, parameters))[0]?.deleted ?? 0;
    total += deleted;
    if (deleted < batchRows) return total;
  }
}

const batchRows = 10_000;
