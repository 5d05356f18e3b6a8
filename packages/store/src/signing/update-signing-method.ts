import type { Database } from "../database/index.ts";
import {
  boolean,
  bytes,
  type GroupedQuery,
  groupedQuery,
  integer,
  lockNames,
  type Needs,
  type ResultRow,
  resultOfRow,
  text,
  time,
  uuid,
  type Waiting,
} from "../groups/index.ts";
import {
  auditAndOutboxJson,
  chainAuditAndOutbox,
  existsOnConflict,
  spendMarks,
  writtenParts,
} from "../statements/index.ts";
import { judgeAttempts } from "./judge-attempts.ts";
import type { SigningMethodUpdate, SigningRefusal } from "./records.ts";

type Result = "updated" | "unknown" | SigningRefusal;
type Grouped = GroupedQuery<[update: SigningMethodUpdate], Result>;

// The mark of a change may be spent only where its attempt matches, and marks are spent together in their order, before
// it is known which of them, and which idempotency key, another statement has just spent. Where it should not have been
// spent after all, `undone` violates its uniqueness: nothing of the statement is written, and each update runs alone.
//
// As in `record-signing.ts`, only what was read under the locks decides what is written.
const update: Grouped = groupedQuery<[update: SigningMethodUpdate], ResultRow<Result>, Result>({
  columns: {
    user_id: text(({ userId }) => userId),
    method_id: text(({ methodId }) => methodId),
    new_key_id: text(({ mac }) => mac.keyId),
    new_mac: bytes(({ mac }) => mac.bytes, 32),
    change_mark: bytes(({ mark }) => mark?.mark ?? null, 32),
    change_mark_key_id: text(({ mark }) => mark?.keyId ?? null),
    on_update: text(({ auditAndOutbox }) => auditAndOutboxJson(auditAndOutbox)),
    signing_id: text(({ authorization }) => authorization?.methodId ?? null),
    signing_version: integer(({ authorization }) => authorization?.version ?? null),
    matched: boolean(({ authorization }) => authorization?.matched ?? null),
    attempts_allowed: integer(({ authorization }) => authorization?.attemptsAllowed ?? null),
    mark: bytes(({ authorization }) => authorization?.mark?.mark ?? null, 32),
    mark_key_id: text(({ authorization }) => authorization?.mark?.keyId ?? null),
    idempotency_key: uuid(({ authorization }) => authorization?.idempotencyKey ?? null),
    at: time(({ authorization }) => authorization?.at ?? new Date(0)),
    renewed_key_id: text(({ authorization }) => authorization?.renewedMac?.keyId ?? null),
    renewed_mac: bytes(({ authorization }) => authorization?.renewedMac?.bytes ?? null, 32),
    on_mismatch: text(
      ({ authorization }) => authorization && auditAndOutboxJson(authorization.auditAndOutbox.mismatch),
    ),
    on_locking: text(({ authorization }) => authorization && auditAndOutboxJson(authorization.auditAndOutbox.locking)),
  },
  locks: ({ methodId, mark, authorization }) => [
    lockNames.signingMethod(methodId),
    authorization && lockNames.signingMethod(authorization.methodId),
    lockNames.mark(mark?.mark ?? null),
    lockNames.mark(authorization?.mark?.mark ?? null),
    lockNames.idempotencyKey(authorization?.idempotencyKey ?? null),
  ],
  optional: {
    changeMark: ({ mark }) => mark !== null,
    idempotencyKey: ({ authorization }) => (authorization?.idempotencyKey ?? null) !== null,
    ...writtenParts(({ auditAndOutbox, authorization }) => [
      auditAndOutbox,
      authorization?.auditAndOutbox.mismatch ?? null,
      authorization?.auditAndOutbox.locking ?? null,
    ]),
  },
  sql: (parts) => `
with ${parts.item},
method as materialized (
  select id, user_id, version, incorrect_attempts, needs_recovery from signing_methods
  where id = any (array(select signing_id from item union all select method_id from item))
  order by id
  ${parts.lockRows}
),
tried as materialized (
  select
    item.*,
    signing.user_id as signing_user_id,
    signing.incorrect_attempts,
    coalesce(changed.user_id = item.user_id, false) as is_own,
    case
      when signing_id is null then 'match'
      when signing.needs_recovery or signing.incorrect_attempts >= attempts_allowed then 'locked'
      when matched then 'match'
      when signing.incorrect_attempts + 1 < attempts_allowed then 'mismatch'
      else 'locking'
    end as attempt
  from item
  left join method signing on signing.id = signing_id
  left join method changed on changed.id = method_id
  where (signing_id is null or signing.version = signing_version) and (not ${parts.isGroup} or changed.id is not null)
),
${parts.needs("changeMark") ? spendBothMarks(parts) : spendMarks("tried", parts)},
spent_marks as materialized (select coalesce(array_agg(mark), '{}') as marks from spent),
fresh as materialized (
  select * from tried cross join spent_marks where mark is null or mark = any (marks)
),
${judgeAttempts(parts)}
decided as materialized (
  select
    *,
    case
      when outcome <> 'match' then outcome
      when not is_own then 'unknown'
      when change_mark is null or change_mark is distinct from mark and change_mark = any (marks) then 'updated'
      else 'replayed'
    end as result
  from judged
),
${parts.needs("changeMark") ? undoWhatWasWrong : ""}
target as materialized (
  select method_id as id, 1 as versions, 0 as attempts, new_key_id as key_id, new_mac as mac
  from decided where result = 'updated'
  union all
  select signing_id, 0, 0, renewed_key_id, renewed_mac
  from decided where outcome = 'match' and not (result = 'updated' and signing_id = method_id)
  union all
  select signing_id, 0, incorrect_attempts + 1, null, null
  from decided where outcome in ('mismatch', 'locking')
),
counted as (
  update signing_methods
  set
    mac_key_id = coalesce(target.key_id, signing_methods.mac_key_id),
    mac = coalesce(target.mac, signing_methods.mac),
    version = signing_methods.version + target.versions,
    incorrect_attempts = target.attempts,
    needs_recovery = signing_methods.needs_recovery and target.versions = 0
  from target
  where signing_methods.id = target.id
),
due as materialized (
  select number, audit_and_outbox::jsonb from (
    select
      number,
      case result when 'updated' then on_update when 'mismatch' then on_mismatch when 'locking' then on_locking end
        as audit_and_outbox
    from decided
  ) by_result
  where audit_and_outbox is not null
),
${chainAuditAndOutbox(parts)}
select
  item.number,
  case
    when tried.number is null then 'conflict'
    when decided.number is null then 'replayed'
    when decided.result = 'locking' then 'mismatch'
    else decided.result
  end as result,
  ${parts.isGroup} and (changed.id is null or item.signing_id is not null and signing.id is null) as skipped
from item
left join method signing on signing.id = item.signing_id
left join method changed on changed.id = item.method_id
left join tried using (number)
left join decided using (number)`,
  resultOf: resultOfRow,
});

