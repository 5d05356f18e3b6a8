import { LinchpinError } from "@linchpin/core";
import { boolean, bytes, groupedQuery, type ItemRow, integer, lockNames, text, time } from "../groups/index.ts";
import { auditAndOutboxJson, chainAuditAndOutbox, writtenParts } from "../statements/index.ts";
import { lockedRows } from "./locked-rows.ts";
import { outcomeWrites } from "./outcome-writes.ts";
import type { ComparedPin, SessionDecision, SessionEffect, SessionMessage } from "./records.ts";

/** The effect of a message, if it is of this type. */
function effectOf<Type extends SessionEffect["type"]>(
  { effect }: SessionMessage,
  type: Type,
): Extract<SessionEffect, { type: Type }> | null {
  return effect.type === type ? (effect as Extract<SessionEffect, { type: Type }>) : null;
}

function comparedPin(message: SessionMessage): ComparedPin | null {
  return effectOf(message, "verify") ?? effectOf(message, "bind")?.presented ?? null;
}

function auditAndOutboxByOutcome({ auditAndOutbox }: SessionMessage): string {
  const members = Object.entries(auditAndOutbox).map(
    ([outcome, written]) => `${JSON.stringify(outcome)}:${auditAndOutboxJson(written)}`,
  );
  return `{${members.join(",")}}`;
}

