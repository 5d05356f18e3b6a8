import { LinchpinError, type Pin, type SigningKey } from "@linchpin/core";
import { makeRevealMessage, openRevealedCardData, openRevealedPin } from "@linchpin/protocols/native/device";
import type { RevealedCardData } from "@linchpin/protocols/native/layout";
import { onPlatform } from "./exchange.ts";
import { type MessageForm, prepare, settle } from "./native-operation.ts";
import type { Confirmed, OfCard } from "./native-task.ts";

export { LinchpinError, Pin } from "@linchpin/core";
export type { RootPins } from "@linchpin/protocols/issuer-keys/device";
export type { NativeBinding, ShownSession } from "./native-task.ts";
export type { RevealedCardData };

// Apart from native.ts, so that who changes PINs alone does not take along what opens. The device is bound there.

/**
 * The PIN, to be shown. Whoever calls wipes it.
 * @throws LinchpinError `device_unbound`, `device_unknown`, `pin_not_set`, `pin_blocked`, `card_blocked`, `card_terminated`;
 *   `unreachable`: it was revealed before, and that answer is lost; what every function of native.ts throws
 */
export function revealPin({ confirm, ...task }: OfCard & Confirmed): Promise<Pin> {
  return reveal(task, "pin-reveal", confirm, openRevealedPin);
}

/**
 * Number, CVV2 and expiry of the card, to be shown.
 * @throws LinchpinError as `revealPin`, and `card_data_not_set`
 */
export function revealCard({ confirm, ...task }: OfCard & Confirmed): Promise<RevealedCardData> {
  return reveal(task, "card-reveal", confirm, openRevealedCardData);
}

function reveal<Shown>(
  task: OfCard,
  op: "pin-reveal" | "card-reveal",
  confirm: Confirmed["confirm"],
  open: (...revealed: Parameters<typeof openRevealedPin>) => Promise<Shown>,
): Promise<Shown> {
  return onPlatform(async () => {
    const prepared = await prepare(task, { op, auth: "device" }, confirm, oneTimeKey);
    const { sealed } = (await settle(task, prepared)) as { sealed?: string };
    if (!sealed) throw new LinchpinError("unreachable");
    return open(prepared.primitives, { ...prepared, sealed });
  });
}

/** A bound device has its key. */
const oneTimeKey: MessageForm<Awaited<ReturnType<typeof makeRevealMessage>>> = {
  make: (primitives, session, _, key) => makeRevealMessage(primitives, session, key as SigningKey),
};
