-- What a protocol keeps of a card and the issuer has no rule for, as JSON: texts by the names that they have there.
create table card_details (
  card_id text collate "C" not null references cards,
  protocol text collate "C" not null,
  details jsonb not null,
  primary key (card_id, protocol)
);

-- Requests that came with an idempotency key, and what they were answered; without a status one is under way. Venly's
-- keys, which a user spends for ever, are in idempotency_keys.
create table idempotent_requests (
  client_id text collate "C" not null references credentials,
  key text collate "C" not null,
  request_hash bytea not null check (octet_length(request_hash) = 32),
  started_at timestamptz not null,
  status smallint,
  body text,
  primary key (client_id, key),
  check ((status is null) = (body is null))
);
create index idempotent_requests_start on idempotent_requests (started_at);
