import type { Waiting } from "../groups/index.ts";

/**
 * A CTE `spent (mark)` that spends the replay marks `mark`, `mark_key_id` of the rows of `from`; those that were spent
 * before are left out. A row without a mark spends none. Marks are inserted in their order, once all rows of `from` are
 * there: two statements that insert the same marks wait for each other one way only.
 *
 * @param more further columns of `replay_marks` that the rows of `from` have
 */
export function spendMarks(
  from: string,
  { waitBriefly }: Pick<Waiting, "waitBriefly">,
  more: readonly string[] = [],
): string {
  const columns = ["key_id", ...more].join(", ");
  return `
spent as (
  insert into replay_marks (mark, ${columns})
  select ${["mark", "mark_key_id", ...more].join(", ")} from ${from} where mark is not null and ${waitBriefly}
  order by mark
  on conflict do nothing
  returning mark
)`;
}

/** Whether a row had no mark to spend, or spent it. The array has all marks inserted before the first row passes. */
export const isMarkSpent = "(mark is null or mark = any (array(select mark from spent)))";
