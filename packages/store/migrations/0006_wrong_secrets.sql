-- How often a caller was wrong at a route within a minute, on whichever server. `name` is the server's word for both.
create table wrong_secrets (
  name text collate "C" not null,
  minute timestamptz not null,
  count int not null check (count > 0),
  primary key (minute, name)
);
