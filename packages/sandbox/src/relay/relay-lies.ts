import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { Context } from "@linchpin/server/issuer";
import { protocolAt, sandboxProtocols } from "../protocol-table.ts";
import { makeSandboxCard } from "../seed.ts";
import { bodyOf, messageOf, type Passing, type RelayFault, reads, withMessage } from "./relay-fault.ts";
import type { RelayedChange, RelayedMessage } from "./relayed-change.ts";
import { firstTryFor } from "./signed-code.ts";
import { readsBySwappedKey } from "./swapped-key.ts";

/**
 * What a partner's backend can do that lies: SECURITY.md, "The malicious relay". Each reports what became of it by the
 * issuer's own answer, or, where the phone alone can tell, what it has tried; and, where roots do not stop it, why.
 */
export const relayLies: Readonly<Record<string, RelayFault>> = {
  "reads-by-swapped-key": readsBySwappedKey,

  "reads-by-own-role": (context) => async (passing) => {
    const { url, init, send, report } = passing;
    const answer = await send(url, init);
    const protocol = protocolAt(url)?.name ?? "";
    const name = changeIn(passing)?.cardOf(messageOf(passing)) ?? null;
    const card = name === null ? null : await context.store.findCardByName(protocol, name);
    if (card === null || answer.status >= 400) return answer;
    const revealing = sandboxProtocols.find(({ reveal }) => reveal !== undefined);
    const asked = await revealing?.reveal?.askAlone(card.names[revealing.name] ?? "");
    if (asked === undefined) return answer;
    const { path, headers, digitsIn } = asked;
    const revealed = await passing.sendOwn(new URL(url).origin + path, { method: "GET", headers });
    if (revealed.status >= 400)
      report({ outcome: "stopped", text: "asked for the PIN by its own role: to other protocols the card is unknown" });
    else
      report({
        outcome: "succeeded",
        text: `has asked for the PIN by its own role, by another protocol: it is ${await digitsIn(await revealed.text())}`,
        limit: "a card of a program for the native protocol alone is unknown to the others",
      });
    return answer;
  },

  "binds-own-device": (context) => {
    const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
    /** The key that the phone is about to prove. */
    let proof: { personId: string; phones: KeyObject } | null = null;
    return async (passing) => {
      const { url, init, send, report } = passing;
      const binding = protocolAt(url)?.binding;
      if (binding === undefined || reads(init)) return send(url, init);
      const bound = binding.bindInstead(messageOf(passing), own.publicKey);
      if (bound !== null) {
        proof = bound.proof;
        report({ outcome: "tried", text: "asks to bind a key of its own in the place of the phone's" });
        return send(bound.message.url, withMessage(init, bound.message));
      }
      if (proof === null) return send(url, init);
      const keys = { own: own.privateKey, phones: proof.phones, firstTry: await firstTryFor(context, proof.personId) };
      const proved = binding.proveInstead?.(messageOf(passing), keys) ?? null;
      if (proved === null) return send(url, init);
      const answer = await send(proved.url, withMessage(init, proved));
      if (answer.status < 400) report(boundOwnDevice);
      return answer;
    };
  },

  "moves-to-another-card": (context) => async (passing) => {
    const { url, init, send, report } = passing;
    const change = changeIn(passing);
    if (change === null || change.moveTo(messageOf(passing), "") === null) return send(url, init);
    const { own, thing, isMovedBy } = await makeOwn(context, change, passing);
    const moved = change.moveTo(messageOf(passing), own) as RelayedMessage;
    report({ outcome: "tried", text: `puts a ${thing} of its own in the place of the cardholder's` });
    const answer = await send(moved.url, withMessage(init, moved));
    if (await isMovedBy(answer))
      report({
        outcome: "succeeded",
        text: `has put the PIN on a ${thing} of its own; the cardholder's ${thing} has no new one`,
        limit: "what the phone sealed names no card",
      });
    else if (answer.status >= 400)
      report({ outcome: "stopped", text: `tried to put the PIN on a ${thing} of its own` });
    return answer;
  },

  "forges-answers": () => async (passing) => {
    const { url, init, send, report } = passing;
    const revealed = (await protocolAt(url)?.reveal?.forge(messageOf(passing), forgedDigits)) ?? null;
    const limit = "the issuer's answers are not signed";
    if (revealed !== null) {
      report({
        outcome: "tried",
        text: "sends nothing on, and answers in the issuer's place with a PIN of its own choice",
        believed: `shows ${forgedDigits}, which the issuer never sent`,
        limit,
      });
      return new Response(revealed, { status: 200 });
    }
    const change = changeIn(passing);
    if (change === null || change.cardOf(messageOf(passing)) === null) return send(url, init);
    report({
      outcome: "tried",
      text: "sends nothing on, and answers in the issuer's place that the PIN is changed",
      believed: "believes it: it says that the PIN is changed, and it is not",
      limit,
    });
    return new Response(change.success.body, { status: change.success.status });
  },

  replays: () => async (passing) => {
    const { url, init, send, report } = passing;
    const answer = await send(url, init);
    const message = messageOf(passing);
    const change = changeIn(passing);
    const usesPin = change !== null && (change.cardOf(message) !== null || change.uses?.(message) === true);
    if (!usesPin || answer.status >= 400) return answer;
    const { status } = await send(url, init);
    if (status >= 400)
      report({ outcome: "stopped", text: "sent the sealed PIN a second time: it is good for one message" });
    else report({ outcome: "succeeded", text: "has used the sealed PIN a second time, by the same message" });
    return answer;
  },

  /** Holds a change back until the cardholder has made another, and delivers it then. */
  "delivers-late": () => {
    /** By card. */
    const held = new Map<string, Pick<Passing, "url" | "init">>();
    return async (passing) => {
      const { url, init, send, report } = passing;
      const card = changeIn(passing)?.cardOf(messageOf(passing)) ?? null;
      if (card === null) return send(url, init);
      const earlier = held.get(card);
      if (earlier === undefined || bodyOf(earlier.init) === bodyOf(init)) {
        held.set(card, { url, init });
        report({ outcome: "tried", text: "holds the change back, and waits for the next one" });
        throw new Error("held back");
      }
      const answer = await send(url, init);
      held.delete(card);
      const { signal: _over, ...late } = earlier.init;
      const { status } = await send(earlier.url, late);
      if (status >= 400) report({ outcome: "stopped", text: "delivered the earlier change after this one" });
      else
        report({
          outcome: "succeeded",
          text: "has delivered the earlier change after this one: the card has the earlier PIN, not this one",
          limit: "a change does not say which PIN it comes after",
        });
      return answer;
    };
  },
};

