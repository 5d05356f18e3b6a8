import { bytes, groupedQuery, type ItemRow, recordOf, text } from "../../groups/index.ts";
import type { Credential, CredentialKind } from "../records.ts";
import { credentialColumns } from "./list-credentials.ts";

export const findCredentialBySecret = groupedQuery<
  [kind: CredentialKind, secretHash: Uint8Array],
  ItemRow & Credential,
  Credential | null
>({
  columns: { asked_kind: text((kind) => kind), asked_hash: bytes((_, secretHash) => secretHash) },
  sql: ({ item }) => `
with ${item}
select item.number, ${credentialColumns}, secret_hash as "secretHash"
from item join credentials on kind = asked_kind and secret_hash = asked_hash and revoked_at is null`,
  resultOf: recordOf,
});
