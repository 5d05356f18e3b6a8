import { type ErrorCode, errorClassOf, LinchpinError } from "@linchpin/core";
import type { CardForChange } from "@linchpin/store";
import type { Context } from "../context/index.ts";

/** @throws LinchpinError `replayed` */
export async function lookForReplay(context: Context, sealed: { mark: Uint8Array }): Promise<void> {
  if (await context.store.isReplayed(sealed.mark)) throw new LinchpinError("replayed");
}

/**
 * Where it was looked for with the card. A message that was spent by a refusal is refused by the same code again, so
 * that a device whose answer was lost does not take the refusal for its change.
 * @throws LinchpinError `replayed`, or the code that the message was refused by for this card
 */
export async function refuseReplayed(
  _context: Context,
  _sealed: unknown,
  { isReplayed, refusal }: Pick<CardForChange, "isReplayed" | "refusal">,
): Promise<void> {
  if (!isReplayed) return;
  const code = (refusal ?? "replayed") as ErrorCode;
  throw new LinchpinError(code, errorClassOf(code) === "pinPolicy" ? { field: "pin" } : {});
}
