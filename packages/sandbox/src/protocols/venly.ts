import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { LinchpinError, parseJws, verifyJws } from "@linchpin/core";
import type { UpstreamRequest, VenlySandbox } from "@linchpin/protocols/venly/issuer";
import { type AssertionClaims, type Envelope, tokenPath } from "@linchpin/protocols/venly/wire";
import { type Context, forbidCaching, orProblem } from "@linchpin/server/issuer";
import Type from "typebox";
import { explainVenly } from "../explain-venly.ts";
import { parsed, type RelayedMessage, type RewrapKey, withPath } from "../relay/relayed-change.ts";
import type { SandboxParts, SandboxProtocol } from "../sandbox-protocol.ts";

const [clientId, clientSecret] = ["sandbox-venly", "sandbox-venly-secret"];

export const venly = {
  name: "venly",
  clientId,
  secret: clientSecret,
  roles: [],
  fixedCardName: null,
  describe: (baseUrl: string) => ({ baseUrl, tokenUrl: `${baseUrl}${tokenPath}`, clientId, clientSecret }),
  sealedMessages: [{ path: /venly\/api\//, purpose: "venly" }],
  change: {
    cardOf: ({ url }) => methodPath.exec(url)?.[2] ?? null,
    moveTo: (message, own) => withPath(message, methodPath, `/users/${own}`),
    makeOwn: makeOwnUser,
    uses: ({ url }) => url.endsWith("/transactions/execute"),
    success: { status: 200, body: JSON.stringify({ success: true, result: {} }) },
    envelope: { scheme: "OAEP-SHA256", rewrap, digitsIn },
  },
  explain: async (context, error, request) =>
    request.body instanceof Uint8Array ? explainVenly(context, error, request, request.body) : null,
  open: openTransferUpstream,
} as const satisfies SandboxProtocol;

const methodPath = /\/users\/([^/]+)\/signing-methods\/([^/]+)$/;

/** A user with a PIN that the partner knows; a plain body is taken too. @returns the path of the PIN, below `/users` */
async function makeOwnUser(send: (path: string, body: string) => Promise<Response>): Promise<string> {
  const signingMethod = { type: "PIN", value: "864209" };
  const reply = await send("/venly/api/users", JSON.stringify({ signingMethod }));
  const { result } = parsed(await reply.text());
  return `${result?.id}/signing-methods/${result?.signingMethods?.[0]?.id}`;
}

/** A signing method comes in an envelope that is the body, or stands in the header; in both, where one is changed. */
function rewrap(message: RelayedMessage, rewrapKey: RewrapKey): RelayedMessage {
  const isSealed = parsed(message.body).encryption !== undefined;
  const body = isSealed ? rewrapEnvelope(message.body, rewrapKey, (clear) => clear) : message.body;
  const header = message.headers[signingMethodHeader];
  if (header === undefined) return { ...message, body };
  // What is sealed there has the hash of the body, which is another now.
  const bodySha256 = createHash("sha256").update(body).digest("hex");
  const envelope = rewrapEnvelope(Buffer.from(header, "base64").toString(), rewrapKey, (clear) =>
    clear.replace(/[\da-f]{64}/, bodySha256),
  );
  const headers = { ...message.headers, [signingMethodHeader]: Buffer.from(envelope).toString("base64") };
  return { ...message, body, headers };
}

const signingMethodHeader = "encrypted-signing-method";

/** AES-256-GCM, the tag behind the ciphertext. */
function rewrapEnvelope(text: string, rewrapKey: RewrapKey, alter: (clear: string) => string): string {
  const envelope = parsed(text);
  const { key } = envelope.encryption;
  const { contentKey, rewrapped } = rewrapKey(Buffer.from(key.encryptedValue, "base64"));
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", contentKey, iv);
  const sealed = [cipher.update(alter(openEnvelope(envelope, contentKey))), cipher.final(), cipher.getAuthTag()];
  const encryption = {
    ...envelope.encryption,
    key: { ...key, encryptedValue: rewrapped.toString("base64") },
    iv: iv.toString("base64"),
  };
  return JSON.stringify({ ...envelope, encryption, value: Buffer.concat(sealed).toString("base64") });
}

function openEnvelope({ encryption, value }: Envelope, contentKey: Uint8Array): string {
  const sealed = Buffer.from(value, "base64");
  const decipher = createDecipheriv("aes-256-gcm", contentKey, Buffer.from(encryption.iv, "base64"));
  return decipher.setAuthTag(sealed.subarray(-16)).update(sealed.subarray(0, -16)).toString();
}

/** Of a change the new value: its envelope is the first. */
async function digitsIn({ body, headers }: RelayedMessage, contentKey: Uint8Array): Promise<string | null> {
  const inHeader = Buffer.from(headers[signingMethodHeader] ?? "", "base64").toString();
  const envelope = parsed(body).encryption === undefined ? parsed(inHeader) : parsed(body);
  return /"value":"(\d{4,12})"/.exec(openEnvelope(envelope, contentKey))?.[1] ?? null;
}

const text = Type.String();
const Transfer = Type.Object({
  transactionHash: text,
  userId: text,
  methodId: text,
  method: text,
  path: text,
  bodySha256: text,
  idempotencyKey: Type.Union([text, Type.Null()]),
  body: text,
  ranAt: text,
});
type Transfer = Type.Static<typeof Transfer>;
const maxTransfers = 1000;

/** Carries out every request that reaches it, as a wallet would: it believes the assertion alone, and shows what ran. */
function openTransferUpstream(context: Context): SandboxParts {
  const transfers: Transfer[] = [];
  context.onReset?.(() => {
    transfers.length = 0;
  });
  const upstream: VenlySandbox["upstream"] = async (request) => {
    const transfer = transferOf(context, request, await verifyAssertion(context, request));
    transfers.push(transfer);
    if (transfers.length > maxTransfers) transfers.shift();
    const { transactionHash } = transfer;
    const body = Buffer.from(JSON.stringify({ success: true, result: { transactionHash } }));
    return { status: 200, contentType: "application/json", body };
  };
  return {
    forIssuer: { upstream } satisfies VenlySandbox,
    routes: async (app) => {
      forbidCaching(app);
      app.get(
        "/transfers",
        {
          schema: {
            operationId: "sandboxListTransfers",
            summary: "What the sandbox's upstream carried out",
            response: { 200: Type.Array(Transfer), ...orProblem },
          },
        },
        () => transfers,
      );
    },
  };
}

function transferOf(context: Context, { assertion, body }: UpstreamRequest, claims: AssertionClaims): Transfer {
  const { sub, methodId, method, path, bodySha256, idempotencyKey } = claims;
  return {
    transactionHash: `0x${createHash("sha256").update(assertion).digest("hex")}`,
    userId: sub,
    methodId,
    method,
    path,
    bodySha256,
    idempotencyKey,
    body: Buffer.from(body).toString("utf8"),
    ranAt: context.clock().toISOString(),
  };
}

/** What every upstream should do: RFC 7515 §5.2, then the claims. */
async function verifyAssertion(context: Context, request: UpstreamRequest): Promise<AssertionClaims> {
  const jws = parseJws(request.assertion, { typ: "JWT", maxLength: maxAssertionLength });
  const { publicKeySpki } = await context.keyring.find("venly-assertion", jws.kid);
  // The last 65 bytes of an SPKI of P-256 are the uncompressed point.
  const publicPoint = publicKeySpki?.subarray(-65) ?? nothing;
  const claims = (await verifyJws(context.primitives, jws, publicPoint)) as unknown as AssertionClaims;
  const isOfRequest =
    claims.bodySha256 === createHash("sha256").update(request.body).digest("hex") &&
    claims.method === request.method &&
    claims.path === request.path &&
    claims.exp * 1000 > context.clock().getTime();
  if (!isOfRequest) throw new LinchpinError("upstream_failed", { reason: "the assertion does not hold" });
  return claims;
}

const nothing = new Uint8Array(0);
const maxAssertionLength = 4096;
