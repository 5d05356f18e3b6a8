import type { Needs, Waiting } from "../groups/index.ts";

/**
 * CTEs that spend the idempotency keys of the attempts of `fresh` that match, by `signing_user_id`, and end with `judged`:
 * `fresh` with the `outcome` of each attempt, `key_used` where another one has its key.
 */
export function judgeAttempts(parts: Pick<Waiting, "waitBriefly"> & Needs): string {
  return parts.needs("idempotencyKey")
    ? useKeys(parts)
    : "judged as materialized (select *, attempt as outcome from fresh),";
}

function useKeys({ waitBriefly }: Pick<Waiting, "waitBriefly">): string {
  return `
used as (
  insert into idempotency_keys (user_id, key, spent_at)
  select signing_user_id, idempotency_key, at from fresh
  where attempt = 'match' and idempotency_key is not null and ${waitBriefly}
  order by signing_user_id, idempotency_key
  on conflict do nothing
  returning user_id, key
),
key_user as materialized (select coalesce(array_agg(user_id || ' ' || key), '{}') as keys from used),
judged as materialized (
  select
    fresh.*,
    case
      when attempt = 'match' and signing_user_id || ' ' || idempotency_key <> all (keys) then 'key_used'
      else attempt
    end as outcome
  from fresh cross join key_user
),`;
}
