import { PGlite } from "@electric-sql/pglite";
import { type Database, databaseError, type Queryable } from "./database.ts";

/**
 * PostgreSQL inside this process, on a folder of its own. Each commit is handed to the operating system before it is
 * answered, so it survives the death of the process; PGlite never calls fsync, so it may not survive a power cut.
 */
export async function openEmbeddedDatabase(folder: string): Promise<Database> {
  try {
    const pglite = await PGlite.create(folder, { relaxedDurability: false, parsers: { 20: BigInt } });
    return {
      ...queryableOf(pglite),
      transaction: (work) => translated(pglite.transaction((transaction) => work(queryableOf(transaction)))),
      close: () => translated(pglite.close()),
    };
  } catch (error) {
    throw databaseError(error);
  }
}

function queryableOf(pglite: Pick<PGlite, "query" | "exec">): Queryable {
  return {
    query: async <Row>(sql: string, parameters?: readonly unknown[]) =>
      (await translated(pglite.query<Row>(sql, parameters === undefined ? undefined : [...parameters]))).rows,
    execute: async (script) => {
      await translated(pglite.exec(script));
    },
  };
}

async function translated<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw databaseError(error);
  }
}
