import type { Queryable } from "../database/index.ts";
import { queryChallenge } from "./find-challenge.ts";
import type { Challenge, ChallengeKind } from "./records.ts";

export function findOpenChallenge(
  database: Queryable,
  kind: ChallengeKind,
  personId: string,
  at: Date,
): Promise<Challenge | null> {
  const condition = "kind = $1 and person_id = $2 and state = 'open' and expires_at > $3";
  return queryChallenge(database, condition, [kind, personId, at]);
}
