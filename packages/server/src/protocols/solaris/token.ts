import formbody from "@fastify/formbody";
import { LinchpinError } from "@linchpin/core";
import { TokenReply, TokenRequest } from "@linchpin/protocols/solaris/wire";
import type { FastifyInstance } from "fastify";
import { issueAccessToken } from "../../callers/index.ts";
import type { Context } from "../../context/index.ts";
import { forbidCaching, limitByClient } from "../../http/index.ts";

/** `POST /oauth2/token`: RFC 6749 §4.4, client credentials by HTTP Basic or in the form. */
export async function solarisToken(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  forbidCaching(app);
  await app.register(formbody, { bodyLimit: 4096 });
  app.post<{ Body: TokenRequest }>(
    "/oauth2/token",
    {
      config: limitByClient(({ headers, body }) => clientIdOf(headers.authorization, body as TokenRequest)),
      schema: {
        summary: "An access token for client credentials, by HTTP Basic or in the form",
        security: [{ basic: [] }, {}],
        body: TokenRequest,
        response: { 200: TokenReply },
      },
    },
    async (request): Promise<TokenReply> => {
      const client = credentialsOf(request.headers.authorization, request.body);
      const { accessToken, expiresInSeconds } = await issueAccessToken(context, "solaris", client);
      return { access_token: accessToken, expires_in: expiresInSeconds, scope: "partners", token_type: "bearer" };
    },
  );
}

/** Whether it is right or not. */
function clientIdOf(authorization: string | undefined, body: TokenRequest): string | undefined {
  try {
    return credentialsOf(authorization, body).clientId.slice(0, 128);
  } catch {
    return undefined;
  }
}

function credentialsOf(
  authorization: string | undefined,
  body: TokenRequest,
): { clientId: string; clientSecret: string } {
  if (authorization !== undefined) return basicCredentials(authorization);
  if (body.client_id === undefined || body.client_secret === undefined) throw new LinchpinError("credentials_missing");
  return { clientId: body.client_id, clientSecret: body.client_secret };
}

/** RFC 7617, the parts form-encoded as RFC 6749 §2.3.1 asks. */
function basicCredentials(authorization: string): { clientId: string; clientSecret: string } {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1] ?? "";
  const [clientId, ...secret] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  if (clientId === undefined || secret.length === 0) throw new LinchpinError("caller_unknown");
  try {
    return { clientId: decodeURIComponent(clientId), clientSecret: decodeURIComponent(secret.join(":")) };
  } catch {
    throw new LinchpinError("caller_unknown");
  }
}
