import { LinchpinError } from "@linchpin/core";
import type { Context } from "../context/index.ts";

/** @throws LinchpinError `replayed` */
export async function lookForReplay(context: Context, sealed: { mark: Uint8Array }): Promise<void> {
  if (await context.store.isReplayed(sealed.mark)) throw new LinchpinError("replayed");
}

/** Refuses a message whose replay mark was looked up together with the card. @throws LinchpinError `replayed` */
export async function refuseReplayed(
  _context: Context,
  _sealed: unknown,
  { isReplayed }: { isReplayed: boolean },
): Promise<void> {
  if (isReplayed) throw new LinchpinError("replayed");
}
