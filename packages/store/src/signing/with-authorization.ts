import type { Database, Queryable } from "../database/index.ts";
import { recordSigning } from "./record-signing.ts";
import type { AuthorizedChange, SigningRefusal } from "./records.ts";

/** Runs `change` in one transaction with the attempt that authorizes it, and only if the attempt matches. */
export function withAuthorization<Result>(
  database: Database,
  { userId, authorization }: AuthorizedChange,
  change: (transaction: Queryable) => Promise<Result>,
): Promise<Result | SigningRefusal> {
  return database.transaction(async (transaction) => {
    if (authorization === null) return change(transaction);
    // Locks all of the user's methods in one order: two methods that authorize each other's change do not deadlock.
    await transaction.query(lockMethods, [userId]);
    const outcome = await recordSigning(transaction, authorization);
    return outcome === "match" ? change(transaction) : outcome;
  });
}

const lockMethods = `select from signing_methods where user_id = $1 order by id for no key update`;
