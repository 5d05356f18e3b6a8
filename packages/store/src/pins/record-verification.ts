import { boolean, bytes, groupedQuery, type ItemRow, integer, lockNames, text } from "../groups/index.ts";
import { auditAndOutboxJson, chainAuditAndOutbox, isMarkSpent, spendMarks, writtenParts } from "../statements/index.ts";
import type { Verification, VerificationResult } from "./records.ts";

// The card is locked before its failed tries are read, so that each of several simultaneous tries sees those before it.
// The update then uses only what was read under the lock.
export const recordVerification = groupedQuery<[verification: Verification], Row, VerificationResult>({
  columns: {
    card_id: text(({ cardId }) => cardId),
    version: integer(({ version }) => version),
    matched: boolean(({ matched }) => matched),
    try_limit: integer(({ tryLimit }) => tryLimit),
    mark: bytes(({ mark }) => mark.mark, 32),
    mark_key_id: text(({ mark }) => mark.keyId),
    on_match: text(({ auditAndOutbox }) => auditAndOutboxJson(auditAndOutbox.match)),
    on_mismatch: text(({ auditAndOutbox }) => auditAndOutboxJson(auditAndOutbox.mismatch)),
    on_blocking: text(({ auditAndOutbox }) => auditAndOutboxJson(auditAndOutbox.blocking)),
    on_blocked: text(({ auditAndOutbox }) => auditAndOutboxJson(auditAndOutbox.blocked)),
  },
  locks: ({ cardId, mark }) => [lockNames.card(cardId), lockNames.mark(mark.mark)],
  optional: writtenParts(({ auditAndOutbox }) => Object.values(auditAndOutbox)),
  sql: (parts) => `
with ${parts.item},
card as materialized (
  select id, state, pin_version, pin_status, pin_failures from cards
  where id = any (array(select card_id from item))
  order by id
  ${parts.lockRows}
),
tried as materialized (
  select
    item.*,
    case
      when pin_status = 'blocked' then 'blocked'
      when matched then 'match'
      when pin_failures + 1 < try_limit then 'mismatch'
      else 'blocking'
    end as outcome,
    case
      when pin_status = 'blocked' then pin_failures
      when matched then 0
      else pin_failures + 1
    end as failed_tries,
    pin_failures as failed_tries_before
  from item join card on card.id = item.card_id
  where pin_version = item.version and state = 'active' and pin_status <> 'not_set'
),
${spendMarks("tried", parts)},
decided as materialized (select * from tried where ${isMarkSpent}),
counted as (
  update cards
  set
    pin_failures = decided.failed_tries,
    pin_status = case when decided.outcome = 'blocking' then 'blocked' else cards.pin_status end
  from decided
  where cards.id = decided.card_id and decided.failed_tries <> decided.failed_tries_before
),
due as materialized (
  select
    number,
    case outcome
      when 'match' then on_match when 'mismatch' then on_mismatch when 'blocking' then on_blocking else on_blocked
    end::jsonb as audit_and_outbox
  from decided
),
${chainAuditAndOutbox(parts)}
select
  item.number, tried.outcome, tried.failed_tries as "failedTries", decided.number is not null as "isSpent",
  ${parts.isGroup} and card.id is null as skipped
from item
left join card on card.id = item.card_id
left join tried using (number)
left join decided using (number)`,
  resultOf: (row, [{ tryLimit }]) => {
    if (row?.outcome === undefined || row.outcome === null) return { result: "conflict" };
    if (!row.isSpent) return { result: "replayed" };
    if (row.outcome === "blocked") return { result: "blocked", remainingAttempts: 0 };
    const remainingAttempts = row.outcome === "blocking" ? 0 : tryLimit - row.failedTries;
    return { result: row.outcome === "match" ? "match" : "mismatch", remainingAttempts };
  },
});

interface Row extends ItemRow {
  /** Null: the card's PIN is not of the version that was compared. */
  readonly outcome: "match" | "mismatch" | "blocking" | "blocked" | null;
  readonly failedTries: number;
  readonly isSpent: boolean;
}
