-- A request with an idempotency key belongs to whoever reserved it last. `reserved_at` is the database's time, so that
-- servers with different clocks agree when a reservation was given up.
alter table idempotent_requests
  add column owner text collate "C" not null default '',
  add column reserved_at timestamptz not null default now();
