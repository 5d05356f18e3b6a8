import { groupedQuery, type ItemRow, recordOf, text } from "../../groups/index.ts";
import type { Credential, CredentialKind } from "../records.ts";
import { credentialColumns } from "./list-credentials.ts";

export const findCredential = groupedQuery<
  [kind: CredentialKind, clientId: string],
  ItemRow & Credential,
  Credential | null
>({
  columns: { asked_kind: text((kind) => kind), asked_client_id: text((_, clientId) => clientId) },
  sql: ({ item }) => `
with ${item}
select item.number, ${credentialColumns}, secret_hash as "secretHash"
from item join credentials on kind = asked_kind and client_id = asked_client_id and revoked_at is null`,
  resultOf: recordOf,
});
