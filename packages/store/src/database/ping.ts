import { LinchpinError } from "@linchpin/core";
import type { Queryable } from "./database.ts";
import { readOnlyReason } from "./session.ts";

/** Resolves where the database answers and can be written to. @throws LinchpinError `unavailable` */
export async function ping(database: Queryable): Promise<void> {
  const [found] = await database.query<{ isReadOnly: boolean }>(sql);
  if (found?.isReadOnly !== false) throw new LinchpinError("unavailable", { reason: readOnlyReason });
}

// On a standby it is on in every transaction.
const sql = `select current_setting('transaction_read_only')::bool as "isReadOnly"`;
