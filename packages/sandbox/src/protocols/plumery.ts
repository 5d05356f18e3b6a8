import { Pin, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { makeRevealKey, openCardPin, type RevealKey } from "@linchpin/protocols/plumery/device";
import { parseClientPublicKey, sealCardPin } from "@linchpin/protocols/plumery/issuer";
import { clientPublicKeyHeader } from "@linchpin/protocols/plumery/wire";
import { fixedId } from "../fixed-identifiers.ts";
import { explainBy } from "../mistakes/mistake.ts";
import { mistakes } from "../mistakes/mistake-table.ts";
import { parsed, type RelayedMessage } from "../relay/relayed-change.ts";
import type { RelayedReveal } from "../relay/relayed-reveal.ts";
import type { SandboxCard, SandboxProtocol } from "../sandbox-protocol.ts";

const bearerToken = "sandbox-plumery-token";

export const plumery = {
  name: "plumery",
  clientId: "sandbox-plumery",
  secret: bearerToken,
  roles: [],
  fixedCardName: fixedId("plumery card"),
  describe: (baseUrl: string, { names }: SandboxCard) => ({ baseUrl, bearerToken, cardToken: names["plumery"] ?? "" }),
  sealedMessages: [],
  reveal: { askInstead, askAlone, forge },
  explain: async (_context, { code, field }, { headers }) => {
    const text = headers[clientPublicKeyHeader.toLowerCase()]?.toString();
    if (code !== "public_key_unusable" || field !== clientPublicKeyHeader || text === undefined) return null;
    return explainBy(mistakes.publicKey, { text, encoding: "base64" });
  },
} as const satisfies SandboxProtocol;

const headerName = clientPublicKeyHeader.toLowerCase();
const revealPath = /\/cards\/[^/]+\/pin$/;
/** HKDF's `info`, as the sandbox has it. */
const info = new Uint8Array(0);

const phonesKeyOf = ({ url, headers }: RelayedMessage): string | null =>
  revealPath.test(url) ? (headers[headerName] ?? null) : null;

async function sealToPhone(phonesKey: string, pin: Pin): Promise<string> {
  const client = await parseClientPublicKey(nodeCryptoPrimitives, phonesKey);
  return JSON.stringify({ encryptedPayload: await sealCardPin(nodeCryptoPrimitives, { pin, client, info }) });
}

const openAnswer = (answer: string, revealKey: RevealKey): Promise<Pin> =>
  openCardPin(nodeCryptoPrimitives, { revealKey, payload: parsed(answer).encryptedPayload, info });

const digitsOf = (pin: Pin) => Buffer.from(pin.asciiDigits()).toString();

async function askInstead(message: RelayedMessage): ReturnType<RelayedReveal["askInstead"]> {
  const phonesKey = phonesKeyOf(message);
  if (phonesKey === null) return null;
  const revealKey = await makeRevealKey(nodeCryptoPrimitives);
  return {
    message: { ...message, headers: { ...message.headers, [headerName]: revealKey.publicKeyBase64 } },
    open: async (answer) => {
      if (parsed(answer).encryptedPayload === undefined) return null;
      const pin = await openAnswer(answer, revealKey);
      return { digits: digitsOf(pin), sealedAnew: await sealToPhone(phonesKey, pin) };
    },
  };
}

async function askAlone(card: string): ReturnType<RelayedReveal["askAlone"]> {
  const revealKey = await makeRevealKey(nodeCryptoPrimitives);
  return {
    path: `/plumery/internal/v1/cards/${card}/pin`,
    headers: { authorization: `Bearer ${bearerToken}`, [headerName]: revealKey.publicKeyBase64 },
    digitsIn: async (answer) => digitsOf(await openAnswer(answer, revealKey)),
  };
}

async function forge(message: RelayedMessage, digits: string): Promise<string | null> {
  const phonesKey = phonesKeyOf(message);
  return phonesKey === null ? null : sealToPhone(phonesKey, new Pin(utf8(digits)));
}
