import { isReveal, resultsOf, sealingKey, signingKey } from "@linchpin/protocols/native/layout";
import { usedParts } from "../../packages/protocols/native/parts.ts";
import type { Rules } from "./rules.ts";
import { digitsOf, last4Of, type Model, nonceOf } from "./scenario.ts";
import {
  type Answer,
  deviceSigned,
  hash,
  parts,
  publicKey,
  requestInfo,
  type Session,
  sealed,
  secret,
  signature,
  type Term,
  textSigned,
  zero,
} from "./term.ts";
import { before, type Manifest, now, type Run, type RunState, type State } from "./world.ts";

// The device half: `acceptSession`, `makeSealedMessage`, `makeRevealMessage`, `acceptAnswer`, and the person before it.

type Sent = Extract<RunState, { status: "sent" }>;

/** Whether the device accepts the session with this manifest, and the person goes on when they see what it shows. */
export function acceptsSession(
  model: Model,
  state: State,
  index: number,
  manifest: Manifest,
  session: Session,
): boolean {
  const { scenario, rules } = model;
  const run = scenario.runs[index] as Run;
  const { ref } = state.runs[index] as RunState;
  const { claims, signer } = session;
  const time = timeOf(model, session);
  const lists = (kid: string, purpose: string) =>
    manifest.keys.some(
      (key) => key.kid === kid && (key.purpose === purpose || !rules.has("purpose-bound")) && time < key.exp,
    );
  const isListed = lists(claims.hpke, sealingKey.purpose) || !rules.has("hpke-from-manifest");
  return (
    (manifest.signer === "root" || !rules.has("root-signs")) &&
    (manifest.seq >= state.keptSeq || !rules.has("seq-kept")) &&
    (manifest.seq >= claims.seq || !rules.has("seq-named")) &&
    time < manifest.exp &&
    lists(signer, signingKey.purpose) &&
    isListed &&
    (claims.nonce.key === nonceOf(index).key || !rules.has("nonce")) &&
    claims.op === run.op &&
    claims.auth === run.auth &&
    (claims.card.ref === ref || !rules.has("card-named")) &&
    (claims.device === run.key || (run.op === "bind" && !rules.has("key-in-session"))) &&
    (claims.sub === "Alice" || run.auth === "code") &&
    goesOn(model, run, session)
  );
}

/** The later of the device's clock and the session's time. */
function timeOf({ scenario, rules }: Model, { claims }: Session): number {
  const clock = scenario.isClockBehind ? before : now;
  return rules.has("time-proved") ? Math.max(clock, claims.iat) : clock;
}

/** What the person sees must be what they have in mind. */
function goesOn({ scenario, rules }: Model, { card }: Run, { claims }: Session): boolean {
  if (!rules.has("holder-shown")) return true;
  const isTheirs = claims.holder === "Alice" && (claims.to === null || claims.to === "Alice");
  return isTheirs && claims.card.last4 === last4Of(scenario, card);
}

/** @param code as the person typed it, where the operation has one */
export function makeMessage({ scenario, rules }: Model, index: number, session: Session, code: Term | null) {
  const run = scenario.runs[index] as Run;
  const used = usedParts({ ...run, presentPin: session.claims.presentPin });
  const digits = used.codeAndDigits ? digitsOf(scenario, run.card) : zero;
  const plaintext = parts(used.pin ? (run.pin ?? zero) : zero, code ?? zero, digits);
  const message = isReveal(run.op)
    ? publicKey(oneTimeKey(index))
    : sealed(session.claims.hpke, infoOf(rules, session), plaintext, secret(`seed of run ${index}`));
  const r = hash(message);
  return { message, r, signature: run.key === null ? null : signature(run.key, signedBy(rules, session, r)) };
}

const oneTimeKey = (index: number) => `once ${index}`;

/** HPKE's `info` of a message to the session. */
export function infoOf(rules: Rules, { h }: Session): Term {
  return rules.has("hash-in-info") ? requestInfo(h) : requestInfo(zero);
}

/** What a device signs of a message to the session. */
export function signedBy(rules: Rules, session: Session, r: Term): Term {
  const h = rules.has("hash-in-signature") ? session.h : zero;
  return rules.has("labels") ? deviceSigned(h, r) : textSigned(h, r);
}

/** Whether the device believes this answer to its message. */
export function acceptsAnswer(model: Model, { session, manifest, r }: Sent, answer: Answer): boolean {
  const { rules } = model;
  const { claims, h } = session;
  const time = timeOf(model, session);
  const isVouchedFor = manifest.keys.some(
    ({ kid, purpose, exp }) => kid === answer.signer && purpose === signingKey.purpose && time < exp,
  );
  const results: readonly string[] = [...resultsOf[claims.op], "refused", "spent"];
  return (
    (isVouchedFor || !rules.has("answers-signed")) &&
    answer.h.key === h.key &&
    (answer.r.key === r.key || !rules.has("answer-names-message")) &&
    answer.op === claims.op &&
    results.includes(answer.result)
  );
}
