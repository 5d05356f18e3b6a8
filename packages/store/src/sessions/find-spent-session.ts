import { bytes, groupedQuery, type ItemRow, recordOf } from "../groups/index.ts";
import type { SpentSession } from "./records.ts";

export const findSpentSession = groupedQuery<[sessionHash: Uint8Array], ItemRow & SpentSession, SpentSession | null>({
  columns: { asked: bytes((sessionHash) => sessionHash) },
  sql: ({ item }) => `
with ${item}
select item.number, message_hash as "messageHash", outcome, remaining
from item join spent_sessions on session_hash = item.asked`,
  resultOf: recordOf,
});
