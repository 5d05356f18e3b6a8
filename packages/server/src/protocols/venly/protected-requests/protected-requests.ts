import { LinchpinError } from "@linchpin/core";
import type { Upstream } from "@linchpin/protocols/venly/issuer";
import { ErrorReply } from "@linchpin/protocols/venly/wire";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { reportRightSecret } from "../../../callers/index.ts";
import type { Context } from "../../../context/index.ts";
import { comparesSecret } from "../../../http/index.ts";
import { judgedByReader, receivedRequestOf, SigningHeaders } from "../raw-body.ts";
import type { VenlySettings } from "../settings.ts";
import { runProtectedRequest } from "./run-protected-request.ts";

/** The body that the upstream takes. The issuer does not read it. In the guide it is `{"transactionRequest": {…}}`. */
const ProtectedBody = Type.Unsafe<Uint8Array>({
  description: "JSON as the upstream takes it; hashed as sent",
  examples: [{ transactionRequest: { type: "TRANSFER", walletId: "71dec640", to: "0xdc71b72d", value: 0.1 } }],
});

/** The requests that the operator protects by signing methods: they are checked here and forwarded, and the upstream's answer is returned. */
export async function venlyProtectedRequests(
  app: FastifyInstance,
  {
    context,
    operations,
    upstream,
    acceptsPlainBiometric,
  }: {
    context: Context;
    operations: VenlySettings["protectedOperations"];
    upstream: Upstream | null;
    acceptsPlainBiometric: boolean;
  },
): Promise<void> {
  for (const { method, path } of operations)
    app.route<{ Params: Record<string, string> }>({
      method,
      url: path,
      config: comparesSecret("signing_method_incorrect"),
      schema: {
        operationId: operationIdOf(method, path),
        summary: "Protected by a signing method, handed on to the upstream",
        headers: SigningHeaders,
        body: ProtectedBody,
        response: { default: ErrorReply },
      },
      validatorCompiler: judgedByReader,
      handler: async (request, reply) => {
        if (Object.values(request.params).includes("")) throw new LinchpinError("not_found");
        const answer = await runProtectedRequest(
          context,
          {
            ...receivedRequestOf(request, acceptsPlainBiometric),
            user: null,
            method,
            path: pathBelow(app.prefix, request.url),
            contentType: request.headers["content-type"],
          },
          () => reportRightSecret(request),
          upstream,
        );
        if (answer.contentType !== null) reply.type(answer.contentType);
        return reply.code(answer.status).send(answer.body);
      },
    });
}

/** `POST /api/transactions/execute`: `venlyPostTransactionsExecute`. */
function operationIdOf(method: string, path: string): string {
  const words = [method, ...path.replace(/^\/api\//, "").split(/[^A-Za-z0-9]+/)].filter((word) => word !== "");
  return `venly${words.map((word) => word[0]?.toUpperCase() + word.slice(1).toLowerCase()).join("")}`;
}

/**
 * Path and query as the upstream receives them. Each segment of the path consists of unreserved characters (RFC 3986
 * §2.3) and is not dots alone, so that no proxy or framework in front of the upstream reads another path in it: an
 * encoded slash, a second decoding, `..;`, a backslash or a NUL could reach what the operator did not name.
 * @throws LinchpinError `not_found`
 */
function pathBelow(prefix: string, url: string): string {
  const [path = ""] = url.split(/[?#]/, 1);
  const search = URL.parse(url, "http://upstream.invalid")?.search;
  const below = path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : null;
  if (below === null || search === undefined || url.includes("#") || !below.slice(1).split("/").every(isPlainSegment))
    throw new LinchpinError("not_found");
  return below + search;
}

function isPlainSegment(segment: string): boolean {
  return /^[A-Za-z0-9._~-]*$/.test(segment) && !/^\.+$/.test(segment);
}
