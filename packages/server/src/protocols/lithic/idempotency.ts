import type { CardReply } from "@linchpin/protocols/lithic/wire";
import type { Context, PartnerCaller } from "../../context/index.ts";
import { dayMs } from "../../durations.ts";
import type { IdempotencyTerms, KeptAnswer } from "../../idempotency/index.ts";
import { readCard } from "./update-card.ts";

/** For the creation of a card. */
export const lithicIdempotency: IdempotencyTerms = {
  maxKeyLength: 36,
  replayedHeader: "idempotent-replayed",
  keyForm: { pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, words: "a UUID" },
  keptMs: 30 * dayMs,
  status: 201,
};

/** The answer that was kept; 409 where the card was changed since. */
export async function keptUnlessChanged(
  context: Context,
  { caller, kept, requestId }: { caller: PartnerCaller; kept: KeptAnswer; requestId: string },
): Promise<KeptAnswer> {
  const made: CardReply = JSON.parse(kept.body);
  const card = await readCard(context, caller, made.token);
  if (JSON.stringify(card) === JSON.stringify(made)) return kept;
  const body = {
    message: "The card was changed since this request made it",
    debugging_request_id: requestId,
    conflicts_with: made.token,
  };
  return { status: 409, body: JSON.stringify(body) };
}
