import type { KeyRecords } from "@linchpin/vault";
import type { Sealed } from "../store.ts";

/** Records of keys, and what is kept under them. */
export interface KeyStore extends KeyRecords {
  countProtected(keyId: string): Promise<ProtectedByKey>;
  /** Up to `limit` things of a kind that are sealed by one of these keys, by id from `fromId` on. */
  listSealed(
    kind: SealedKind,
    keyIds: readonly string[],
    page: { fromId: string; limit: number },
  ): Promise<SealedThing[]>;
  /**
   * Puts what was sealed anew in the place of what was read, where that is still there. What another statement holds
   * just now is passed over. Returns how many were replaced.
   */
  replaceSealed(kind: SealedKind, replacements: readonly { of: SealedThing; sealed: Sealed }[]): Promise<number>;
}

/** How many things need a key to be read or compared. */
export interface ProtectedByKey {
  readonly pins: number;
  readonly formerPins: number;
  /** PINs that wait in change requests, for minutes. */
  readonly requestedPins: number;
  readonly cardData: number;
  readonly challenges: number;
  /** TANs and strings to sign, of change requests. */
  readonly requestSecrets: number;
  readonly messages: number;
  /** Those that need recovery anyway aside. */
  readonly signingMethods: number;
}

/** What can be sealed anew; signing methods can not. */
export type SealedKind = Exclude<keyof ProtectedByKey, "signingMethods">;

export interface SealedThing {
  readonly id: string;
  /** Of a PIN, else null. */
  readonly version: number | null;
  /** Of card data, else null. */
  readonly expiration: { readonly month: number; readonly year: number } | null;
  readonly sealed: Sealed;
}
