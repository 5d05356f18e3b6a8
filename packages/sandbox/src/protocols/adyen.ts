import { bytesFromHex, decipherPinBlockFormat4 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { fixedHex } from "../fixed-identifiers.ts";
import { explainBy } from "../mistakes/mistake.ts";
import { mistakes } from "../mistakes/mistake-table.ts";
import type { RsaWrapEvidence } from "../mistakes/rsa-wrap.ts";
import { withUnwrapped } from "../mistakes/unwrap.ts";
import { type Envelope, parsed, withMember } from "../relay/relayed-change.ts";
import type { ExplainContext, SandboxCard, SandboxProtocol, StringMembers } from "../sandbox-protocol.ts";

const apiKey = "sandbox-adyen-key";

const changePath = /\/pins\/change$/;

/** Of a change its own block, of a reveal the answer's: the same session key enciphers both. */
const readBlock: Envelope["digitsIn"] = async ({ body, answer }, key) => {
  const { encryptedPinBlock, token } = { ...parsed(answer), ...parsed(body) };
  const pin = await decipherPinBlockFormat4(nodeCryptoPrimitives, {
    pinBlock: bytesFromHex(encryptedPinBlock),
    pan: token,
    key,
  });
  return Buffer.from(pin.asciiDigits()).toString();
};

export const adyen = {
  name: "adyen",
  clientId: "sandbox-adyen",
  secret: apiKey,
  roles: ["pin_change", "pin_reveal", "pan_reveal"],
  fixedCardName: `PI${fixedHex("adyen card").toUpperCase().slice(0, 23)}`,
  describe: (baseUrl: string, { names }: SandboxCard) => ({
    baseUrl,
    apiKey,
    paymentInstrumentId: names["adyen"] ?? "",
  }),
  answerFaults: { path: /\/pins\/change$/, pending: { status: "pending" } },
  sealedMessages: [
    { path: /pins\/change$/, purpose: "adyen-pin-change" },
    { path: /pins\/reveal$/, purpose: "adyen-pin-reveal" },
  ],
  change: {
    cardOf: ({ url, body }) => (changePath.test(url) ? String(parsed(body).paymentInstrumentId) : null),
    moveTo: (message, card) => (changePath.test(message.url) ? withMember(message, "paymentInstrumentId", card) : null),
    success: { status: 200, body: JSON.stringify({ status: "completed" }) },
    envelope: {
      scheme: "PKCS1",
      rewrap: (message, rewrapKey) => {
        const { encryptedKey } = parsed(message.body);
        if (typeof encryptedKey !== "string") return message;
        const { rewrapped } = rewrapKey(Buffer.from(encryptedKey, "hex"));
        return withMember(message, "encryptedKey", rewrapped.toString("hex").toUpperCase());
      },
      digitsIn: readBlock,
    },
  },
  explain: async (context, { code }, { path, members }) =>
    code === "decryption_failed" || code === "request_invalid" ? explainMessage(context, path, members) : null,
  // A session key that could not be unwrapped is answered as any other is, or the answer would tell.
  hint: { path: /\/adyen\/.*\/reveal$/, explain: explainMessage },
} as const satisfies SandboxProtocol;

const purposes: readonly (readonly [RegExp, string])[] = [
  [/\/pins\/change$/, "adyen-pin-change"],
  [/\/pins\/reveal$/, "adyen-pin-reveal"],
  [/\/paymentInstruments\/reveal$/, "adyen-pan-reveal"],
];

async function explainMessage(context: ExplainContext, path: string, members: StringMembers): Promise<string | null> {
  const { encryptedKey, encryptedPinBlock, token } = members;
  const [, purpose] = purposes.find(([of]) => of.test(path)) ?? [];
  if (purpose === undefined || encryptedKey === undefined) return null;
  const encoding =
    explainHex("encryptedKey", encryptedKey, 256) ?? explainHex("encryptedPinBlock", encryptedPinBlock, 16);
  if (encoding !== null) return encoding;
  const wrapped = Buffer.from(encryptedKey, "hex");
  const expected = await expectedWrap(context, purpose);
  return withUnwrapped(context, wrapped, (found) => {
    const explanation = explainBy(mistakes.rsaWrap, { wrapped, found, expected });
    if (explanation !== null || found === null || encryptedPinBlock === undefined || token === undefined)
      return explanation;
    const block = Buffer.from(encryptedPinBlock, "hex");
    return explainBy(mistakes.pinBlock, { sessionKey: found.content, block, token });
  });
}

function explainHex(name: string, text: string | undefined, lengthBytes: number): string | null {
  return text === undefined ? null : explainBy(mistakes.encoding, { name, text, encoding: "hex", lengthBytes });
}

/** By the purpose's keys that are there: an issuer whose devices wrap by OAEP has one of its own for that. */
async function expectedWrap({ keyring }: ExplainContext, purpose: string): Promise<RsaWrapEvidence["expected"]> {
  const oaep = (await keyring.list()).find(
    (key) => key.purpose.startsWith(purpose) && key.algorithm === "RSA-OAEP-256",
  );
  const isOaep = oaep !== undefined && keyring.uses(oaep.purpose);
  return {
    purpose: isOaep ? oaep.purpose : purpose,
    scheme: isOaep ? "OAEP-SHA256" : "PKCS1",
    contentKeyBytes: 32,
    keyId: null,
  };
}
