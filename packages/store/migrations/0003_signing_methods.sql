-- Users and their signing methods: secrets that are only ever compared, kept as HMACs under a key of the vault.

create table signing_users (
  id text collate "C" primary key,
  partner_id text collate "C" not null references partners,
  reference text not null,
  created_at timestamptz not null
);
create index signing_users_partner on signing_users (partner_id, created_at, id);

-- Pages are left a quarter empty so that an attempt stays on its page and touches no index.
create table signing_methods (
  id text collate "C" primary key,
  user_id text collate "C" not null references signing_users,
  type text not null check (type in ('PIN', 'EMERGENCY_CODE', 'BIOMETRIC')),
  physical_device_id text,
  -- 1 for the first value; each new value adds one.
  version integer not null default 1 check (version > 0),
  mac_key_id text collate "C" not null,
  mac bytea not null check (octet_length(mac) = 32),
  incorrect_attempts integer not null default 0 check (incorrect_attempts >= 0),
  created_at timestamptz not null,
  check ((type = 'BIOMETRIC') = (physical_device_id is not null))
) with (fillfactor = 75);
create index signing_methods_user on signing_methods (user_id);
create unique index signing_methods_one_a_user on signing_methods (user_id, type) where type <> 'BIOMETRIC';

-- For ever: a key that was forgotten could run a request again.
create table idempotency_keys (
  user_id text collate "C" not null references signing_users,
  key uuid not null,
  spent_at timestamptz not null,
  primary key (user_id, key)
);
