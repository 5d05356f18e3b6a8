import { LinchpinError } from "@linchpin/core";
import type { WrappedSessionKey } from "@linchpin/protocols/adyen/issuer";
import type { MarksOfMessage, ReplayMark } from "@linchpin/store";
import type { Context } from "../../context/index.ts";

/**
 * A session key is good for one reveal, however often it was wrapped, and so is its ciphertext, whatever it holds.
 * @throws LinchpinError `replayed`
 */
export async function spendSessionKeyAndCiphertext(
  context: Context,
  { mark, keyId }: ReplayMark,
  wrapped: WrappedSessionKey,
): Promise<void> {
  const marks: MarksOfMessage = [
    { mark, keyId },
    { mark: wrapped.mark, keyId },
  ];
  if ((await context.store.spend(marks, null)) === "replayed") throw new LinchpinError("replayed");
}
