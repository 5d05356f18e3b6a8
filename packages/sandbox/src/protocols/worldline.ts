import { base64FromBytes, bytesFromHex } from "@linchpin/core";
import { type KeyWrap, keySetOfVersion, keyWraps } from "@linchpin/protocols/worldline/issuer";
import { sandboxPartnerId, withCardData } from "@linchpin/server/issuer";
import { explainBy } from "../mistakes/mistake.ts";
import { mistakes } from "../mistakes/mistake-table.ts";
import { withUnwrapped } from "../mistakes/unwrap.ts";
import { withPath } from "../relay/relayed-change.ts";
import type { DescribedCard, ExplainContext, Origin, RefusedRequest, SandboxProtocol } from "../sandbox-protocol.ts";

const clientSecret = "sandbox-worldline-secret";
const clientId = "sandbox-worldline";

const pinPath = /\/cards\/([0-9]{16})\/pin$/;

export const worldline = {
  name: "worldline",
  clientId,
  secret: clientSecret,
  roles: [],
  /** The one card reference that the vendor publishes. */
  fixedCardName: "2000000000096013",
  describe: (baseUrl: string, { cardId, names, pan }: DescribedCard, origin: Origin) => ({
    baseUrl,
    tokenUrl: `${baseUrl}/token`,
    clientId,
    clientSecret,
    issuerId: sandboxPartnerId,
    cardReference: names["worldline"] ?? "",
    issuerCardExternalReference: cardId,
    pan,
    keySets: keySetsOf(origin),
  }),
  forDevice: ({ pan }: DescribedCard, origin: Origin) => ({ pan, keySets: keySetsOf(origin) }),
  sealedMessages: [{ path: /\/worldline\/.*\/pin$/, purpose: keyWraps.oaep.purpose }],
  change: {
    cardOf: ({ url }) => pinPath.exec(url)?.[1] ?? null,
    moveTo: (message, card) => withPath(message, pinPath, `/cards/${card}/pin`),
    success: { status: 200, body: "{}" },
  },
  /** The vendor's answers say nothing finer than their status: here stands what was wrong. */
  explain: async (context, error, request) => {
    if (!request.path.startsWith("/worldline/")) return null;
    const isAboutMessage = error.code === "decryption_failed" || error.code === "request_invalid";
    const explanation = isAboutMessage && context.masterKey !== null ? await explainMessage(context, request) : null;
    const reason = error.reason ?? sentences[error.code] ?? error.message;
    return explanation ?? (error.field === undefined ? reason : `${error.field}: ${reason}`);
  },
  /** With RSAES-PKCS1-v1_5 a session key that could not be unwrapped is answered as any other is. */
  hint: {
    path: /\/worldline\/.*\/display-pin$/,
    explain: async ({ keyring }) => (keyring.uses(keyWraps.pkcs1.purpose) ? displayHint : null),
  },
} as const satisfies SandboxProtocol;

const sentences: Readonly<Record<string, string>> = {
  replayed: "this session key was used before: draw a fresh one for each request",
};

const displayHint =
  "with RSAES-PKCS1-v1_5 a display is answered whatever was wrapped: where the block does not open, wrap 32 bytes to the key set that keyId names";

/** The newest published key of each set. */
function keySetsOf({ keysOf }: Origin): Readonly<Record<"01" | "02", string>> {
  const keys = [keyWraps.oaep, keyWraps.pkcs1].flatMap(({ purpose }) => keysOf(purpose));
  const ofSet = (set: "01" | "02") =>
    base64FromBytes(keys.find(({ version }) => keySetOfVersion(version) === set)?.publicKeySpki ?? new Uint8Array());
  return { "01": ofSet("01"), "02": ofSet("02") };
}

async function explainMessage(context: ExplainContext, { path, body }: RefusedRequest): Promise<string | null> {
  const { pinAttribute, encryptedSessionKey: shown, pan, pinBlockPan } = Object(body);
  const { pinBlock, encryptedSessionKey: given } = Object(pinAttribute);
  const { encryptedData, keyId } = Object(given ?? shown);
  const encoding = explainTexts({ encryptedData, pinBlock });
  if (encoding !== null || typeof encryptedData !== "string") return encoding;
  const keyWrap: KeyWrap = context.keyring.uses(keyWraps.oaep.purpose) ? "oaep" : "pkcs1";
  const { purpose } = keyWraps[keyWrap];
  const scheme = keyWrap === "oaep" ? "OAEP-SHA256" : "PKCS1";
  const wrapped = bytesFromHex(encryptedData);
  const keys = await context.keyring.list();
  return withUnwrapped(context, wrapped, async (found) => {
    const contentKeyBytes = keyWrap === "oaep" && found?.content.length === 16 ? 16 : 32;
    const expected = { purpose, scheme, contentKeyBytes, keyId: null } as const;
    const explanation = explainBy(mistakes.rsaWrap, { wrapped, found, expected });
    if (explanation !== null || found === null) return explanation;
    const version = keys.find(({ id }) => id === found.keyId)?.version ?? 0;
    const ofSet = explainBy(mistakes.keySet, { named: keyId, wrappedTo: keySetOfVersion(version) });
    if (ofSet !== null || typeof pinBlock !== "string") return ofSet;
    const blockPan = pinBlockPan ?? pan ?? (await panOfPath(context, path));
    if (typeof blockPan !== "string") return null;
    const sessionKey = found.content;
    const block = bytesFromHex(pinBlock);
    const { otherToken: _, ...ofAnyBlock } = mistakes.pinBlock;
    return (
      explainBy(ofAnyBlock, { sessionKey, block, token: blockPan }) ??
      explainBy(mistakes.boundPinBlock, { sessionKey, block, pan: blockPan })
    );
  });
}

function explainTexts({ encryptedData, pinBlock }: { encryptedData: unknown; pinBlock: unknown }): string | null {
  const ofData =
    typeof encryptedData === "string"
      ? explainBy(mistakes.encoding, { name: "encryptedData", text: encryptedData, encoding: "hex", lengthBytes: 256 })
      : null;
  if (ofData !== null || typeof pinBlock !== "string") return ofData;
  const name = "pinBlock";
  return (
    explainBy(mistakes.pinBlockText, { name, text: pinBlock }) ??
    explainBy(mistakes.encoding, { name, text: pinBlock, encoding: "hex", lengthBytes: 16 })
  );
}

async function panOfPath(context: ExplainContext, path: string): Promise<string | null> {
  const [, reference] = /\/cards\/([0-9]{16})\/pin$/.exec(path) ?? [];
  const [, external] = /\/external-cards\/([^/]+)\/pin$/.exec(path) ?? [];
  const card =
    reference === undefined
      ? await context.store.findCard(external ?? "")
      : await context.store.findCardByName("worldline", reference);
  if (card === null) return null;
  return withCardData(context, card.id, async ({ pan }) => Buffer.from(pan).toString());
}