/** Spends the marks of attempts, and with them those of changes against which nothing is known yet. */
function spendBothMarks(waiting: Pick<Waiting, "waitBriefly"> & Needs): string {
  return `
marked as materialized (
  select mark, mark_key_id from tried
  union all
  select change_mark, change_mark_key_id from tried
  where attempt = 'match' and is_own and change_mark is distinct from mark
    and not exists (select from replay_marks where replay_marks.mark = tried.mark)
    ${waiting.needs("idempotencyKey") ? unlessKeyUsed : ""}
),
${spendMarks("marked", waiting)}`;
}

const undoWhatWasWrong = `
undone as (
  insert into replay_marks (mark, key_id)
  select tried.change_mark, tried.change_mark_key_id
  from tried cross join spent_marks left join decided using (number)
  where decided.result is distinct from 'updated'
    and tried.change_mark is distinct from tried.mark and tried.change_mark = any (spent_marks.marks)
),`;

const unlessKeyUsed = `and not exists (
  select from idempotency_keys
  where idempotency_keys.user_id = signing_user_id and idempotency_keys.key = idempotency_key
)`;

/** Alone it runs a second time where it was undone: by then the mark or the key that was lost is known to be spent. */
async function updateAlone(database: Database, parameters: SigningMethodUpdate): Promise<Result> {
  const result = await existsOnConflict(update(database, parameters));
  return result === "exists" ? update(database, parameters) : result;
}

export const updateSigningMethod: typeof updateAlone & Pick<Grouped, "form"> = Object.assign(updateAlone, {
  form: update.form,
});
