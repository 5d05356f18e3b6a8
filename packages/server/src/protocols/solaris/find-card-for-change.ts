import { markOf } from "@linchpin/protocols/sealed-pin/issuer";
import type { PinUpdateRequest } from "@linchpin/protocols/solaris/wire";
import type { CardForChange as FoundCard } from "@linchpin/store";
import { findCardForChange } from "../../cards/index.ts";
import type { Caller, Context } from "../../context/index.ts";

/** A card, the device that signed, whether the JWE was used before, and the JWE's replay mark. */
export interface CardForChange extends FoundCard {
  readonly mark: Uint8Array;
}

/**
 * A card by its `card_account_id`; in the same query the device that signed, whether the JWE's replay mark exists, and
 * the count of the attempt where the card has a PIN history.
 * @throws LinchpinError `card_unknown`
 */
export async function findCardDeviceAndReplayMark(
  context: Context,
  caller: Caller,
  { cardName: name, device_id: deviceId, encrypted_pin }: PinUpdateRequest & { cardName: string },
): Promise<CardForChange> {
  const mark = await markOf(context.primitives, encrypted_pin);
  return { ...(await findCardForChange(context, caller, { protocol: "solaris", name, deviceId, mark })), mark };
}
