import { bytes, groupedQuery, type ItemRow } from "../groups/index.ts";

export const isReplayed = groupedQuery<[mark: Uint8Array], ItemRow, boolean>({
  columns: { mark: bytes((mark) => mark) },
  sql: ({ item }) => `
with ${item}
select item.number from item join replay_marks on replay_marks.mark = item.mark`,
  resultOf: (row) => row !== undefined,
});
