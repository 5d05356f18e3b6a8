import { concatBytes, utf8 } from "@linchpin/core";
import type { NewCardData, StoredCardData } from "@linchpin/store";
import type { Context } from "../context/index.ts";
import { panMacOf } from "./pan-index.ts";

/** The data printed on a card. The code that makes one wipes it in `finally`. */
export interface CardData {
  /** ASCII digits. */
  readonly pan: Uint8Array;
  /** ASCII digits. */
  readonly cvv2: Uint8Array;
  readonly expiration: StoredCardData["expiration"];
}

/** Seals PAN and CVV2 for one card and one expiration date: under any other they do not open. Its cards are found by the PAN's MAC. */
export async function sealCardData(
  context: Context,
  cardId: string,
  { pan, cvv2, expiration }: CardData,
): Promise<NewCardData> {
  const digits = concatBytes(pan, Uint8Array.of(colon), cvv2);
  try {
    return {
      expiration,
      sealed: await context.keyring.seal("card-data", digits, cardDataAssociatedData(cardId, expiration)),
      panMac: await panMacOf(context, pan),
    };
  } finally {
    digits.fill(0);
  }
}

/** Opens a card's data for as long as `use` runs, then wipes it. */
export async function withStoredCardData<Result>(
  context: Context,
  cardId: string,
  { expiration, sealed }: StoredCardData,
  use: (data: CardData) => Promise<Result>,
): Promise<Result> {
  const digits = await context.keyring.open("card-data", sealed, cardDataAssociatedData(cardId, expiration));
  const panEnd = digits.indexOf(colon);
  try {
    return await use({ pan: digits.subarray(0, panEnd), cvv2: digits.subarray(panEnd + 1), expiration });
  } finally {
    digits.fill(0);
  }
}

const colon = 0x3a;

export function cardDataAssociatedData(cardId: string, { month, year }: StoredCardData["expiration"]): Uint8Array {
  return utf8(`linchpin:card-data:${cardId}:${year}-${month}`);
}
