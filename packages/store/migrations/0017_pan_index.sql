-- A card is found by its PAN: an HMAC-SHA-256 of it, by a key of the issuer's. Null where it was not computed yet, as of the
-- card data that were there before: the issuer does so in the background.
alter table card_data
  add column pan_mac bytea check (octet_length(pan_mac) = 32),
  add column pan_mac_key_id text collate "C";
create index card_data_pan_mac on card_data (pan_mac);
create index card_data_pan_mac_key on card_data (pan_mac_key_id, card_id);
