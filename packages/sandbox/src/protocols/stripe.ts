import { openJwe, parseJwe, utf8 } from "@linchpin/core";
import { type StripeSandbox, stripeKeyPurpose, stripePinProfile } from "@linchpin/protocols/stripe/issuer";
import { fixedHex, sandboxProgramId } from "../fixed-identifiers.ts";
import { explainBy } from "../mistakes/mistake.ts";
import { mistakes } from "../mistakes/mistake-table.ts";
import { withUnwrapped } from "../mistakes/unwrap.ts";
import { jweEnvelope } from "../relay/compact-jwe.ts";
import { withPath } from "../relay/relayed-change.ts";
import type { ExplainContext, SandboxCard, SandboxProtocol } from "../sandbox-protocol.ts";

const apiKey = "sk_test_sandbox";

const cardPath = /\/issuing\/cards\/([^/]+)$/;

export const stripe = {
  name: "stripe",
  clientId: "sandbox-stripe",
  secret: apiKey,
  roles: [],
  fixedCardName: `ic_${fixedHex("stripe card")}`,
  describe: (baseUrl: string, { names }: SandboxCard) => ({
    baseUrl,
    keysUrl: `${baseUrl}/v1/keys`,
    apiKey,
    cardId: names["stripe"] ?? "",
  }),
  sealedMessages: [{ path: /\/stripe\/v1\/issuing\/cards/, purpose: stripeKeyPurpose }],
  change: {
    cardOf: ({ url }) => cardPath.exec(url)?.[1] ?? null,
    moveTo: (message, card) => withPath(message, cardPath, `/issuing/cards/${card}`),
    success: { status: 200, body: "{}" },
    envelope: jweEnvelope("OAEP-SHA1"),
  },
  /** Until a PIN is set, the vendor's test mode has 0000, which no policy is asked about. */
  open: () => ({
    forIssuer: { createdCardsProgramId: sandboxProgramId, firstPin: "0000" } satisfies StripeSandbox,
  }),
  explain: async (context, { code }, { path, body }) => {
    const text: unknown = Object(Object(body).pin).encrypted_number;
    if (!path.includes("/stripe/v1/issuing/cards") || typeof text !== "string") return null;
    if (code === "jwe_malformed")
      return explainBy(mistakes.jweText, { name: "pin[encrypted_number]", text, expected: stripePinProfile.header });
    if (code === "key_unknown") return explainKey(context, text);
    return code === "decryption_failed" || code === "pin_length" ? explainSealed(context, text) : null;
  },
} as const satisfies SandboxProtocol;

async function explainKey({ keyring }: ExplainContext, compact: string): Promise<string> {
  const { kid } = parseJwe(stripePinProfile, compact);
  const key = (await keyring.list()).find(({ id }) => id === kid);
  return key === undefined
    ? "no key of this issuer has the header's kid: take the key from this issuer's GET /v1/keys, not from the vendor's"
    : `the header's kid is the id of a key for ${key.purpose}`;
}

async function explainSealed(context: ExplainContext, compact: string): Promise<string | null> {
  const jwe = parseJwe(stripePinProfile, compact);
  const { kid: keyId, wrappedKey: wrapped, iv, ciphertext, tag } = jwe;
  const { contentKeyBytes } = stripePinProfile;
  const expected = { purpose: stripeKeyPurpose, scheme: "OAEP-SHA1", contentKeyBytes, keyId } as const;
  return withUnwrapped(context, wrapped, async (found) => {
    const explanation = explainBy(mistakes.rsaWrap, { wrapped, found, expected });
    if (explanation !== null || found === null) return explanation;
    const contentKey = found.content;
    const sealed = { cipher: "A128CBC-HS256", contentKey, iv, ciphertext, tag, aad: utf8(jwe.protectedText) } as const;
    const ofCipher = explainBy(mistakes.contentCipher, sealed);
    if (ofCipher !== null) return ofCipher;
    const clear = await openJwe(context.primitives, stripePinProfile, jwe, contentKey);
    try {
      return explainBy(mistakes.sealedDigits, { clear });
    } finally {
      clear.fill(0);
    }
  });
}
