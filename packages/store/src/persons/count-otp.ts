/**
 * CTEs that limit how many OTPs, TANs and codes a person is sent in an hour. They follow a CTE
 * `asked (person_id, at, max_otps_per_hour)`, which has one row if something is to be sent; its last column is null if
 * it is not to be counted. The CTE `permitted` has that row if it may be sent.
 *
 * The count is in the row of the person, which is locked while it is read and written, so that simultaneous requests
 * cannot exceed the limit. Hours are UTC hours. A request from a server whose clock is behind counts in the newest
 * hour.
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
