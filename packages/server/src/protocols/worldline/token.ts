import { describeTokenError } from "@linchpin/protocols/worldline/errors";
import { TokenErrorReply, TokenReply, TokenRequest } from "@linchpin/protocols/worldline/wire";
import type { FastifyInstance } from "fastify";
import {
  clientCredentialsOf,
  issueAccessToken,
  limitByClientCredentials,
  takeTokenForms,
} from "../../callers/index.ts";
import type { Context } from "../../context/index.ts";
import { answerErrors, type Explain } from "../../http/index.ts";

const lifetimeSeconds = 3600;

/** `POST /token`, below that path: RFC 6749 §4.4, client credentials by HTTP Basic or in the form; errors by its §5.2. */
export async function worldlineToken(
  app: FastifyInstance,
  { context, explain }: { context: Context; explain: Explain },
): Promise<void> {
  answerErrors(app, explain, describeTokenError);
  app.removeContentTypeParser("application/json");
  await takeTokenForms(app);
  app.post<{ Body: TokenRequest }>(
    "",
    {
      config: limitByClientCredentials,
      schema: {
        operationId: "worldlineMakeToken",
        summary: "An access token for client credentials, by HTTP Basic or in the form",
        consumes: ["application/x-www-form-urlencoded"],
        security: [{ basic: [] }, {}],
        body: TokenRequest,
        response: { 200: TokenReply, default: TokenErrorReply },
      },
    },
    async (request): Promise<TokenReply> => {
      const client = clientCredentialsOf(request);
      const { accessToken } = await issueAccessToken(context, "worldline", client, lifetimeSeconds);
      return { access_token: accessToken, token_type: "Bearer", expires_in: lifetimeSeconds };
    },
  );
}
