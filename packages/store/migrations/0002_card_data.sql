-- PAN and CVV2 of the cards that have them, sealed as one; the expiration date is no secret.
create table card_data (
  card_id text collate "C" primary key references cards,
  expiration_month smallint not null check (expiration_month between 1 and 12),
  expiration_year smallint not null check (expiration_year between 2000 and 2099),
  key_id text collate "C" not null,
  sealed bytea not null
);
