import { bytes, groupedQuery, integer, lockNames, type ResultRow, resultOfRow, text, time } from "../groups/index.ts";
import type { AuditAndOutbox, ReplayMark } from "../records.ts";
import { auditAndOutboxJson, chainAuditAndOutbox, isMarkSpent, spendMarks, writtenParts } from "../statements/index.ts";
import type { ChangeRequest } from "./records.ts";

type Parameters = [request: ChangeRequest, mark: ReplayMark, auditAndOutbox: AuditAndOutbox];

export const addChangeRequest = groupedQuery<Parameters, ResultRow<"added" | "replayed">, "added" | "replayed">({
  columns: {
    request_id: text(({ id }) => id),
    card_id: text(({ cardId }) => cardId),
    person_id: text(({ personId }) => personId),
    status: text(({ status }) => status),
    pin_key_id: text(({ sealedPin }) => sealedPin?.keyId ?? null),
    pin_sealed: bytes(({ sealedPin }) => sealedPin?.bytes ?? null),
    delivery_method: text(({ deliveryMethod }) => deliveryMethod),
    device_id: text(({ deviceId }) => deviceId),
    secret_key_id: text(({ sealedSecret }) => sealedSecret?.keyId ?? null),
    secret_sealed: bytes(({ sealedSecret }) => sealedSecret?.bytes ?? null),
    tries: integer(({ tries }) => tries),
    created_at: time(({ createdAt }) => createdAt),
    updated_at: time(({ updatedAt }) => updatedAt),
    expires_at: time(({ expiresAt }) => expiresAt),
    mark: bytes((_, { mark }) => mark, 32),
    mark_key_id: text((_, { keyId }) => keyId),
    audit_and_outbox: text((_, __, auditAndOutbox) => auditAndOutboxJson(auditAndOutbox)),
  },
  locks: ({ id }, { mark }) => [lockNames.changeRequest(id), lockNames.mark(mark)],
  optional: writtenParts((_, __, auditAndOutbox) => [auditAndOutbox]),
  sql: (parts) => `
with ${parts.item},
${spendMarks("item", parts)},
added as (
  insert into change_requests
    (id, card_id, person_id, status, pin_key_id, pin_sealed, delivery_method, device_id, secret_key_id, secret_sealed,
     tries, created_at, updated_at, expires_at)
  select
    request_id, card_id, person_id, status, pin_key_id, pin_sealed, delivery_method, device_id, secret_key_id,
    secret_sealed, tries, created_at, updated_at, expires_at
  from item where ${isMarkSpent}
  order by request_id
  returning id
),
due as materialized (
  select number, audit_and_outbox::jsonb from item join added on added.id = request_id
),
${chainAuditAndOutbox(parts)}
select number, case when added.id is null then 'replayed' else 'added' end as result
from item left join added on added.id = request_id`,
  resultOf: resultOfRow,
});
