import type { Database, Queryable } from "../database/index.ts";
import {
  boolean,
  bytes,
  type GroupedQuery,
  groupedQuery,
  integer,
  lockNames,
  type ResultRow,
  resultOfRow,
  text,
  time,
  uuid,
} from "../groups/index.ts";
import {
  auditAndOutboxJson,
  chainAuditAndOutbox,
  queryResult,
  spendMarks,
  writeAuditAndOutbox,
  writtenParts,
} from "../statements/index.ts";
import type { SigningMethodUpdate, SigningRefusal } from "./records.ts";
import { withAuthorization } from "./with-authorization.ts";

type Result = "updated" | "unknown" | SigningRefusal;
type Grouped = GroupedQuery<[update: SigningMethodUpdate], Result>;

/**
 * Updates that nothing speaks against share a statement. An update that has to be refused is left out of it, and runs
 * alone, as does one whose user has no method yet: its transaction finds out why, and counts the attempt.
 */
export const updateSigningMethod: typeof updateAlone & Pick<Grouped, "form"> = Object.assign(updateAlone, {
  form: groupOfUpdates().form,
});

function updateAlone(database: Database, update: SigningMethodUpdate): Promise<Result> {
  return withAuthorization(database, update, (transaction, mark) => write(transaction, { ...update, mark }), "updated");
}

function write(
  transaction: Queryable,
  { userId, methodId, mac, mark, auditAndOutbox }: SigningMethodUpdate,
): Promise<"updated" | "unknown" | "replayed"> {
  return queryResult(transaction, sqlOfOne, [
    userId,
    methodId,
    mac.keyId,
    mac.bytes,
    mark?.mark ?? null,
    mark?.keyId ?? null,
    auditAndOutboxJson(auditAndOutbox),
  ]);
}

const sqlOfOne = `
with method as materialized (
  select id from signing_methods where id = $2 and user_id = $1 for no key update
),
spent as (
  insert into replay_marks (mark, key_id) select $5::bytea, $6::text from method where $5::bytea is not null
  on conflict do nothing
  returning mark
),
updated as (
  update signing_methods
  set
    mac_key_id = $3, mac = $4, version = signing_methods.version + 1, incorrect_attempts = 0, needs_recovery = false
  from method
  where signing_methods.id = method.id and ($5::bytea is null or exists (select from spent))
  returning signing_methods.id
),
due as materialized (select 1 as number, $7::jsonb as audit_and_outbox from updated),
${writeAuditAndOutbox}
select case
  when exists (select from updated) then 'updated'
  when exists (select from method) then 'replayed'
  else 'unknown'
end as result`;

// `allowed`: nothing that is known under the locks speaks against the update. Marks and keys are only known to be unused
// until somebody else inserts them at the same time; `complete` then divides by zero, which undoes the whole statement,
// and each update runs alone.
function groupOfUpdates(): Grouped {
  return groupedQuery<[update: SigningMethodUpdate], ResultRow<"updated">, Result>({
    columns: {
      user_id: text(({ userId }) => userId),
      method_id: text(({ methodId }) => methodId),
      mac_key_id: text(({ mac }) => mac.keyId),
      mac: bytes(({ mac }) => mac.bytes, 32),
      change_mark: bytes(({ mark }) => mark?.mark ?? null, 32),
      change_mark_key_id: text(({ mark }) => mark?.keyId ?? null),
      on_update: text(({ auditAndOutbox }) => auditAndOutboxJson(auditAndOutbox)),
      signing_id: text(({ authorization }) => authorization?.methodId ?? null),
      signing_version: integer(({ authorization }) => authorization?.version ?? 0),
      matched: boolean(({ authorization }) => authorization?.matched ?? false),
      attempts_allowed: integer(({ authorization }) => authorization?.attemptsAllowed ?? 0),
      mark: bytes(({ authorization }) => authorization?.mark?.mark ?? null, 32),
      mark_key_id: text(({ authorization }) => authorization?.mark?.keyId ?? null),
      idempotency_key: uuid(({ authorization }) => authorization?.idempotencyKey ?? null),
      at: time(({ authorization }) => authorization?.at ?? new Date(0)),
      renewed_key_id: text(({ authorization }) => authorization?.renewedMac?.keyId ?? null),
      renewed_mac: bytes(({ authorization }) => authorization?.renewedMac?.bytes ?? null, 32),
    },
    locks: ({ methodId, mark, authorization }) => [
      lockNames.signingMethod(methodId),
      authorization === null ? null : lockNames.signingMethod(authorization.methodId),
      lockNames.mark(mark?.mark ?? null),
      lockNames.mark(authorization?.mark?.mark ?? null),
      lockNames.idempotencyKey(authorization?.idempotencyKey ?? null),
    ],
    optional: writtenParts(({ auditAndOutbox }) => [auditAndOutbox]),
    sql: (parts) => `
with ${parts.item},
method as materialized (
  select id, user_id, version, incorrect_attempts, needs_recovery from signing_methods
  where id = any (array(select signing_id from item union select method_id from item))
  order by id
  ${parts.lockRows}
),
allowed as materialized (
  select item.*, signing.user_id as key_user_id
  from item
  join method signing on signing.id = item.signing_id
  join method changed on changed.id = item.method_id and changed.user_id = item.user_id
  where matched
    and signing.version = signing_version
    and not signing.needs_recovery
    and signing.incorrect_attempts < attempts_allowed
    and change_mark is distinct from mark
    and not exists (select from replay_marks where replay_marks.mark in (item.mark, item.change_mark))
    and not exists (
      select from idempotency_keys
      where idempotency_keys.user_id = signing.user_id and idempotency_keys.key = item.idempotency_key
    )
),
spending as materialized (
  select mark, mark_key_id from allowed where mark is not null
  union all
  select change_mark, change_mark_key_id from allowed where change_mark is not null
),
${spendMarks("spending", parts)},
spent_count as materialized (select count(*) as marks from spent),
used as (
  insert into idempotency_keys (user_id, key, spent_at)
  select key_user_id, idempotency_key, at from allowed, spent_count
  where idempotency_key is not null and marks >= 0
  order by key_user_id, idempotency_key
  on conflict do nothing
  returning key
),
complete as materialized (
  select 1 / case
    when marks = (select count(*) from spending)
      and (select count(*) from used) = (select count(idempotency_key) from allowed)
      then 1
    else 0
  end as yes
  from spent_count
),
target as materialized (
  select method_id as id, mac_key_id, mac, 1 as versions from allowed
  union all
  select signing_id, renewed_key_id, renewed_mac, 0 from allowed where signing_id <> method_id
),
updated as (
  update signing_methods
  set
    mac_key_id = coalesce(target.mac_key_id, signing_methods.mac_key_id),
    mac = coalesce(target.mac, signing_methods.mac),
    version = signing_methods.version + versions,
    incorrect_attempts = 0,
    needs_recovery = needs_recovery and versions = 0
  from target, complete
  where signing_methods.id = target.id and yes = 1
  returning signing_methods.id
),
due as materialized (
  select number, on_update::jsonb as audit_and_outbox from allowed
  where method_id = any (array(select id from updated))
),
${chainAuditAndOutbox(parts)}
select item.number, 'updated' as result, allowed.number is null as skipped
from item left join allowed using (number)`,
    resultOf: resultOfRow,
  });
}
