-- The house: callers, cards, devices, what waits for an answer, what was spent, what happened, what goes out.
--
-- Ids are the caller's. They and all names are collated "C": both databases order them alike, and an upgrade of
-- the system's locales does not spoil an index.
-- Columns *_key_id name the vault's key that sealed the bytes beside them. They have no foreign key: every change
-- would lock the same row of keys, and records of keys are never deleted.

create table partners (
  id text collate "C" primary key,
  name text not null,
  created_at timestamptz not null
);

create table credentials (
  client_id text collate "C" primary key,
  kind text collate "C" not null,
  partner_id text collate "C" not null references partners,
  secret_hash bytea not null check (octet_length(secret_hash) = 32),
  roles text[] not null,
  created_at timestamptz not null,
  revoked_at timestamptz
);
create unique index credentials_secret on credentials (kind, secret_hash) where revoked_at is null;

create table access_tokens (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  client_id text collate "C" not null references credentials,
  audience text collate "C" not null,
  expires_at timestamptz not null
);
create index access_tokens_client on access_tokens (client_id);
create index access_tokens_expiry on access_tokens (expires_at);

create table operators (
  api_key_hash bytea primary key check (octet_length(api_key_hash) = 32),
  name text not null,
  created_at timestamptz not null
);

create table programs (
  id text collate "C" primary key,
  name text not null,
  settings jsonb not null,
  created_at timestamptz not null
);

create table persons (
  id text collate "C" primary key,
  partner_id text collate "C" not null references partners,
  created_at timestamptz not null
);

create table mobile_numbers (
  person_id text collate "C" primary key references persons,
  id text collate "C" not null unique,
  number text not null,
  verified boolean not null
);

-- Pages are left a quarter empty so that a try or a change stays on its page and touches no index.
create table cards (
  id text collate "C" primary key,
  person_id text collate "C" not null references persons,
  program_id text collate "C" not null references programs,
  state text not null default 'active' check (state in ('active', 'blocked', 'terminated')),
  created_at timestamptz not null,
  pin_status text not null default 'not_set' check (pin_status in ('not_set', 'active', 'blocked')),
  pin_version integer not null default 0,
  pin_key_id text collate "C",
  pin_sealed bytea,
  pin_failures integer not null default 0 check (pin_failures >= 0),
  chip_version integer not null default 0,
  check ((pin_version = 0) = (pin_status = 'not_set')),
  check ((pin_version = 0) = (pin_key_id is null)),
  check ((pin_version = 0) = (pin_sealed is null)),
  check (0 <= chip_version and chip_version <= pin_version)
) with (fillfactor = 75);

create table card_names (
  card_id text collate "C" not null references cards,
  protocol text collate "C" not null,
  name text collate "C" not null,
  primary key (card_id, protocol),
  unique (protocol, name)
);

create table former_pins (
  card_id text collate "C" not null references cards,
  version integer not null check (version > 0),
  key_id text collate "C" not null,
  sealed bytea not null,
  primary key (card_id, version)
);

-- Deleted devices stay, for what refers to them.
create table devices (
  id text collate "C" primary key,
  person_id text collate "C" not null references persons,
  name text,
  state text not null default 'unverified' check (state in ('unverified', 'verified', 'deleted')),
  created_at timestamptz not null
);
create index devices_verified on devices (person_id) where state = 'verified';

create table device_keys (
  device_id text collate "C" not null references devices,
  purpose text not null check (purpose in ('restricted', 'unrestricted')),
  id text collate "C" not null unique,
  public_point bytea not null check (octet_length(public_point) = 65 and get_byte(public_point, 0) = 4),
  created_at timestamptz not null,
  primary key (device_id, purpose)
);

