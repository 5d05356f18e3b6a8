import type { Step } from "../wire/sandbox-event.ts";
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

/**
 * The index of the step at which a message was refused; -1: none. A step that throws says so itself; a wrong PIN or code
 * throws nothing, as its try is counted: it is the last step that answers it.
 */
export function refusedStep(steps: readonly Step[], { isSuccess }: Pick<Caption, "isSuccess">): number {
  const thrown = steps.findIndex(({ refusal }) => refusal !== null);
  return thrown === -1 && isSuccess === false ? steps.length - 1 : thrown;
}
