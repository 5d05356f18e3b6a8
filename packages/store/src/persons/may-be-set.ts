/**
 * SQL: whether the number in `row`, which has `person_id` and `set_by_operator`, may become the person's. An operator's
 * may; a partner's, where the partner may register numbers.
 */
export const mayBeSet = (row: string) => `(
    ${row}.set_by_operator
    or exists (
      select from persons join partners on partners.id = persons.partner_id
      where persons.id = ${row}.person_id and partners.may_register_mobile_numbers
    )
  )`;
