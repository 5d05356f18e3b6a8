import type { Queryable } from "../database/index.ts";
import { sealedOf } from "../statements/index.ts";
import type { Challenge } from "./records.ts";

export function findChallenge(database: Queryable, id: string): Promise<Challenge | null> {
  return queryChallenge(database, "challenges.id = $1", [id]);
}

/** The newest challenge that meets the condition. */
export async function queryChallenge(
  database: Queryable,
  condition: string,
  parameters: readonly unknown[],
): Promise<Challenge | null> {
  const [row] = await database.query<ChallengeRow>(
    `
    select
      challenges.id, kind, person_id as "personId", persons.partner_id as "partnerId", device_id as "deviceId",
      key_purpose as "keyPurpose", secret_key_id, secret_sealed, state, tries, challenges.created_at as "createdAt",
      expires_at as "expiresAt"
    from challenges join persons on persons.id = challenges.person_id
    where ${condition}
    order by challenges.created_at desc
    limit 1`,
    parameters,
  );
  if (row === undefined) return null;
  const { secret_key_id, secret_sealed, ...challenge } = row;
  return { ...challenge, sealedSecret: sealedOf(secret_key_id, secret_sealed) };
}

interface ChallengeRow extends Omit<Challenge, "sealedSecret"> {
  readonly secret_key_id: string;
  readonly secret_sealed: Uint8Array;
}
