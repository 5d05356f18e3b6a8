import { LinchpinError } from "@linchpin/core";
import type { ReplayMark } from "@linchpin/store";
import type { Context } from "../../context/index.ts";

/** A session key is good for one reveal, however often it was wrapped. @throws LinchpinError `replayed` */
export async function spendSessionKey(context: Context, { mark, keyId }: ReplayMark): Promise<void> {
  if ((await context.store.spend({ mark, keyId }, null)) === "replayed") throw new LinchpinError("replayed");
}
