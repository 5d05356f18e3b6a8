-- A person's cards are looked up together, where they decide what a code may be sent for.
create index cards_person on cards (person_id);
