import { LinchpinError } from "@linchpin/core";
import type { Context } from "../context/index.ts";
import { listLiveCards } from "./list-live-cards.ts";
import { settingsOf } from "./program-settings.ts";

/**
 * A person whose cards are all for the native protocol alone gets no code by a vendor's protocol: a prompt for one would
 * teach them to type codes where the native device half does not ask. A person without a card may get their first one by
 * the vendor's protocol.
 * @throws LinchpinError `caller_not_allowed`
 */
export async function checkVendorCode(context: Pick<Context, "store">, personId: string): Promise<void> {
  const cards = await listLiveCards(context, personId);
  if (cards.length === 0 || cards.some(({ program }) => !settingsOf(program).nativeOnly)) return;
  throw new LinchpinError("caller_not_allowed", {
    reason: "the person's cards are all for the native protocol alone, which sends their codes",
  });
}
