import { type Context, publicKeyOf, rotateKey } from "@linchpin/server/issuer";
import { replacePublicKey } from "./public-key-texts.ts";
import { bodyOf, type RelayFault, reads } from "./relay-fault.ts";
import { relayLies } from "./relay-lies.ts";
import { sealedMessages } from "./sealed-messages.ts";

/** What the partner's backend does with the messages that it relays. The page lets the user choose one. */
export const relayFaults: Readonly<Record<string, RelayFault>> = {
  honest:
    () =>
    ({ send, url, init }) =>
      send(url, init),

  "loses-answers":
    () =>
    async ({ send, url, init }) => {
      const answer = await send(url, init);
      if (reads(init)) return answer;
      throw new Error("the answer was lost");
    },

  "breaks-down":
    () =>
    async ({ send, url, init }) =>
      reads(init) ? send(url, init) : new Response(null, { status: 500 }),

  "sends-twice":
    () =>
    async ({ send, url, init }) => {
      if (!reads(init)) await send(url, init);
      return send(url, init);
    },

  "alters-messages":
    () =>
    async ({ send, url, init }) =>
      send(url, typeof init.body === "string" ? { ...init, body: alterLongestText(bodyOf(init)) } : init),

  "swaps-keys":
    (context) =>
    async ({ send, url, init }) => {
      const answer = await send(url, init);
      if (!reads(init)) return answer;
      const { status, headers } = answer;
      const contentType = { "content-type": headers.get("content-type") ?? "" };
      return new Response(await swapKey(context, await answer.text()), { status, headers: contentType });
    },

  /** The issuer's key is rotated before the sealed message arrives. */
  "delays-until-rotation":
    (context) =>
    async ({ send, url, init }) => {
      const purpose = reads(init) ? undefined : sealedMessages.find(({ path }) => path.test(url))?.purpose;
      if (purpose !== undefined) await rotateKey(context, { kind: "operator", name: "sandbox" }, purpose);
      return send(url, init);
    },

  ...relayLies,
};

/** Still well-formed, in hex as in base64url. */
function alterLongestText(body: string): string {
  const [longest = ""] = (body.match(/[\w.+/=-]{32,}/g) ?? []).toSorted((a, b) => b.length - a.length);
  const middle = Math.floor(longest.length / 2);
  const altered = longest.slice(0, middle) + (longest[middle] === "A" ? "B" : "A") + longest.slice(middle + 1);
  return body.replace(longest, altered);
}

/** A key of another purpose in the place of the one that was asked for. */
async function swapKey(context: Context, text: string): Promise<string> {
  for (const { protocol, purpose } of sealedMessages) {
    const other = otherPurpose(protocol, (name) => context.keyring.uses(name));
    if (!context.keyring.uses(purpose) || other === undefined) continue;
    const [asked, swapped] = [await context.keyring.current(purpose), await context.keyring.current(other)];
    const result = replacePublicKey(text, publicKeyOf(asked), publicKeyOf(swapped));
    if (result !== text) return result;
  }
  return text;
}

/** The first purpose of another protocol that the operator has turned on. */
function otherPurpose(protocol: string, isUsed: (purpose: string) => boolean): string | undefined {
  return sealedMessages.find((message) => message.protocol !== protocol && isUsed(message.purpose))?.purpose;
}
