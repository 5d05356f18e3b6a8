import { generateKeyPairSync } from "node:crypto";
import { sandboxProtocols } from "../protocol-table.ts";
import { makeSandboxCard } from "../seed.ts";
import { bodyOf, type Passing, type RelayFault } from "./relay-fault.ts";
import type { RelayedChange, RelayedMessage } from "./relayed-change.ts";
import { readsBySwappedKey } from "./swapped-key.ts";

/**
 * What a partner's backend can do that lies: SECURITY.md, "The malicious relay". Each reports what became of it by the
 * issuer's own answer, or, where the phone alone can tell, what it has tried.
 */
export const relayLies: Readonly<Record<string, RelayFault>> = {
  "reads-by-swapped-key": readsBySwappedKey,

  "binds-own-device": () => {
    const own = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
    return async ({ url, init, send, report }) => {
      const bound = findIn({ url, init }, ({ bindInstead }, message) => bindInstead?.(message, own) ?? null);
      if (bound === null) return send(url, init);
      report({ outcome: "tried", text: "asks to bind a key of its own in the place of the phone's" });
      return send(bound.url, { ...init, body: bound.body });
    };
  },

  "moves-to-another-card":
    (context) =>
    async ({ url, init, send, report }) => {
      const own = await makeSandboxCard(context);
      const moved = findIn({ url, init }, ({ moveTo }, message, protocol) =>
        moveTo(message, own.names[protocol] ?? ""),
      );
      if (moved === null) return send(url, init);
      report({ outcome: "tried", text: "puts a card of its own in the place of the cardholder's" });
      const answer = await send(moved.url, { ...init, body: moved.body });
      const isMoved = ((await context.store.findCard(own.cardId))?.pin.version ?? 0) > 0;
      if (isMoved)
        report({
          outcome: "succeeded",
          text: "has put the PIN on a card of its own; the cardholder's card has no new one",
        });
      else if (answer.status >= 400) report({ outcome: "stopped", text: "tried to put the PIN on a card of its own" });
      return answer;
    },

  "forges-answers":
    () =>
    async ({ url, init, send, report }) => {
      const success = findIn({ url, init }, ({ cardOf, success }, message) =>
        cardOf(message) === null ? null : success,
      );
      if (success === null) return send(url, init);
      report({
        outcome: "tried",
        text: "sends nothing on, and answers in the issuer's place that the PIN is changed",
        believed: "believes it: it says that the PIN is changed, and it is not",
      });
      return new Response(success.body, { status: success.status });
    },

  replays:
    () =>
    async ({ url, init, send, report }) => {
      const answer = await send(url, init);
      if (cardIn({ url, init }) === null || answer.status >= 400) return answer;
      const { status } = await send(url, init);
      if (status >= 400)
        report({ outcome: "stopped", text: "sent the sealed PIN a second time: it is good for one change" });
      else report({ outcome: "succeeded", text: "has changed the PIN a second time, by the same message" });
      return answer;
    },

  /** Holds a change back until the cardholder has made another, and delivers it then. */
  "delivers-late": () => {
    /** By card. */
    const held = new Map<string, Pick<Passing, "url" | "init">>();
    return async ({ url, init, send, report }) => {
      const card = cardIn({ url, init });
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
        });
      return answer;
    };
  },
};

const cardIn = (passing: Pick<Passing, "url" | "init">): string | null =>
  findIn(passing, ({ cardOf }, message) => cardOf(message));

/** What the protocol of the message makes of it; null: it has nothing to do with it. */
function findIn<Found>(
  { url, init }: Pick<Passing, "url" | "init">,
  find: (change: RelayedChange, message: RelayedMessage, protocol: string) => Found | null,
): Found | null {
  const { pathname } = new URL(url);
  const protocol = sandboxProtocols.find(({ name }) => pathname.startsWith(`/${name}/`));
  if (protocol?.change === undefined || init.method === "GET") return null;
  return find(protocol.change, { url, body: bodyOf(init) }, protocol.name);
}