/** What the phone shows where the partner makes a PIN up. */
const forgedDigits = "6666";

const boundOwnDevice = {
  outcome: "succeeded",
  text: "has found the code by the phone's signature, and bound a device of its own: it can change the PIN",
  believed: "believes that its own key is bound",
  limit: "a signature over six digits tells the digits to whoever tries them all, and names no key",
} as const;

/** What the PIN is moved to: a card of the sandbox's, or what the protocol has in the place of cards. */
async function makeOwn(context: Context, change: RelayedChange, passing: Passing) {
  if (change.makeOwn !== undefined) {
    const { origin } = new URL(passing.url);
    const { authorization = "" } = messageOf(passing).headers;
    const headers = { authorization, "content-type": "application/json" };
    const own = await change.makeOwn((path, body) => passing.sendOwn(origin + path, { method: "POST", headers, body }));
    return { own, thing: "user", isMovedBy: async ({ status }: Response) => status < 400 };
  }
  const { cardId, names } = await makeSandboxCard(context);
  const isMovedBy = async () => ((await context.store.findCard(cardId))?.pin.version ?? 0) > 0;
  return { own: names[protocolAt(passing.url)?.name ?? ""] ?? "", thing: "card", isMovedBy };
}

/** How the protocol of the message handles a change; null: the message makes none. */
const changeIn = ({ url, init }: Pick<Passing, "url" | "init">): RelayedChange | null =>
  reads(init) ? null : (protocolAt(url)?.change ?? null);
