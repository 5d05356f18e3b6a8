import type { AuditAndOutbox, AuditEntry, OutboxEntry } from "../records.ts";

/**
 * CTEs that write the audit event and the outbox entries of a change. They follow a CTE `due (audit_and_outbox jsonb)`,
 * which has one row if the change was made and none if not. `due` must be MATERIALIZED and must read from the CTE that
 * made the change.
 *
 * The head of the shard is locked last, after all rows that a statement decides on, so that statements cannot
 * deadlock. Outbox entries get their positions while the head is locked, so that entries of one subject are delivered
 * in the order of its audit events. `auditHash` defines the hash.
 */
export const writeAuditAndOutbox = `
entry as materialized (
  select
    ('x' || left(encode(sha256(convert_to(audit ->> 'subject', 'UTF8')), 'hex'), 8))::bit(32)::bigint
      % (select count(*) from audit_shards) as shard,
    audit ->> 'cardId' as card_id,
    (audit ->> 'occurredAt')::timestamptz as occurred_at,
    audit ->> 'content' as content,
    audit_and_outbox -> 'outbox' as outbox
  from due, lateral (select audit_and_outbox -> 'audit') as part (audit)
),
link as (
  update audit_shards head
  set
    sequence = head.sequence + 1,
    hash = sha256(
      head.hash || int4send(head.shard) || int8send(head.sequence + 1)
        || int8send((extract(epoch from entry.occurred_at) * 1000)::bigint)
        || int4send(coalesce(octet_length(entry.card_id), -1)) || convert_to(coalesce(entry.card_id, ''), 'UTF8')
        || convert_to(entry.content, 'UTF8')
    )
  from entry
  where head.shard = entry.shard
  returning head.shard, head.sequence, head.hash
),
event as (
  insert into audit_events (shard, sequence, card_id, occurred_at, content, hash)
  select link.shard, link.sequence, entry.card_id, entry.occurred_at, entry.content, link.hash from link, entry
),
sent as (
  ${addToOutbox("link, entry")}
)`;

/** An insert of the outbox entries in the column `outbox (jsonb)` of `from`, in their order. */
export function addToOutbox(from: string): string {
  return `insert into outbox
    (id, ordering_key, topic, recipient, channel, payload, text_key_id, text_sealed, created_at, due_at)
  select id, "orderingKey", topic, recipient, channel, payload, "textKeyId", decode("textHex", 'hex'), "createdAt", "createdAt"
  from ${from}, rows from (jsonb_to_recordset(outbox) as (
    id text, "orderingKey" text, topic text, recipient text, channel text, payload text,
    "textKeyId" text, "textHex" text, "createdAt" timestamptz
  )) with ordinality
  order by ordinality`;
}

/** The JSON that `due` reads from a parameter. */
export function auditAndOutboxJson({ audit, outbox }: AuditAndOutbox): string {
  return JSON.stringify({ audit, outbox: outbox.map(outboxFields) });
}

/** The same for an audit event without outbox entries. */
export function auditJson(audit: AuditEntry): string {
  return auditAndOutboxJson({ audit, outbox: [] });
}

/** The JSON that `addToOutbox` reads from a parameter. */
export function outboxJson(outbox: readonly OutboxEntry[]): string {
  return JSON.stringify(outbox.map(outboxFields));
}

function outboxFields({ sealedText, ...entry }: OutboxEntry) {
  return {
    ...entry,
    textKeyId: sealedText?.keyId ?? null,
    textHex: sealedText === null ? null : Buffer.from(sealedText.bytes).toString("hex"),
  };
}
