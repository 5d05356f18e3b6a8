import { errorCodes, LinchpinError } from "@linchpin/core";
import type { Answer } from "@linchpin/page";

/**
 * What an answer says became of the request. Of an answer of success only `result` and `status` are read, which never
 * hold a secret; of a refusal its code and its sentence, wherever the protocol puts them.
 */
export function outcomeOf(status: number, body: unknown): Pick<Answer, "outcome" | "reason"> {
  const answer = readAnswer(parse(body));
  if (status < 400) return { outcome: firstText(answer, ["result", "status"]), reason: null };
  const [first] = Array.isArray(answer["errors"]) ? (answer["errors"] as unknown[]) : [answer["error"]];
  const places = [answer, objectOf(first)];
  const find = (names: readonly string[]) =>
    places.map((place) => firstText(place, names)).find((text) => text !== null) ?? null;
  return {
    outcome: find(["code", "errorCode", "error"]),
    reason: find(["detail", "message", "error_description", "title"]),
  };
}

/** The native protocol signs its answers: what one says stands in the payload of a JWS (RFC 7515 §3.1). */
function readAnswer(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { answer } = body;
  if (typeof answer !== "string") return body;
  const signed = parse(Buffer.from(answer.split(".")[1] ?? "", "base64url").toString());
  // A session that was spent before is answered again, with what came of it the first time.
  const code = signed["result"] === "spent" ? "replayed" : errorCodes.find((known) => known === signed["code"]);
  return code === undefined ? signed : { ...signed, code, detail: new LinchpinError(code).message };
}

function firstText(place: Readonly<Record<string, unknown>>, names: readonly string[]): string | null {
  const text = names.map((name) => place[name]).find((member) => typeof member === "string");
  return typeof text === "string" ? text : null;
}

function parse(body: unknown): Readonly<Record<string, unknown>> {
  try {
    return objectOf(typeof body === "string" ? JSON.parse(body) : null);
  } catch {
    return {};
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