create table challenges (
  id text collate "C" primary key,
  kind text not null check (kind in ('device_binding', 'device_signing', 'mobile_number', 'activation_code')),
  person_id text collate "C" not null references persons,
  device_id text collate "C" references devices,
  key_purpose text check (key_purpose in ('restricted', 'unrestricted')),
  secret_key_id text collate "C" not null,
  secret_sealed bytea not null,
  state text not null check (state in ('open', 'answered', 'ended')),
  tries integer not null check (tries >= 0),
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index challenges_open on challenges (person_id, kind, created_at) where state = 'open';
create index challenges_expiry on challenges (expires_at);

create table change_requests (
  id text collate "C" primary key,
  card_id text collate "C" not null references cards,
  person_id text collate "C" not null references persons,
  status text not null
    check (status in ('AUTHORIZATION_REQUIRED', 'CONFIRMATION_REQUIRED', 'COMPLETED', 'FAILED')),
  pin_key_id text collate "C",
  pin_sealed bytea,
  delivery_method text check (delivery_method in ('mobile_number', 'device_signing', 'static')),
  device_id text collate "C" references devices,
  secret_key_id text collate "C",
  secret_sealed bytea,
  tries integer not null check (tries >= 0),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  expires_at timestamptz not null,
  check ((pin_key_id is null) = (pin_sealed is null)),
  check ((secret_key_id is null) = (secret_sealed is null)),
  check ((status in ('COMPLETED', 'FAILED')) = (pin_sealed is null)),
  check ((status = 'CONFIRMATION_REQUIRED') = (secret_sealed is not null))
);
create index change_requests_waiting on change_requests (expires_at)
  where status in ('AUTHORIZATION_REQUIRED', 'CONFIRMATION_REQUIRED');

create table replay_marks (
  mark bytea primary key check (octet_length(mark) = 32),
  key_id text collate "C" not null
);
create index replay_marks_key on replay_marks (key_id);

create table keys (
  id text collate "C" primary key,
  purpose text collate "C" not null,
  version integer not null check (version > 0),
  algorithm text not null,
  public_key_spki bytea,
  handle bytea not null,
  created_at timestamptz not null,
  accepted_until timestamptz,
  unique (purpose, version)
);

-- Heads of the chains. Their number is fixed here: it decides which chain a subject belongs to.
-- Every change rewrites one head, so each has most of a page to itself.
create table audit_shards (
  shard integer primary key check (shard >= 0),
  sequence bigint not null default 0 check (sequence >= 0),
  hash bytea not null default decode(repeat('00', 32), 'hex') check (octet_length(hash) = 32)
) with (fillfactor = 10);
insert into audit_shards (shard) select generate_series(0, 15);

-- No foreign key to the head: a link is made from the head's own row, in the statement that moves the head.
create table audit_events (
  shard integer not null,
  sequence bigint not null,
  card_id text collate "C",
  occurred_at timestamptz not null,
  content text not null,
  hash bytea not null,
  primary key (shard, sequence)
);
create index audit_events_card on audit_events (card_id, occurred_at, shard, sequence) where card_id is not null;

create table outbox (
  id text collate "C" primary key,
  position bigint generated always as identity,
  ordering_key text collate "C" not null,
  topic text not null check (topic in ('message', 'event')),
  recipient text collate "C",
  channel text collate "C",
  payload text,
  text_key_id text collate "C",
  text_sealed bytea,
  created_at timestamptz not null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
  attempts integer not null default 0,
  -- The next attempt; while one is under way, when it is given up for lost.
  due_at timestamptz not null,
  ended_at timestamptz,
  last_failure text,
  check ((topic = 'event') = (payload is not null)),
  check ((topic = 'message') = (recipient is not null)),
  check ((topic = 'message') = (channel is not null)),
  check ((topic = 'message') = (text_key_id is not null)),
  check ((topic = 'message') = (text_sealed is not null)),
  check ((state = 'waiting') = (ended_at is null))
);
create index outbox_due on outbox (due_at) where state = 'waiting';
create index outbox_order on outbox (ordering_key, position) where state = 'waiting';
create index outbox_delivered on outbox (ended_at) where state = 'delivered';
create index outbox_dead on outbox (ended_at) where state = 'dead';
