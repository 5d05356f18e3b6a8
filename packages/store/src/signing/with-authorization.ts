import type { Database, Queryable } from "../database/index.ts";
import type { ReplayMark } from "../records.ts";
import { recordSigning } from "./record-signing.ts";
import type { AuthorizedChange, Signing, SigningRefusal } from "./records.ts";

/**
 * Runs `change` in one transaction with the attempt that authorizes it, and only if the attempt matches. `change` is
 * handed the mark that it has to spend: null where the transaction has spent it already. `done`: the result of a change
 * that was made, after which its mark stays spent.
 *
 * The lock order of all statements holds for the transaction too: first the user's methods by id, then the marks of the
 * attempt and of the change together in their order. A mark that is not to be spent after all is taken back.
 */
export function withAuthorization<Result extends string>(
  database: Database,
  { userId, authorization, mark = null }: AuthorizedChange & { readonly mark?: ReplayMark | null },
  change: (transaction: Queryable, mark: ReplayMark | null) => Promise<Result>,
  done: Result,
): Promise<Result | SigningRefusal> {
  return database.transaction(async (transaction) => {
    if (authorization === null) return change(transaction, mark);
    await transaction.query(lockMethods, [userId]);
    const isFresh = await spendTogether(transaction, [authorization.mark, mark]);
    const outcome = await attempt(transaction, authorization, isFresh);
    const isOwn = mark !== null && isFresh(mark) && !isSame(mark, authorization.mark);
    const result = outcome === "match" ? await change(transaction, isOwn ? null : mark) : outcome;
    if (isOwn && result !== done) await transaction.query(takeBack, [mark.mark]);
    return result;
  });
}

async function attempt(transaction: Queryable, authorization: Signing, isFresh: (mark: ReplayMark) => boolean) {
  const { mark } = authorization;
  if (mark === null || !isFresh(mark)) return recordSigning(transaction, authorization);
  const outcome = await recordSigning(transaction, { ...authorization, mark: null });
  if (outcome === "conflict") await transaction.query(takeBack, [mark.mark]);
  return outcome;
}

/** Spends the marks in their order, and returns which of them nobody had spent before. */
async function spendTogether(transaction: Queryable, marks: readonly (ReplayMark | null)[]) {
  const given = marks.filter((mark) => mark !== null);
  const sorted = given.toSorted((one, other) => Buffer.compare(one.mark, other.mark));
  const spent: Uint8Array[] = [];
  for (const { mark, keyId } of sorted)
    spent.push(...(await transaction.query<{ mark: Uint8Array }>(spendOne, [mark, keyId])).map((row) => row.mark));
  return ({ mark }: ReplayMark) => spent.some((one) => Buffer.compare(one, mark) === 0);
}

function isSame(one: ReplayMark, other: ReplayMark | null): boolean {
  return other !== null && Buffer.compare(one.mark, other.mark) === 0;
}

const lockMethods = `select from signing_methods where user_id = $1 order by id for no key update`;
const spendOne = "insert into replay_marks (mark, key_id) values ($1, $2) on conflict do nothing returning mark";
const takeBack = "delete from replay_marks where mark = $1";
