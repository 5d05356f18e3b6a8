/**
 * CTEs that count what goes out to a person. They follow a CTE `asked (person_id, at, max_otps_per_hour)` that has a
 * row when something is to go out, null in its last column where nothing is to be counted. `permitted` has that row
 * when it may go out. The person's row holds the count, so that it is locked while it is read and written: of
 * simultaneous ones no more than `max_otps_per_hour` pass. Hours are those of UTC; a clock that is behind counts in
 * the newest one.
 */
export const countOtp = `
counted as (
  update persons
  set otp_hour = greatest(otp_hour, begun.hour), otp_count = case when otp_hour >= begun.hour then otp_count + 1 else 1 end
  from (
    select person_id, max_otps_per_hour, date_bin('1 hour', at, 'epoch'::timestamptz) as hour from asked
  ) begun
  where persons.id = begun.person_id
    and (otp_hour is null or otp_hour < begun.hour or otp_count < begun.max_otps_per_hour)
    and begun.max_otps_per_hour is not null
  returning persons.id
),
permitted as materialized (
  select asked.* from asked where max_otps_per_hour is null or exists (select from counted)
)`;
