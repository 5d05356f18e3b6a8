-- Keys: the vault they are in, since when they are current (null: pending), and when they were destroyed.
alter table keys
  add column vault text collate "C" not null default 'software',
  add column current_from timestamptz,
  add column destroyed_at timestamptz;
update keys set current_from = created_at;
alter table keys alter column vault drop default;
alter table keys add check (destroyed_at is null or accepted_until is not null);

-- A method whose key went before its value came: only a new value helps.
alter table signing_methods add column needs_recovery boolean not null default false;

-- What a key still protects is counted, and sealed anew, by the key. A change of a PIN under the same key touches
-- none of these indexes.
create index cards_pin_key on cards (pin_key_id, id) where pin_key_id is not null;
create index former_pins_key on former_pins (key_id, card_id, version);
create index card_data_key on card_data (key_id, card_id);
create index signing_methods_mac_key on signing_methods (mac_key_id) where not needs_recovery;

-- Signed heads of every shard, each checkpoint bound to the one before. `content` is signed as it stands.
create table audit_checkpoints (
  sequence bigint primary key check (sequence > 0),
  content text not null,
  key_id text collate "C" not null,
  signature bytea not null
);
