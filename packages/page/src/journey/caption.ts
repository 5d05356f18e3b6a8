import type { Exchange } from "./exchange.ts";
import type { Words } from "./words.ts";

/** What became of a message at the issuer, as the page shows it. */
export interface Caption {
  readonly text: string;
  /** Null while nobody knows. */
  readonly isSuccess: boolean | null;
}

/** Success is told of an answer alone, and of none that refuses. */
export function captionOf(
  { answer }: Pick<Exchange, "answer">,
  words: Pick<Words, "issuer" | "successful" | "unsuccessful">,
): Caption {
  if (answer === undefined) return { text: "…", isSuccess: null };
  if (answer.status >= 400)
    return { text: `refuses: ${answer.reason ?? answer.outcome ?? "no reason"}`, isSuccess: false };
  const outcome = answer.outcome ?? "";
  const unsuccessful = words.unsuccessful?.[outcome];
  return {
    text: unsuccessful ?? words.successful?.[outcome] ?? words.issuer,
    isSuccess: unsuccessful === undefined,
  };
}
