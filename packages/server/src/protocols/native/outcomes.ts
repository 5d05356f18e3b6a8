import { LinchpinError } from "@linchpin/core";
import type { Session } from "@linchpin/protocols/native/issuer";
import { refusalCodes } from "@linchpin/protocols/native/layout";
import type { Outcome } from "@linchpin/protocols/native/wire";
import type { SpentSession } from "@linchpin/store";

/** What became of a message, from what the store keeps of it and what the session says. */
export function outcomeOf(
  { claims }: Pick<Session, "claims">,
  { outcome, remaining }: Pick<SpentSession, "outcome" | "remaining">,
): Outcome {
  const code = refusalCodes.find((refusal) => refusal === outcome);
  if (code !== undefined) return { result: "refused", code };
  switch (outcome) {
    case "bound":
      return { result: "bound", device: claims.device ?? "", sub: claims.sub };
    case "changed":
      return { result: "changed", version: claims.card.version + 1 };
    case "mismatch":
      return { result: "mismatch", remaining: remaining ?? 0 };
    case "match":
    case "blocked":
    case "revealed":
      return { result: outcome };
    default:
      throw new LinchpinError("internal", { reason: "a session has an outcome that there is not" });
  }
}
