import { createHash } from "node:crypto";
import { LinchpinError, parseJws, verifyJws } from "@linchpin/core";
import type { UpstreamRequest, VenlySandbox } from "@linchpin/protocols/venly/issuer";
import { type AssertionClaims, tokenPath } from "@linchpin/protocols/venly/wire";
import { type Context, forbidCaching, orProblem } from "@linchpin/server/issuer";
import Type from "typebox";
import { explainVenly } from "../explain-venly.ts";
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
  explain: async (context, error, request) =>
    request.body instanceof Uint8Array ? explainVenly(context, error, request, request.body) : null,
  open: openTransferUpstream,
} as const satisfies SandboxProtocol;

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
