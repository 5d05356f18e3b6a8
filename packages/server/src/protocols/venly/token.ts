import { describeTokenError } from "@linchpin/protocols/venly/errors";
import { TokenErrorReply, TokenReply, TokenRequest, tokenPath } from "@linchpin/protocols/venly/wire";
import type { FastifyInstance } from "fastify";
import {
  clientCredentialsOf,
  issueAccessToken,
  limitByClientCredentials,
  takeTokenForms,
} from "../../callers/index.ts";
import type { Context } from "../../context/index.ts";
import { answerErrors, type Explain, forbidCaching } from "../../http/index.ts";

/** Below `/auth`: RFC 6749 §4.4, client credentials by HTTP Basic or in the form; errors by its §5.2. */
export async function venlyToken(
  app: FastifyInstance,
  { context, explain }: { context: Context; explain: Explain },
): Promise<void> {
  answerErrors(app, explain, describeTokenError);
  forbidCaching(app);
  app.removeContentTypeParser("application/json");
  await takeTokenForms(app);
  app.post<{ Body: TokenRequest }>(
    tokenPath.slice("/auth".length),
    {
      config: limitByClientCredentials,
      schema: {
        operationId: "venlyMakeToken",
        summary: "An access token for client credentials, by HTTP Basic or in the form",
        consumes: ["application/x-www-form-urlencoded"],
        security: [{ basic: [] }, {}],
        body: TokenRequest,
        response: { 200: TokenReply, default: TokenErrorReply },
      },
    },
    async (request): Promise<TokenReply> => {
      const client = clientCredentialsOf(request);
      const { accessToken, expiresInSeconds } = await issueAccessToken(context, "venly", client);
      return { access_token: accessToken, expires_in: expiresInSeconds, token_type: "Bearer" };
    },
  );
}
