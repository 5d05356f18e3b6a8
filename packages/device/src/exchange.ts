import { type ErrorCode, LinchpinError, type Refusals, type RsaPublicKey } from "@linchpin/core";
import type { Relay, RelayAnswer, RelayMessage } from "./relay.ts";

/** What every task takes. */
export interface Way {
  readonly relay: Relay;
  /** Ends the task: `aborted`, or `outcome_unknown` once a change was sent. */
  readonly signal?: AbortSignal;
}

/** Roots that were pinned by `pinRoots`. */
export interface PinnedRoots {
  /**
   * @throws LinchpinError `issuer_key_unvouched`, `manifest_refused`, `manifest_expired`, `public_key_unusable`; what the
   *   relay threw
   */
  vouchFor(way: Way, claim: { purpose: string; alg: string; key: RsaPublicKey }): Promise<void>;
}

/** What a task takes that seals to a key of the issuer's. */
export interface WayWithKeys extends Way {
  /** Without them the issuer's key is unauthenticated: a relay that lies can hand on its own, and read what is sealed. */
  readonly roots?: PinnedRoots;
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
type Body = any;

type Message = Omit<RelayMessage, "signal" | "mayRepeat">;

/**
 * Does what changes nothing: prepares a message, or reads an answer. What the platform throws on the way (a DOMException
 * of IndexedDB, the keychain's prompt that was cancelled) comes as an error of ours.
 * @throws LinchpinError `code`, or the LinchpinError that was thrown
 */
export async function onPlatform<Result>(
  act: () => Promise<Result>,
  code: ErrorCode = "platform_failed",
): Promise<Result> {
  try {
    return await act();
  } catch (cause) {
    throw isOurs(cause) ? cause : new LinchpinError(code, { cause });
  }
}

/**
 * Asks for what is no harm when its answer is lost. Reading is repeated.
 * @throws LinchpinError `aborted`, `unavailable` for a 5xx, the refusal; what the relay threw, or `unreachable` where that
 *   is none of ours
 */
export async function ask({ relay, signal }: Way, message: Message, refusals: Refusals): Promise<Body> {
  const sent = { ...message, signal, mayRepeat: message.method === "GET" };
  const answer = await onPlatform(() => relay.send(sent), "unreachable");
  if (answer.status >= 400) throw refusalOf(answer, refusals);
  return answer.body;
}

/**
 * Sends what makes a change. A sealed PIN may be sent again, as the issuer takes only one of it: when it is then refused
 * as used, the first one arrived, the change is made, and this resolves to undefined. No other refusal tells what became
 * of the first one, save that of the PIN itself, which the issuer comes to after its replay marks.
 * @throws LinchpinError `aborted` before anything is sent, `outcome_unknown`, the refusal
 */
export async function commit(
  { relay, signal }: Way,
  message: Message,
  refusals: Refusals,
  isSealed: boolean,
): Promise<Body> {
  if (signal?.aborted) throw new LinchpinError("aborted");
  let answer: RelayAnswer;
  try {
    answer = await relay.send({ ...message, signal, mayRepeat: isSealed });
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

/** By its name, not by its class: a relay may stand on another copy of core. Other errors have codes of their own. */
function isOurs(error: unknown): boolean {
  return error instanceof Error && error.name === "LinchpinError";
}

function refusalOf({ status, body }: RelayAnswer, { wordIn, codes }: Refusals): LinchpinError {
  const code = new Map<unknown, ErrorCode>(Object.entries(codes)).get(wordIn(body));
  return new LinchpinError(status >= 500 ? "unavailable" : (code ?? byStatus[status] ?? "refused"));
}

const byStatus: Partial<Record<number, ErrorCode>> = {
  401: "caller_unknown",
  403: "caller_not_allowed",
  429: "rate_limited",
};

/** A member of an answer that must be text. @throws LinchpinError `answer_malformed` */
export function textOf(member: unknown): string {
  if (typeof member !== "string") throw new LinchpinError("answer_malformed");
  return member;
}
