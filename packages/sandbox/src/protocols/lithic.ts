import { errorClassOf, type LinchpinError } from "@linchpin/core";
import {
  ciphertextBytes,
  type LithicSandbox,
  lithicKeyPath,
  lithicKeyPurpose,
  markOf,
} from "@linchpin/protocols/lithic/issuer";
import { fixedId, sandboxProgramId } from "../fixed-identifiers.ts";
import { explainBy } from "../mistakes/mistake.ts";
import { mistakes } from "../mistakes/mistake-table.ts";
import { withUnwrapped } from "../mistakes/unwrap.ts";
import { parsed, withMember, withPath } from "../relay/relayed-change.ts";
import type { ExplainContext, SandboxCard, SandboxProtocol } from "../sandbox-protocol.ts";

const apiKey = "sandbox-lithic-key";

const cardPath = /\/lithic\/v1\/cards\/([^/]+)$/;

export const lithic = {
  name: "lithic",
  clientId: "sandbox-lithic",
  secret: apiKey,
  roles: [],
  fixedCardName: fixedId("lithic card"),
  describe: (baseUrl: string, { names }: SandboxCard) => ({
    baseUrl,
    publicKeyUrl: `${baseUrl}${lithicKeyPath}`,
    apiKey,
    cardToken: names["lithic"] ?? "",
  }),
  sealedMessages: [{ path: /\/lithic\/v1\/cards/, purpose: lithicKeyPurpose }],
  change: {
    cardOf: ({ url }) => cardPath.exec(url)?.[1] ?? null,
    moveTo: (message, card) => withPath(message, cardPath, `/lithic/v1/cards/${card}`),
    success: { status: 200, body: "{}" },
    // No content key stands between: what is unwrapped is the message.
    envelope: {
      scheme: "OAEP-SHA1",
      rewrap: (message, rewrapKey) => {
        const { pin } = parsed(message.body);
        if (typeof pin !== "string") return message;
        return withMember(message, "pin", rewrapKey(Buffer.from(pin, "base64")).rewrapped.toString("base64"));
      },
      digitsIn: async (_message, clear) => /"pin"\s*:\s*"(\d{4,12})"/.exec(Buffer.from(clear).toString())?.[1] ?? null,
    },
  },
  open: () => ({ forIssuer: { createdCardsProgramId: sandboxProgramId } satisfies LithicSandbox }),
  explain: async (context, error, { path, body }) => {
    const text: unknown = Object(body).pin;
    return path.includes("/lithic/v1/cards") && typeof text === "string" ? explainPin(context, error, text) : null;
  },
} as const satisfies SandboxProtocol;

async function explainPin(context: ExplainContext, { code }: LinchpinError, text: string): Promise<string | null> {
  if (code === "encoding_invalid") return explainText(text);
  if (code === "replayed")
    return (await context.store.isReplayed(await markOf(context.primitives, text)))
      ? "this very message was applied before, for this card or another: seal the PIN anew for each request"
      : "the nonce was used on this card before: draw a new one for each request";
  if (code !== "decryption_failed" && errorClassOf(code) !== "pinPolicy") return null;
  return withUnwrapped(context, Buffer.from(text, "base64"), (found) => {
    const expected = { purpose: lithicKeyPurpose, scheme: "OAEP-SHA1" } as const;
    if (code !== "decryption_failed") return found && explainBy(mistakes.samplePin, { clear: found.content });
    const explanation = explainBy(mistakes.messageWrap, { found, expected });
    return explanation ?? (found && explainBy(mistakes.noncedPin, { clear: found.content }));
  });
}

function explainText(text: string): string | null {
  const evidence = { name: "pin", text, lengthBytes: ciphertextBytes };
  return (
    explainBy(mistakes.ciphertextText, evidence) ?? explainBy(mistakes.encoding, { ...evidence, encoding: "base64" })
  );
}
