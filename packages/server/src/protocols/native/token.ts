import type { FastifyInstance } from "fastify";
import Type from "typebox";
import {
  clientCredentialsOf,
  issueAccessToken,
  limitByClientCredentials,
  takeTokenForms,
} from "../../callers/index.ts";
import type { Context } from "../../context/index.ts";
import { forbidCaching } from "../../http/index.ts";

/** RFC 6749 §4.4. The client's credentials stand here or in the header; other parameters are ignored. */
const TokenRequest = Type.Object({
  grant_type: Type.Literal("client_credentials"),
  client_id: Type.Optional(Type.String({ maxLength: 128 })),
  client_secret: Type.Optional(Type.String({ maxLength: 128 })),
});
const TokenReply = Type.Object({
  access_token: Type.String(),
  expires_in: Type.Integer(),
  token_type: Type.Literal("Bearer"),
});
type TokenReply = Type.Static<typeof TokenReply>;

/** `POST /oauth2/token`: an access token of the partner, which the relay calls with. */
export async function nativeToken(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  forbidCaching(app);
  await takeTokenForms(app);
  app.post(
    "/oauth2/token",
    {
      config: limitByClientCredentials,
      schema: {
        operationId: "nativeMakeToken",
        summary: "An access token for client credentials, by HTTP Basic or in the form",
        consumes: ["application/x-www-form-urlencoded", "application/json"],
        security: [{ basic: [] }, {}],
        body: TokenRequest,
        response: { 200: TokenReply },
      },
    },
    async (request): Promise<TokenReply> => {
      const { accessToken, expiresInSeconds } = await issueAccessToken(context, "native", clientCredentialsOf(request));
      return { access_token: accessToken, expires_in: expiresInSeconds, token_type: "Bearer" };
    },
  );
}
