-- A code and the digits of a card bind a key. The digits of a card that vendors' protocols serve are known to its partner,
-- so that a key which such a card bound serves no card that is for the native protocol alone.
alter table bound_keys add column by_native_only boolean not null default false;
