-- The signed lists of the issuer's keys, one row for each `seq`. `jws` is served as it stands.
create table key_manifests (
  seq bigint primary key check (seq > 0),
  jws text not null,
  issued_at timestamptz not null
);
