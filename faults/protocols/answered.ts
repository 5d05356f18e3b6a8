import type { Pin } from "@linchpin/core";
import type { Answer } from "@linchpin/testing/call";
import type { Answered } from "../history.ts";

/** What a change was answered. */
export function changedBy(answer: Answer): Answered {
  const { status, body, headers } = answer;
  // The stored answer of a request whose own answer was lost does nothing; one that is under way leaves it open.
  if (headers.get("idempotent-replayed") === "true" || headers.get("idempotency-cached") === "true")
    return { says: "replayed" };
  if (body?.error?.code === "idempotency_key_in_use" || body?.msg !== undefined)
    return { says: "unknown", why: `${status} under way` };
  // Adyen's way to leave it open.
  if (body?.status === "unavailable") return { says: "unknown", why: "200 unavailable" };
  return status === 204 || status === 200 ? { says: "changed" } : otherwise(answer);
}

/** What a reveal was answered. `open` resolves to the PIN of a success. */
export async function revealedBy(answer: Answer, open: (body: Answer["body"]) => Promise<Pin>): Promise<Answered> {
  if (answer.status !== 200) return otherwise(answer);
  const digits = await open(answer.body).then(
    (pin) => Buffer.from(pin.asciiDigits()).toString(),
    () => "an answer that does not open",
  );
  return { says: "revealed", digits };
}

const replayCodes = new Set([
  "pin_already_used",
  "encrypted_pin_already_used",
  "replayed",
  "31_022",
  "encryption.already-used",
  "idempotency-key.already-used",
  "session_key_used",
]);
const blockedCodes = new Set(["31_004", "pin_blocked"]);

/** Any answer but a success. */
export function otherwise({ status, body }: Answer): Answered {
  const code = codeIn(body);
  if (replayCodes.has(code)) return { says: "replayed" };
  if (blockedCodes.has(code)) return { says: "blocked" };
  return { says: status >= 500 ? "unknown" : "refused", why: `${status} ${code}` };
}

function codeIn(body: Answer["body"]): string {
  // Lithic's have none either: the message says it, up to its colon.
  if (String(body?.message).startsWith("PIN has already been used")) return "replayed";
  const words = body?.responseMetadata?.statusMessage;
  // Worldline's answers have no code: the sandbox says in words what was wrong.
  if (words !== undefined)
    return /used before/.test(words) ? "replayed" : /blocked/.test(words) ? "pin_blocked" : words;
  return String(
    body?.errors?.[0]?.code ?? body?.error?.code ?? body?.errorMessageCodes?.[0] ?? body?.errorCode ?? body?.code,
  );
}
