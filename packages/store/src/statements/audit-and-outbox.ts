import type { Needs, OptionalParts, Waiting } from "../groups/index.ts";
import type { AuditAndOutbox, AuditEntry, IdempotentAnswer, OutboxEntry } from "../records.ts";

/**
 * CTEs that write the audit events and the outbox entries of changes. They follow a CTE
 * `due (number int, audit_and_outbox jsonb)`, which has one row for each change that was made. `due` must be
 * MATERIALIZED and must read from the CTE that made the changes.
 *
 * The heads of the shards are locked last, after all rows that a statement decides on, and in order of their numbers, so
 * that statements cannot deadlock. Each event is linked to the one before it, in order of `number`, from the heads as
 * they are under the lock. Outbox entries get their positions while the heads are locked, so that entries of one
 * subject are delivered in the order of its audit events. `auditHash` defines the hash.
 *
 * Rows of `card_details` follow the card that the statement has locked or added, so that they are not waited for. A row of
 * `idempotent_requests` is written by the request that reserved it. Where another owner reserved it in the meantime, the
 * row is inserted beside that one: the primary key refuses it, and with it the whole change.
 *
 * What follows the audit event is left out where `writtenParts` says that no change needs it.
 */
export function chainAuditAndOutbox({ waitAsEver, needs }: Pick<Waiting, "waitAsEver"> & Needs): string {
  return `
due_event as materialized (
  select
    number,
    ('x' || left(encode(sha256(convert_to(audit ->> 'subject', 'UTF8')), 'hex'), 8))::bit(32)::bigint
      % (select count(*) from audit_shards) as shard,
    audit ->> 'cardId' as card_id,
    (audit ->> 'occurredAt')::timestamptz as occurred_at,
    audit ->> 'content' as content,
    audit_and_outbox -> 'outbox' as outbox,
    audit_and_outbox -> 'cardDetails' as details,
    audit_and_outbox -> 'answer' as answer
  from due, lateral (select audit_and_outbox -> 'audit') as part (audit)
),
entry as materialized (
  select *, row_number() over (partition by shard order by number) as place from due_event
),
head as materialized (
  select shard, sequence, hash from audit_shards
  where shard = any (array(select shard from entry)) and ${waitAsEver}
  order by shard
  for no key update
),
link as materialized (
  with recursive link (shard, place, sequence, hash, number, card_id, occurred_at, content) as (
    select shard, 0::bigint, sequence, hash, null::int, null::text, null::timestamptz, null::text from head
    union all
    select
      link.shard,
      entry.place,
      link.sequence + 1,
      sha256(
        link.hash || int4send(link.shard) || int8send(link.sequence + 1)
          || int8send((extract(epoch from entry.occurred_at) * 1000)::bigint)
          || int4send(coalesce(octet_length(entry.card_id), -1)) || convert_to(coalesce(entry.card_id, ''), 'UTF8')
          || convert_to(entry.content, 'UTF8')
      ),
      entry.number,
      entry.card_id,
      entry.occurred_at,
      entry.content
    from link join entry on entry.shard = link.shard and entry.place = link.place + 1
  )
  select * from link where place > 0
),
moved as (
  update audit_shards
  set sequence = last.sequence, hash = last.hash
  from (select distinct on (shard) shard, sequence, hash from link order by shard, place desc) last
  where audit_shards.shard = last.shard
),
event as (
  insert into audit_events (shard, sequence, card_id, occurred_at, content, hash)
  select shard, sequence, card_id, occurred_at, content, hash from link
)${needs("outbox") ? outboxEntries : ""}${needs("cardDetails") ? cardDetails : ""}${needs("answer") ? answers : ""}`;
}

const outboxEntries = `,
sent as (
  ${addToOutbox("link join entry using (number)", "number")}
)`;

const cardDetails = `,
kept_details as (
  insert into card_details (card_id, protocol, details)
  select details ->> 'cardId', details ->> 'protocol', details -> 'details' from due_event where details is not null
  on conflict (card_id, protocol) do update set details = jsonb_strip_nulls(card_details.details || excluded.details)
)`;

const answers = `,
kept_answer as (
  update idempotent_requests set status = (answer ->> 'status')::smallint, body = answer ->> 'body'
  from due_event
  where answer is not null and client_id = answer ->> 'clientId' and key = answer ->> 'key'
    and owner = answer ->> 'owner' and idempotent_requests.status is null
  returning client_id, key
),
lost_answer as (
  insert into idempotent_requests (client_id, key, owner, request_hash, started_at, status, body)
  select
    answer ->> 'clientId', answer ->> 'key', answer ->> 'owner', decode(answer ->> 'requestHashHex', 'hex'),
    (answer ->> 'at')::timestamptz, (answer ->> 'status')::smallint, answer ->> 'body'
  from due_event
  where answer is not null
    and (answer ->> 'clientId', answer ->> 'key') not in (select client_id, key from kept_answer)
)`;

/** The parts of `chainAuditAndOutbox` that a call needs, from all that it may write. */
export function writtenParts<Parameters extends unknown[]>(
  writtenBy: (...parameters: Parameters) => readonly (AuditAndOutbox | null)[],
): OptionalParts<Parameters> {
  const some =
    (isNeeded: (written: AuditAndOutbox) => boolean) =>
    (...parameters: Parameters) =>
      writtenBy(...parameters).some((written) => written !== null && isNeeded(written));
  return {
    outbox: some(({ outbox }) => outbox.length > 0),
    cardDetails: some(({ cardDetails }) => cardDetails !== undefined),
    answer: some(({ answer }) => answer !== undefined),
  };
}

/** The same for a statement of one change. */
export const writeAuditAndOutbox = chainAuditAndOutbox({ waitAsEver: "true", needs: () => true });

/**
 * An insert of the outbox entries in the column `outbox (jsonb)` of `from`: those of a row in their order, rows in the
 * order of the column `by`.
 */
export function addToOutbox(from: string, by: string): string {
  return `insert into outbox
    (id, ordering_key, topic, recipient, channel, payload, text_key_id, text_sealed, created_at, due_at)
  select id, "orderingKey", topic, recipient, channel, payload, "textKeyId", decode("textHex", 'hex'), "createdAt", "createdAt"
  from ${from}, rows from (jsonb_to_recordset(outbox) as (
    id text, "orderingKey" text, topic text, recipient text, channel text, payload text,
    "textKeyId" text, "textHex" text, "createdAt" timestamptz
  )) with ordinality
  order by ${by}, ordinality`;
}

/** The JSON that `due` reads from a parameter. */
export function auditAndOutboxJson({ audit, outbox, cardDetails, answer }: AuditAndOutbox): string {
  return JSON.stringify({
    audit,
    outbox: outbox.map(outboxFields),
    cardDetails,
    answer: answer && answerFields(answer),
  });
}

/** The same for an audit event without outbox entries. */
export function auditJson(audit: AuditEntry): string {
  return auditAndOutboxJson({ audit, outbox: [] });
}

/** The JSON that `addToOutbox` reads from a parameter. */
export function outboxJson(outbox: readonly OutboxEntry[]): string {
  return JSON.stringify(outbox.map(outboxFields));
}

function answerFields({ requestHash, ...answer }: IdempotentAnswer) {
  return { ...answer, requestHashHex: Buffer.from(requestHash).toString("hex") };
}

function outboxFields({ sealedText, ...entry }: OutboxEntry) {
  return {
    ...entry,
    textKeyId: sealedText?.keyId ?? null,
    textHex: sealedText === null ? null : Buffer.from(sealedText.bytes).toString("hex"),
  };
}