// A server whose clock is behind, at midnight, counts on the day that another has begun.
//
// Locked in this order: what `lockedRows` locks, sessions, challenges, audit shards. What decides is read under its lock. In
// a group, a message whose rows are not all found and locked runs again alone, as somebody else may hold one.
export const spendSession = groupedQuery<[message: SessionMessage], Row, SessionDecision>({
  columns: {
    session_hash: bytes(({ sessionHash }) => sessionHash, 32),
    message_hash: bytes(({ messageHash }) => messageHash, 32),
    expires_at: time(({ expiresAt }) => expiresAt),
    at: time(({ at }) => at),
    day: text(({ at }) => at.toISOString().slice(0, 10)),
    card_id: text(({ cardId }) => cardId),
    person_id: text(({ personId }) => personId),
    partner_id: text(({ partnerId }) => partnerId),
    device: text(({ device }) => device),
    is_native_only: boolean(({ isNativeOnly }) => isNativeOnly),
    challenge_id: text(({ code }) => code?.challengeId ?? null),
    is_code_right: boolean(({ code }) => code?.isRight ?? null),
    wrong_in_a_row: integer(({ code }) => code?.limits.wrongInARow ?? null),
    wrong_per_day: integer(({ code }) => code?.limits.wrongPerPartnerAndDay ?? null),
    demands_no_key: boolean(({ demandsNoBoundKey }) => demandsNoBoundKey),
    version: integer(({ version }) => version),
    failed_to_open: boolean(({ failedToOpen }) => failedToOpen),
    refusal: text(({ refusal }) => refusal),
    effect: text(({ effect }) => effect.type),
    new_thumbprint: text((message) => effectOf(message, "bind")?.thumbprint ?? null),
    new_point: bytes((message) => effectOf(message, "bind")?.publicPoint ?? null),
    max_keys: integer((message) => effectOf(message, "bind")?.maxKeys ?? null),
    new_key_id: text((message) => effectOf(message, "change")?.sealed?.keyId ?? null),
    new_sealed: bytes((message) => effectOf(message, "change")?.sealed?.bytes ?? null),
    unblocks: boolean((message) => effectOf(message, "change")?.unblocks ?? null),
    has_offline_pin: boolean((message) => effectOf(message, "change")?.offlinePin ?? null),
    history_length: integer((message) => effectOf(message, "change")?.pinHistoryLength ?? null),
    matched: boolean((message) => comparedPin(message)?.matched ?? null),
    try_limit: integer((message) => comparedPin(message)?.tryLimit ?? null),
    revealed_version: integer((message) => effectOf(message, "revealPin")?.version ?? null),
    audit_and_outbox: text(auditAndOutboxByOutcome),
  },
  locks: (message) => [
    lockNames.card(message.cardId),
    lockNames.boundKey(message.device),
    lockNames.boundKey(effectOf(message, "bind")?.thumbprint ?? null),
    message.code && lockNames.person(message.personId),
    message.code && lockNames.partner(message.partnerId),
    lockNames.session(message.sessionHash),
  ],
  optional: {
    key: (message) => message.device !== null || message.effect.type === "bind",
    code: ({ code }) => code !== null,
    bind: ({ effect }) => effect.type === "bind",
    change: ({ effect }) => effect.type === "change",
    pinHistory: (message) => (effectOf(message, "change")?.pinHistoryLength ?? 0) > 0,
    comparison: (message) => comparedPin(message) !== null,
    ...writtenParts(({ auditAndOutbox }) => Object.values(auditAndOutbox)),
  },
  sql: (parts) => `
with ${parts.item},
${lockedRows(parts)}
verdict as materialized (
  select
    *,
    case
      when state = 'blocked' then 'card_blocked'
      when state = 'terminated' then 'card_terminated'
      when device is not null and is_device_live is not true then 'device_unknown'
      when challenge_id is not null and (wrong_before >= wrong_in_a_row or wrong_today >= wrong_per_day)
        then 'code_locked'
      when failed_to_open then 'decryption_failed'
      when challenge_id is not null and not is_code_right then 'code_incorrect'
      when demands_no_key and bound_keys > 0 then 'session_stale'
      when version <> pin_version then 'session_stale'
      when refusal is not null then refusal
      when effect = 'bind' and matched is not null and pin_status <> 'active' then 'pin_blocked'
      when effect = 'bind' and not matched then 'pin_refused'
      when effect = 'bind' and is_bound is not null then case when is_bound then 'bound' else 'device_unknown' end
      when effect = 'bind' and bound_keys >= max_keys then 'too_many_devices'
      when effect = 'bind' then 'bound'
      when effect = 'change' then 'changed'
      when effect = 'revealCardData' then 'revealed'
      when pin_status = 'not_set' then 'pin_not_set'
      when effect = 'revealPin' then case when pin_status = 'blocked' then 'pin_blocked' else 'revealed' end
      when pin_status = 'blocked' then 'blocked'
      when matched then 'match'
      else 'mismatch'
    end as outcome
  from found
  where pin_version = coalesce(revealed_version, pin_version)
),
spent as (
  insert into spent_sessions (session_hash, message_hash, outcome, remaining, expires_at)
  select
    session_hash, message_hash, outcome,
    case when outcome = 'mismatch' then greatest(0, try_limit - pin_failures - 1) end, expires_at
  from verdict
  where ${parts.waitBriefly}
  order by session_hash
  on conflict do nothing
  returning session_hash, remaining
),
decided as materialized (
  select
    *,
    outcome = 'match' or effect = 'bind' and outcome = 'bound' and matched as is_right_pin,
    outcome = 'mismatch' or effect = 'bind' and outcome = 'pin_refused' as is_wrong_pin
  from verdict
  where session_hash = any (array(select session_hash from spent))
),
${outcomeWrites(parts)}
due as materialized (
  select
    number,
    coalesce(
      audit_and_outbox -> case when is_wrong_pin and pin_failures + 1 >= try_limit then 'blocking' else outcome end,
      jsonb_set(audit_and_outbox -> 'refused', '{audit,content}', to_jsonb(replace(
        audit_and_outbox #>> '{refused,audit,content}',
        '"outcome":"refused","code":"refused"',
        '"outcome":"refused","code":"' || outcome || '"'
      )))
    ) as audit_and_outbox
  from (
    select number, outcome, is_wrong_pin, pin_failures, try_limit, audit_and_outbox::jsonb from decided
  ) decided
),
${chainAuditAndOutbox(parts)}
select
  item.number, card.id is not null as "isCard", verdict.outcome, spent.remaining,
  spent.session_hash is not null as "isFirst", ${parts.isGroup} and verdict.number is null as skipped
from item
left join card on card.id = item.card_id
left join verdict using (number)
left join spent on spent.session_hash = verdict.session_hash`,
  resultOf: (row) => {
    if (!row?.isCard) throw new LinchpinError("card_unknown");
    const { outcome, remaining, isFirst } = row;
    if (outcome === null)
      throw new LinchpinError("conflict", { reason: "the PIN that is revealed was changed just now" });
    return { outcome, remaining, isFirst };
  },
});

interface Row extends ItemRow {
  /** Whether the card is there. */
  readonly isCard: boolean;
  /** Null: nothing was decided. */
  readonly outcome: string | null;
  readonly remaining: number | null;
  readonly isFirst: boolean;
}
