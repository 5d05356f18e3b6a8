import { type ErrorCode, LinchpinError } from "@linchpin/core";
import type { Relay, RelayAnswer, RelayMessage } from "./relay.ts";

/** What every task takes. */
export interface Way {
  readonly relay: Relay;
  /** Ends the task: `aborted`, or `outcome_unknown` once a change was sent. */
  readonly signal?: AbortSignal;
}

type Message = Omit<RelayMessage, "signal" | "mayRepeat">;

/** How a protocol refuses: where its word stands in a body, and the codes by that word; of a URN, by its last part. */
export interface Refusals {
  readonly at: readonly string[];
  readonly codes: Readonly<Record<string, ErrorCode>>;
}

/**
 * Asks for what is no harm when its answer is lost. Reading is repeated.
 * @throws LinchpinError `aborted`, `unavailable` for a 5xx, the refusal; and what the relay threw
 */
export async function ask(way: Way, message: Message, refusals: Refusals): Promise<unknown> {
  const answer = await send(way, message, message.method === "GET");
  if (answer.status >= 400) throw refusalOf(answer, refusals);
  return answer.body;
}

/**
 * Sends what makes a change. A sealed PIN may be sent again, as the issuer takes only one of it: when it is then refused
 * as used, the first one arrived, the change is made, and this resolves to undefined. No other refusal tells what became
 * of the first one, save that of the PIN itself, which the issuer comes to after its replay marks.
 * @throws LinchpinError `aborted` before anything is sent, `outcome_unknown`, the refusal
 */
export async function commit(way: Way, message: Message, refusals: Refusals, isSealed: boolean): Promise<unknown> {
  if (way.signal?.aborted) throw new LinchpinError("aborted");
  let answer: RelayAnswer;
  try {
    answer = await send(way, message, isSealed);
  } catch (cause) {
    throw new LinchpinError("outcome_unknown", { cause });
  }
  if (answer.status < 400) return answer.body;
  const cause = refusalOf(answer, refusals);
  const isUsed = cause.code === "replayed";
  if (isUsed && answer.wasRepeated) return undefined;
  const isConclusive = cause.code === "pin_refused" || !(answer.wasRepeated || isUsed || answer.status >= 500);
  throw isConclusive ? cause : new LinchpinError("outcome_unknown", { cause });
}

function send({ relay, signal }: Way, message: Message, mayRepeat: boolean): Promise<RelayAnswer> {
  return relay.send({ ...message, signal, mayRepeat });
}

function refusalOf({ status, body }: RelayAnswer, { at, codes }: Refusals): LinchpinError {
  const code = new Map(Object.entries(codes)).get(textAt(body, at)?.split(":").pop() ?? "");
  return new LinchpinError(status >= 500 ? "unavailable" : (code ?? byStatus[status] ?? "refused"));
}

const byStatus: Partial<Record<number, ErrorCode>> = {
  401: "caller_unknown",
  403: "caller_not_allowed",
  429: "rate_limited",
};

/** The text at `path` of an answer. @throws LinchpinError `answer_malformed` */
export function textIn(body: unknown, ...path: readonly string[]): string {
  const text = textAt(body, path);
  if (text === undefined) throw new LinchpinError("answer_malformed");
  return text;
}

function textAt(body: unknown, path: readonly string[]): string | undefined {
  const value = path.reduce((inside, name) => (inside as Record<string, unknown> | undefined)?.[name], body);
  return typeof value === "string" ? value : undefined;
}
