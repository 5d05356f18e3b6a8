-- Requests to change a PIN that is compared with the card's PIN history, on the day (UTC) `change_day`. Counted before
-- the comparison, and apart from the PIN try counter.
alter table cards add column change_day date, add column change_attempts integer not null default 0;

-- Of a message that was spent by a refusal: the code of the refusal, and the card that it was about. The same message is
-- refused for that card by the same code again.
alter table replay_marks add column refusal text collate "C", add column refused_card_id text collate "C";
