-- When a device was deleted; null on those that were deleted before this column was there.
alter table devices add column deleted_at timestamptz;
create index devices_person on devices (person_id, created_at, id);

-- A user may have no name at the partner, a password as a signing method, and may be deleted. The row of a deleted user
-- stays, for its idempotency keys.
alter table signing_users
  alter column reference drop not null,
  add column deleted_at timestamptz;
alter table signing_methods drop constraint signing_methods_type_check;
alter table signing_methods
  add constraint signing_methods_type_check check (type in ('PIN', 'EMERGENCY_CODE', 'BIOMETRIC', 'PASSWORD'));
