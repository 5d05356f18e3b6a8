import { eraseSealed } from "../change-requests/index.ts";
import {
  boolean,
  bytes,
  groupedQuery,
  integer,
  lockNames,
  type ResultRow,
  resultOfRow,
  text,
  time,
  type Waiting,
} from "../groups/index.ts";
import type { MarksOfMessage } from "../records.ts";
import { auditAndOutboxJson, chainAuditAndOutbox, setPins, spendMarks, writtenParts } from "../statements/index.ts";
import type { PinChange, PinChangeResult } from "./records.ts";

function marksOf({ mark }: PinChange): MarksOfMessage | readonly [null?, null?] {
  if (mark === null) return [];
  return "mark" in mark ? [mark] : mark;
}

// Each CTE reads from the one before it: first the cards, then the change requests, then the marks, and only then is
// anything else written. The rows that decide are locked before they are read, so they do not change before the commit.
export const changePin = groupedQuery<[change: PinChange], ResultRow<PinChangeResult>, PinChangeResult>({
  columns: {
    card_id: text(({ cardId }) => cardId),
    from_version: integer(({ fromVersion }) => fromVersion),
    change_request_id: text(({ changeRequestId }) => changeRequestId),
    at: time(({ at }) => at),
    mark: bytes((change) => marksOf(change)[0]?.mark ?? null, 32),
    second_mark: bytes((change) => marksOf(change)[1]?.mark ?? null, 32),
    mark_key_id: text((change) => marksOf(change)[0]?.keyId ?? null),
    new_key_id: text(({ sealed }) => sealed.keyId),
    new_sealed: bytes(({ sealed }) => sealed.bytes),
    unblocks: boolean(({ unblocks }) => unblocks),
    has_offline_pin: boolean(({ offlinePin }) => offlinePin),
    history_length: integer(({ pinHistoryLength }) => pinHistoryLength),
    audit_and_outbox: text(({ auditAndOutbox }) => auditAndOutboxJson(auditAndOutbox)),
  },
  locks: (change) => [
    lockNames.card(change.cardId),
    lockNames.changeRequest(change.changeRequestId),
    ...marksOf(change).map((mark) => lockNames.mark(mark?.mark ?? null)),
  ],
  optional: {
    changeRequest: ({ changeRequestId }) => changeRequestId !== null,
    secondMark: (change) => marksOf(change).length > 1,
    pinHistory: ({ pinHistoryLength }) => pinHistoryLength > 0,
    ...writtenParts(({ auditAndOutbox }) => [auditAndOutbox]),
  },
  sql: (parts) => `
with ${parts.item},
card as materialized (
  select id, state, pin_version, pin_key_id, pin_sealed from cards
  where id = any (array(select card_id from item))
  order by id
  ${parts.lockRows}
),
found as materialized (
  select item.*, card.pin_version, card.pin_key_id, card.pin_sealed
  from item join card on card.id = item.card_id
  where card.pin_version = item.from_version and card.state = 'active'
),
${parts.needs("changeRequest") ? allowedByRequest(parts) : "allowed as materialized (select * from found),"}
marked as materialized (
  select mark, mark_key_id from allowed
  ${parts.needs("secondMark") ? "union all select second_mark, mark_key_id from allowed where second_mark is not null" : ""}
),
${spendMarks("marked", parts)},
decided as materialized (
  select * from allowed
  where (mark is null or mark = any (array(select mark from spent)))
    and (second_mark is null or second_mark = any (array(select mark from spent)))
),
${setPins("true", parts)}
${parts.needs("changeRequest") ? completeRequests : ""}
due as materialized (
  select number, audit_and_outbox::jsonb from decided where card_id = any (array(select id from changed))
),
${chainAuditAndOutbox(parts)}
select
  item.number,
  case
    when due.number is not null then 'changed'
    when allowed.number is not null then 'replayed'
    when found.number is not null then 'change_request_ended'
    else 'conflict'
  end as result,
  ${parts.isGroup} and (card.id is null ${parts.needs("changeRequest") ? orRequestSkipped : ""}) as skipped
from item
left join card on card.id = item.card_id
left join found using (number)
left join allowed using (number)
left join due using (number)`,
  resultOf: resultOfRow,
});

function allowedByRequest({ lockRows }: Pick<Waiting, "lockRows">): string {
  return `
request as materialized (
  select id, card_id, status, expires_at from change_requests
  where id = any (array(select change_request_id from found))
  order by id
  ${lockRows}
),
allowed as materialized (
  select found.* from found left join request on request.id = found.change_request_id
  where found.change_request_id is null or (
    request.card_id = found.card_id and request.status = 'CONFIRMATION_REQUIRED' and request.expires_at > found.at
  )
),`;
}

const orRequestSkipped = `or found.change_request_id is not null and not exists (
  select from request where request.id = found.change_request_id
)`;

const completeRequests = `
completed as (
  update change_requests
  set status = 'COMPLETED', updated_at = decided.at, ${eraseSealed}
  from decided
  where change_requests.id = decided.change_request_id
),`;
