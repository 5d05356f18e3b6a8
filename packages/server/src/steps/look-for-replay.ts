import { LinchpinError } from "@linchpin/core";
import type { House } from "../context/context.ts";

/** @throws LinchpinError `replayed` */
export async function lookForReplay(house: House, sealed: { mark: Uint8Array }): Promise<void> {
  if (await house.store.isReplayed(sealed.mark)) throw new LinchpinError("replayed");
}

/** Where it was looked for with the card. @throws LinchpinError `replayed` */
export async function refuseReplayed(
  _house: House,
  _sealed: unknown,
  { isReplayed }: { isReplayed: boolean },
): Promise<void> {
  if (isReplayed) throw new LinchpinError("replayed");
}
