-- Whether a partner may register the first mobile number of a person. OTPs go there, so a partner that registers a number
-- of its own acts as the person. The sandbox's partner may, as before.
alter table partners add column may_register_mobile_numbers boolean not null default false;
update partners set may_register_mobile_numbers = true where id = 'sandbox';

-- Whether an operator set the number: letters go to no other. Of the numbers that are there, those that a partner had
-- confirmed are named by an audit event.
alter table mobile_numbers add column set_by_operator boolean not null default false;
update mobile_numbers set set_by_operator = true
where verified and id not in (
  select content::jsonb ->> 'mobileNumberId'
  from audit_events
  where content like '%"solaris.mobile_number.confirm"%' and content::jsonb ->> 'mobileNumberId' is not null
);
