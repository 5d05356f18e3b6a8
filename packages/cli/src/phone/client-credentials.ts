import type { TokenReply } from "@linchpin/protocols/venly/wire";
import { HttpCaller } from "../http-caller.ts";

/** RFC 6749 §4.4: client credentials, in the body. */
export async function authenticateByForm(client: {
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}): Promise<HttpCaller> {
  const { access_token } = await new HttpCaller(client.tokenUrl).ask<TokenReply>(
    "POST",
    "",
    new URLSearchParams({
      grant_type: "client_credentials",
      client_id: client.clientId,
      client_secret: client.clientSecret,
    }),
  );
  return new HttpCaller(client.baseUrl, { authorization: `Bearer ${access_token}` });
}
