import { bytesFromBase64, type LinchpinError } from "@linchpin/core";
import { type Form, keyPurposeOf, readSessionKey } from "@linchpin/protocols/spritz/issuer";
import { sessionIdHeader } from "@linchpin/protocols/spritz/wire";
import { fixedId } from "../fixed-identifiers.ts";
import { explainBy } from "../mistakes/mistake.ts";
import { mistakes } from "../mistakes/mistake-table.ts";
import type { RsaWrapEvidence } from "../mistakes/rsa-wrap.ts";
import { withUnwrapped } from "../mistakes/unwrap.ts";
import { parsed } from "../relay/relayed-change.ts";
import type { ExplainContext, Origin, RefusedRequest, SandboxCard, SandboxProtocol } from "../sandbox-protocol.ts";

const apiKey = "sandbox-spritz-key";

const cardPath = /\/cards\/([^/]+)\/(?:pin|update_pin)$/;
const path = /\/spritz\/v1\/(?:issuing\/)?cards\//;

export const spritz = {
  name: "spritz",
  clientId: "sandbox-spritz",
  secret: apiKey,
  roles: [],
  fixedCardName: fixedId("spritz card"),
  describe: (baseUrl: string, { names }: SandboxCard, { publicKeysOf }: Origin) => {
    const shared = { baseUrl, apiKey, cardId: names["spritz"] ?? "" };
    const pemOf = (purpose: string) => pem(publicKeysOf(purpose)[0]);
    const publicKey = pemOf("spritz-pin") ?? pemOf("spritz-pin-sha512") ?? "";
    const rain = { ...shared, publicKey: pemOf("rain-pin"), legacyPublicKey: pemOf("rain-pin-legacy") };
    return { ...shared, publicKey, rain };
  },
  // No key comes by the relay: there is none that it could swap.
  sealedMessages: [],
  change: {
    cardOf: ({ url, body }) => (parsed(body).encryptedPin === undefined ? null : (cardPath.exec(url)?.[1] ?? null)),
    moveTo: (message, card) => {
      const { url, body } = message;
      const [, from] = cardPath.exec(url) ?? [];
      const isSet = from !== undefined && parsed(body).encryptedPin !== undefined;
      return isSet ? { ...message, url: url.replace(`/cards/${from}/`, `/cards/${card}/`) } : null;
    },
    success: { status: 200, body: JSON.stringify({ success: true }) },
  },
  explain: async (context, error, request) =>
    path.test(request.path) ? explainRefused(context, error, request) : null,
} as const satisfies SandboxProtocol;

/** RFC 7468 §13. */
function pem(spki: Uint8Array | undefined): string | undefined {
  if (spki === undefined) return undefined;
  const lines =
    Buffer.from(spki)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN PUBLIC KEY-----\n${lines.join("\n")}\n-----END PUBLIC KEY-----\n`;
}

async function explainRefused(
  context: ExplainContext,
  { code, field }: LinchpinError,
  request: RefusedRequest,
): Promise<string | null> {
  const isRain = request.path.includes("/issuing/");
  if (code === "header_missing" && field === sessionIdHeader)
    return "the wrapped session key is no member of the body: it goes into the header SessionId, in a set and in a get";
  if (code === "replayed")
    return "a session key is good for one set or get, also when it is wrapped again: draw 16 random bytes for each message; a server must not keep one in its settings, nor share one with the card's other secrets";
  const { encryptedKey } = request.members;
  const wrappedText = isRain ? request.headers[sessionIdHeader.toLowerCase()]?.toString() : encryptedKey;
  const { iv, data } = Object(Object(request.body).encryptedPin) as { iv?: unknown; data?: unknown };
  if (typeof wrappedText !== "string") return null;
  const name = isRain ? sessionIdHeader : "encryptedKey";
  if (code === "encoding_invalid") return explainTexts(name, wrappedText, iv, data);
  return code === "decryption_failed"
    ? explainSealed(context, isRain ? "rain" : "spritz", { wrappedText, iv, data })
    : null;
}

function explainTexts(name: string, wrapped: string, iv: unknown, data: unknown): string | null {
  const texts = [
    [name, wrapped, 256],
    ["encryptedPin.iv", iv, null],
    ["encryptedPin.data", data, 32],
  ] as const;
  for (const [member, text, lengthBytes] of texts) {
    if (typeof text !== "string") continue;
    if (member === "encryptedPin.iv" && /^(?:[0-9a-f]{24}|[0-9a-f]{32})$/i.test(text))
      return `${member} is hex: it must be base64`;
    const says = explainBy(mistakes.encoding, { name: member, text, encoding: "base64", lengthBytes });
    if (says !== null) return says;
  }
  return null;
}

interface SealedTexts {
  readonly wrappedText: string;
  readonly iv: unknown;
  readonly data: unknown;
}

async function explainSealed(context: ExplainContext, form: Form, texts: SealedTexts): Promise<string | null> {
  const wrapped = bytesFromBase64(texts.wrappedText);
  return withUnwrapped(context, wrapped, (found) => {
    const expected = expectedWrap(context, form, found?.purpose);
    const ofWrap = explainBy(mistakes.rsaWrap, { wrapped, found, expected });
    if (ofWrap !== null || found === null) return ofWrap;
    const ofText = explainBy(mistakes.wrappedText, { content: found.content, wrapped: "base64" });
    if (ofText !== null || typeof texts.iv !== "string" || typeof texts.data !== "string") return ofText;
    const sessionKey = readSessionKey(Uint8Array.from(found.content), "base64", 16);
    if (sessionKey === null) return "what was wrapped is no canonical base64 of 16 bytes";
    try {
      const sealed = { iv: bytesFromBase64(texts.iv), ciphertext: bytesFromBase64(texts.data) };
      return explainBy(mistakes.blockText, { sessionKey, ...sealed });
    } finally {
      sessionKey.fill(0);
    }
  });
}

const schemes = { "SHA-512": "OAEP-SHA512", "SHA-1": "OAEP-SHA1" } as const;

/** The row whose key was used; where another key was, the form's first one. */
function expectedWrap({ keyring }: ExplainContext, form: Form, found: string | undefined): RsaWrapEvidence["expected"] {
  const rows = (["SHA-512", "SHA-1"] as const)
    .map((hash) => ({
      purpose: keyPurposeOf(form, hash),
      scheme: schemes[hash],
    }))
    .filter(({ purpose }) => keyring.uses(purpose));
  const row = rows.find(({ purpose }) => purpose === found) ?? rows[0];
  return { purpose: row?.purpose ?? "", scheme: row?.scheme ?? "OAEP-SHA1", contentKeyBytes: null, keyId: null };
}
