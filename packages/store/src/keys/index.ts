import type { KeyRecords } from "@linchpin/vault";
import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { Sealed } from "../records.ts";
import { addKey } from "./add-key.ts";
import { countProtected } from "./count-protected.ts";
import { destroyKey } from "./destroy-key.ts";
import { eraseKeyHandle } from "./erase-key-handle.ts";
import { listKeys } from "./list-keys.ts";
import { listSealed } from "./list-sealed.ts";
import { makeKeyCurrent } from "./make-key-current.ts";
import type { ProtectedByKey, SealedKind, SealedValue } from "./records.ts";
import { replaceSealed } from "./replace-sealed.ts";
import { retireKey } from "./retire-key.ts";

export type { ProtectedByKey, SealedKind, SealedValue } from "./records.ts";

/** The vault's key records, and the values that their keys protect. */
export interface KeyStore extends KeyRecords {
  countProtected(keyId: string): Promise<ProtectedByKey>;
  /**
   * Up to `limit` values of a kind that are sealed by one of these keys, in order of key and id, ids from `fromId` on.
   */
  listSealed(
    kind: SealedKind,
    keyIds: readonly string[],
    page: { fromId: string; limit: number },
  ): Promise<SealedValue[]>;
  /**
   * Replaces each value `stored` by `sealed`, if its bytes are still the same. A row that another statement
   * has locked is skipped. Returns how many values were replaced.
   */
  replaceSealed(kind: SealedKind, replacements: readonly { stored: SealedValue; sealed: Sealed }[]): Promise<number>;
}

export function keyStore(database: Database): KeyStore {
  return bindQueries(database, {
    listKeys,
    addKey,
    makeKeyCurrent,
    retireKey,
    destroyKey,
    eraseKeyHandle,
    countProtected,
    listSealed,
    replaceSealed,
  });
}
