import type { Context } from "../context/index.ts";
import { panIndexPurpose, panMacOf } from "./pan-index.ts";
import { withStoredCardData } from "./stored-card-data.ts";

/** Enough that round trips do not count, few enough that nobody waits for them. */
const batchSize = 250;

/** Computes the MACs of PANs that have none by the current key, so that the cards are found by them. */
export async function indexPans(context: Context): Promise<void> {
  const { keyring, store } = context;
  const { id: currentId } = await keyring.current(panIndexPurpose);
  for (;;) {
    const batch = await store.listUnindexedPans(currentId, batchSize);
    for (const { cardId, ...stored } of batch) {
      const panMac = await withStoredCardData(context, cardId, stored, ({ pan }) => panMacOf(context, pan));
      await store.indexPan(cardId, { sealed: stored.sealed, panMac });
    }
    if (batch.length < batchSize) return;
  }
}
