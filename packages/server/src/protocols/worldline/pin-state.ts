import { LinchpinError } from "@linchpin/core";
import { describePinState } from "@linchpin/protocols/worldline/issuer";
import type { PinState, PinStateRequest } from "@linchpin/protocols/worldline/wire";
import { findNamedCard, settingsOf } from "../../cards/index.ts";
import type { Context, PartnerCaller } from "../../context/index.ts";
import { type CardNaming, findReference, referenceOf } from "./naming.ts";

/** @throws LinchpinError `request_invalid`, `card_unknown` */
export async function readPinState(context: Context, caller: PartnerCaller, asked: PinStateRequest): Promise<PinState> {
  const name = await findReference(context, caller, namingOf(asked));
  const card = await findNamedCard(context, caller, "worldline", name);
  const { status, failedTries, version, chipVersion } = card.pin;
  return describePinState({
    cardReference: referenceOf(card),
    isBlocked: status === "blocked",
    failedTries,
    tryLimit: settingsOf(card.program).tryLimit,
    isChipInSync: status === "not_set" ? null : version === chipVersion,
  });
}

/** One of the three names the card. No card here has an alternative PAN. */
function namingOf({ pan, alternativePan, cardReference }: PinStateRequest): CardNaming {
  if ([pan, alternativePan, cardReference].filter((name) => name !== undefined).length !== 1)
    throw new LinchpinError("request_invalid", { reason: "one of pan, alternativePan and cardReference is required" });
  if (cardReference !== undefined) return { cardReference };
  if (pan !== undefined) return { pan, expiry: undefined };
  throw new LinchpinError("card_unknown", { reason: "no card here has an alternative PAN" });
}
