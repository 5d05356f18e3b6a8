import formbody from "@fastify/formbody";
import { describeTokenError } from "@linchpin/protocols/venly/errors";
import { TokenErrorReply, TokenReply, TokenRequest, tokenPath } from "@linchpin/protocols/venly/wire";
import type { FastifyInstance } from "fastify";
import { issueAccessToken } from "../../callers/index.ts";
import type { Context } from "../../context/index.ts";
import { answerErrors, type Explain, forbidCaching, limitByClient } from "../../http/index.ts";

/** Below `/auth`: RFC 6749 §4.4, client credentials in the form; errors by its §5.2. */
export async function venlyToken(
  app: FastifyInstance,
  { context, explain }: { context: Context; explain: Explain },
): Promise<void> {
  answerErrors(app, explain, describeTokenError);
  forbidCaching(app);
  app.removeContentTypeParser("application/json");
  await app.register(formbody, { bodyLimit: 4096 });
  app.post<{ Body: TokenRequest }>(
    tokenPath.slice("/auth".length),
    {
      config: limitByClient(({ body }) => (body as TokenRequest).client_id),
      schema: {
        summary: "An access token for client credentials",
        security: [],
        body: TokenRequest,
        response: { 200: TokenReply, default: TokenErrorReply },
      },
    },
    async ({ body }): Promise<TokenReply> => {
      const client = { clientId: body.client_id, clientSecret: body.client_secret };
      const { accessToken, expiresInSeconds } = await issueAccessToken(context, "venly", client);
      return { access_token: accessToken, expires_in: expiresInSeconds, token_type: "Bearer" };
    },
  );
}
