import type { Waiting } from "../groups/index.ts";

/**
 * A CTE `spent (mark)` that spends the replay marks `mark`, `mark_key_id` of the rows of `from`; those that were spent
 * before are left out. A row without a mark spends none. Marks are inserted in their order, once all rows of `from` are
 * there: two statements that insert the same marks wait for each other one way only.
 */
export function spendMarks(from: string, { waitBriefly }: Pick<Waiting, "waitBriefly">): string {
  return `
spent as (
  insert into replay_marks (mark, key_id)
  select mark, mark_key_id from ${from} where mark is not null and ${waitBriefly}
  order by mark
  on conflict do nothing
  returning mark
)`;
}

/** Whether a row had no mark to spend, or spent it. The array has all marks inserted before the first row passes. */
export const isMarkSpent = "(mark is null or mark = any (array(select mark from spent)))";
