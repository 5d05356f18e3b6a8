import type { Queryable } from "../database/index.ts";
import type { ChallengeKind } from "./records.ts";

export async function endChallenges(database: Queryable, kind: ChallengeKind, personId: string): Promise<number> {
  return (await database.query(sql, [kind, personId])).length;
}

const sql = `
update challenges set state = 'ended' where kind = $1 and person_id = $2 and state = 'open' returning id`;
