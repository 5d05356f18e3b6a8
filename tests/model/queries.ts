import { isReveal } from "@linchpin/protocols/native/layout";
import type { Model } from "./scenario.ts";
import { lengthOf } from "./term.ts";
import { type Deed, holderOf, initialPin, type RunState, type State } from "./world.ts";

// What must hold in every state. A query is a function that says whether a state is an attack.

type Sent = Exclude<RunState, { status: "asked" }>;

export const queries = {
  /** The relay has no PIN of Alice's, neither typed nor stored, and not the length of one. */
  "secrecy of the PIN": ({ scenario }, { known }) =>
    [...scenario.runs.flatMap(({ pin }) => pin ?? []), initialPin("A1"), initialPin("A2")].some(
      (pin) => known.terms.has(pin.key) || known.terms.has(lengthOf(pin).key),
    ),

  /** The relay has no code that was sent to Alice. */
  "secrecy of the code": (_, { codes, known }) =>
    codes.some(({ person, code }) => person === "Alice" && known.terms.has(code.key)),

  /** What the issuer does for Alice's cards and devices, her device meant: operation, card, session, version, message, once. */
  "agreement on what is done": (model, state) => {
    const deeds = state.deeds.filter((deed) => deed.op !== "bind" && concernsAlice(model, state, deed));
    return (
      deeds.some((deed) => !isMeant(model, state, deed)) || new Set(deeds.map(({ r }) => r.key)).size < deeds.length
    );
  },

  /** Where a key is bound to Alice, or a key of hers to anybody, she meant just that, by that session. */
  "bound implies meant": (model, state) =>
    state.deeds.some((deed) => deed.op === "bind" && concernsAlice(model, state, deed) && !isMeant(model, state, deed)),

  /** What Alice's device believes was done, the issuer did: for that operation, card, session, version and message. */
  "agreement on the result": ({ scenario }, state) =>
    state.runs.some((run, index) => {
      if (run.status !== "ended" || isNegative(run.answer.result)) return false;
      const { card, op } = scenario.runs[index] ?? {};
      const isSame = (deed: Deed) => isOf(run, deed) && deed.card === card && deed.op === op;
      return !state.deeds.some((deed) => isSame(deed) && deed.result === run.answer.result);
    }),

  /** What Alice's device believes was refused, is never done. */
  "refused implies never done": (_, { runs, deeds }) =>
    runs.some(
      (run) => run.status === "ended" && isNegative(run.answer.result) && deeds.some((deed) => isOf(run, deed)),
    ),

  /** No change after a newer one of the same card, and none by code after the person bound a device. */
  "no older intent after a newer one": ({ scenario }, { runs, deeds }) => {
    const orderOf = ({ r }: Deed) =>
      runs.find((run): run is Sent => run.status !== "asked" && run.r.key === r.key)?.order ?? -1;
    const overrides = (newer: Deed, older: Deed) =>
      older.op === "pin-change" &&
      ((newer.op === "pin-change" && newer.card === older.card) || (newer.op === "bind" && older.auth === "code"));
    return (
      scenario.runs.length > 1 &&
      deeds.some((older, index) =>
        deeds
          .slice(0, index)
          .some((newer) => overrides(newer, older) && orderOf(newer) > orderOf(older) && orderOf(older) >= 0),
      )
    );
  },

  /** Nothing is done for a key that is not bound any more. */
  "nothing by an unbound device": (_, { deeds }) => deeds.some(({ isKeyLive }) => !isKeyLive),

  /** A device of Alice's is unbound by the operator alone. */
  "unbound implies meant": (_, { unbound }) => unbound.some(({ by }) => by === "relay"),
} as const satisfies Record<string, (model: Model, state: State) => boolean>;

export type QueryName = keyof typeof queries;
export const queryNames = Object.keys(queries) as QueryName[];

const isNegative = (result: string) => result === "refused" || result === "spent";

function isOf(run: Sent, { h, r, version }: Deed): boolean {
  return run.r.key === r.key && run.session.h.key === h.key && run.session.claims.card.version === version;
}

/** Her card, her key, or what her device sealed. */
function concernsAlice({ scenario }: Model, { runs }: State, { op, card, key, r }: Deed): boolean {
  const isHerKey = scenario.runs.some((run) => run.key !== null && run.key === key);
  const isHerMessage = !isReveal(op) && runs.some((run) => run.status !== "asked" && run.r.key === r.key);
  return holderOf(card) === "Alice" || isHerKey || isHerMessage;
}

function isMeant({ scenario }: Model, { runs }: State, deed: Deed): boolean {
  return runs.some((run, index) => {
    const meant = scenario.runs[index];
    const isSame =
      meant?.op === deed.op && meant.auth === deed.auth && meant.card === deed.card && meant.key === deed.key;
    return run.status !== "asked" && isSame && isOf(run, deed);
  });
}

/** Every honest person got what they meant to do, and knows it. */
export function isHonestEnd({ runs, deeds }: State): boolean {
  return runs.every(
    (run) => run.status === "ended" && !isNegative(run.answer.result) && deeds.some((deed) => isOf(run, deed)),
  );
}
