import type { Queryable } from "../database/index.ts";
import type { Person } from "../records.ts";

export async function findPerson(database: Queryable, id: string): Promise<Person | null> {
  return (await database.query<Person>(sql, [id]))[0] ?? null;
}

const sql = `
select
  persons.id,
  persons.partner_id as "partnerId",
  case when mobile.id is not null
    then jsonb_build_object(
      'id', mobile.id, 'number', mobile.number, 'verified', mobile.verified, 'setByOperator', mobile.set_by_operator
    )
  end as "mobileNumber",
  persons.created_at as "createdAt"
from persons left join mobile_numbers mobile on mobile.person_id = persons.id
where persons.id = $1`;
