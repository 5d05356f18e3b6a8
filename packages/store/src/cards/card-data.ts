import type { Consequences, Sealed } from "../store.ts";

/** PAN, CVV2 and expiration date, of the cards that have them. */
export interface CardDataStore {
  /** Replaces what was there. */
  setCardData(cardId: string, data: StoredCardData, consequences: Consequences): Promise<"set" | "unknown">;
  findCardData(cardId: string): Promise<StoredCardData | null>;
}

export interface StoredCardData {
  /** `month` 1 to 12, `year` of four digits. */
  readonly expiration: { readonly month: number; readonly year: number };
  /** PAN and CVV2. */
  readonly sealed: Sealed;
}
