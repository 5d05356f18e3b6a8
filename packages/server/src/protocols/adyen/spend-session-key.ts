import { LinchpinError } from "@linchpin/core";
import type { ReplayMark } from "@linchpin/store";
import type { House } from "../../context/context.ts";

/** A session key is good for one reveal, however often it was wrapped. @throws LinchpinError `replayed` */
export async function spendSessionKey(house: House, { mark, keyId }: ReplayMark): Promise<void> {
  if ((await house.store.spend({ mark, keyId }, null)) === "replayed") throw new LinchpinError("replayed");
}
