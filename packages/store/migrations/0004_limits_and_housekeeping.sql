-- OTPs, TANs and activation codes that went out to a person, in the hour that began at otp_hour.
alter table persons add column otp_hour timestamptz, add column otp_count integer not null default 0;

-- Operators are taken away by name.
create unique index operators_name on operators (name);

-- For housekeeping, and for the foreign keys that are checked when a device is deleted.
create index devices_unverified on devices (created_at) where state = 'unverified';
create index challenges_device on challenges (device_id) where device_id is not null;
create index change_requests_device on change_requests (device_id) where device_id is not null;
create index change_requests_ended on change_requests (updated_at) where status in ('COMPLETED', 'FAILED');
