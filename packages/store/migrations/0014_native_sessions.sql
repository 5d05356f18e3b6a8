-- The native protocol: the keys that devices bound, the sessions that were answered, and what counts wrong codes.

-- By the thumbprint (RFC 7638). Kept apart from the devices of Solaris' protocol, so that none acts in the other one. A key
-- that was unbound stays: it is never bound again.
create table bound_keys (
  thumbprint text collate "C" primary key check (length(thumbprint) = 43),
  person_id text collate "C" not null references persons,
  public_point bytea not null check (octet_length(public_point) = 65 and get_byte(public_point, 0) = 4),
  bound_at timestamptz not null,
  unbound_at timestamptz
);
create index bound_keys_live on bound_keys (person_id) where unbound_at is null;

-- A session gets one answer. `outcome` and `remaining` say what the first message did. A row goes once its session has
-- expired.
create table spent_sessions (
  session_hash bytea primary key check (octet_length(session_hash) = 32),
  message_hash bytea not null check (octet_length(message_hash) = 32),
  outcome text collate "C" not null,
  remaining integer,
  expires_at timestamptz not null
);
create index spent_sessions_expiry on spent_sessions (expires_at);

-- A code that was sent for a session: the challenge's id is the session's.
alter table challenges drop constraint challenges_kind_check;
alter table challenges add constraint challenges_kind_check
  check (kind in ('device_binding', 'device_signing', 'mobile_number', 'activation_code', 'session_code'));

-- The name is shown on the device before a code is typed: only an operator sets it. `bound_keys` counts the live ones,
-- `session_codes` those that were sent on `session_code_day`, `wrong_session_codes` the wrong ones in a row.
alter table persons
  add column name text,
  add column bound_keys integer not null default 0 check (bound_keys >= 0),
  add column session_code_day date,
  add column session_codes integer not null default 0 check (session_codes >= 0),
  add column wrong_session_codes integer not null default 0 check (wrong_session_codes >= 0);
alter table partners
  add column wrong_session_code_day date,
  add column wrong_session_codes integer not null default 0 check (wrong_session_codes >= 0);
