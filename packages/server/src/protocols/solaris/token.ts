import { TokenReply, TokenRequest } from "@linchpin/protocols/solaris/wire";
import type { FastifyInstance } from "fastify";
import {
  clientCredentialsOf,
  issueAccessToken,
  limitByClientCredentials,
  takeTokenForms,
} from "../../callers/index.ts";
import type { Context } from "../../context/index.ts";
import { forbidCaching } from "../../http/index.ts";

/** `POST /oauth2/token`: RFC 6749 §4.4, client credentials by HTTP Basic or in the form. */
export async function solarisToken(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  forbidCaching(app);
  await takeTokenForms(app);
  app.post<{ Body: TokenRequest }>(
    "/oauth2/token",
    {
      config: limitByClientCredentials,
      schema: {
        operationId: "solarisMakeToken",
        summary: "An access token for client credentials, by HTTP Basic or in the form",
        consumes: ["application/x-www-form-urlencoded", "application/json"],
        security: [{ basic: [] }, {}],
        body: TokenRequest,
        response: { 200: TokenReply },
      },
    },
    async (request): Promise<TokenReply> => {
      const client = clientCredentialsOf(request);
      const { accessToken, expiresInSeconds } = await issueAccessToken(context, "solaris", client);
      return { access_token: accessToken, expires_in: expiresInSeconds, scope: "partners", token_type: "bearer" };
    },
  );
}
