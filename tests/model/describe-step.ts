import type { Step } from "./relay.ts";
import type { Session, Term } from "./term.ts";
import type { OperationRequest } from "./world.ts";

/** A trace in words, for the paper. */
export function describeTrace(steps: readonly Step[]): string {
  return steps.map(describeStep).join("; ");
}

function describeStep(step: Step): string {
  switch (step.step) {
    case "ask":
      return `asks for a session: ${wishOf(step.request)}`;
    case "hand": {
      const { session, manifest, request } = step;
      const origin = request === undefined ? `${originOf(session)}` : `a session for ${request.card}`;
      const key = request?.device?.startsWith("relay") ? " and a key of its own" : "";
      const to = session.claims.hpke === "hpke2" ? "" : `, to seal to \`${session.claims.hpke}\``;
      return `hands the device ${origin}${key}${to}, with the ${manifest.name} manifest${codeIn(step)}`;
    }
    case "send":
      return `sends ${messageOf(step.request, step.asked !== undefined)}${step.asked === undefined ? "" : ` to a session of its own (${wishOf(step.asked)})`}`;
    case "begin":
      return `sends ${messageOf(step.request)}, and does not wait`;
    case "commit":
      return "the issuer carries one out";
    case "answer":
      return `answers \`${step.answer.result}\`${step.answer.signer === "relay" ? " itself" : ""}`;
    case "operate":
      return `the operator ${step.action}s the ${step.action === "unbind" ? "device" : "card"}`;
    case "leak":
      return "the old keys leak";
    case "unbind":
      return "unbinds the device";
    default:
      return step.step === "reveal by a vendor's protocol" ? "reveals the PIN by a vendor's protocol" : "";
  }
}

const wishOf = ({ op, card, device }: { op: string; card: string; device: string | null }) =>
  `\`${op}\` on ${card}${device === null ? "" : ` for \`${device}\``}`;

function originOf({ claims, signer }: Session): string {
  if (claims.sid.key.startsWith("sid forged")) return `a session that it signed itself with \`${signer}\``;
  return "a session of before";
}

function codeIn({ code, session }: { code: Term | null; session: Session }): string {
  if (code === null) return "";
  return code.key.endsWith(session.claims.sid.key) ? "; its code is typed" : "; another session's code is typed";
}

function messageOf({ message, key, isMalleated, session }: OperationRequest, isAsked = false): string {
  const isOwn = message.key.includes("relay") || message.args.some(({ key: each }) => each === "seed of the relay");
  const parts = [isOwn ? "a message of its own" : "the device's message"];
  if (key?.startsWith("relay")) parts.push("with a key of its own");
  if (!isOwn && !isAsked && session.claims.sid.key.startsWith("sid of the relay"))
    parts.push("to a session of its own");
  if (isMalleated) parts.push("with the session's signature in its other form");
  return parts.join(" ");
}
