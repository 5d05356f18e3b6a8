import type { Challenge } from "../challenges.ts";
import type { Queryable } from "../database.ts";
import type { Consequences } from "../store.ts";
import { consequencesJson, writeConsequences } from "./consequences.ts";

export async function addChallenge(
  database: Queryable,
  challenge: Challenge,
  consequences: Consequences,
): Promise<void> {
  await database.query(sql, [
    challenge.id,
    challenge.kind,
    challenge.personId,
    challenge.deviceId,
    challenge.keyPurpose,
    challenge.sealedSecret.keyId,
    challenge.sealedSecret.bytes,
    challenge.state,
    challenge.tries,
    challenge.createdAt,
    challenge.expiresAt,
    consequencesJson(consequences),
  ]);
}

const sql = `
with added as (
  insert into challenges
    (id, kind, person_id, device_id, key_purpose, secret_key_id, secret_sealed, state, tries, created_at, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  returning id
),
due as materialized (select $12::jsonb as consequences from added),
${writeConsequences}
select from added`;
