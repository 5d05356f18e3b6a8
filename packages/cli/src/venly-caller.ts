import type { TokenReply } from "@linchpin/protocols/venly/wire";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { HttpCaller } from "./http-caller.ts";
import { findSandbox, type SandboxDescription } from "./sandbox.ts";

export interface VenlyOptions {
  /** Origin of an issuer, for its sandbox and as the default of `venlyUrl`. */
  readonly url: string;
  readonly venlyUrl?: string;
  readonly venlyTokenUrl?: string;
  readonly venlyClientId?: string;
  readonly venlyClientSecret?: string;
}

/** The partner's way to Venly's API. @throws Failure without credentials, unless the issuer is a sandbox */
export async function connectVenly(options: VenlyOptions): Promise<HttpCaller> {
  const { url, venlyClientId: clientId, venlyClientSecret: clientSecret } = options;
  const baseUrl = options.venlyUrl ?? `${url}/venly`;
  if (clientId !== undefined && clientSecret !== undefined) {
    const { tokenPath } = await import("@linchpin/protocols/venly/wire");
    const tokenUrl = options.venlyTokenUrl ?? `${baseUrl}${tokenPath}`;
    return authenticateByForm({ baseUrl, tokenUrl, clientId, clientSecret });
  }
  const sandbox = await findSandbox(new URL(baseUrl).origin);
  if (sandbox !== null) return authenticateByForm(sandbox.venly);
  throw new Failure(
    exitCodes.notAllowed,
    "this issuer wants a partner's credentials: set LINCHPIN_VENLY_CLIENT_ID and LINCHPIN_VENLY_CLIENT_SECRET",
  );
}

/** RFC 6749 §4.4: client credentials, in the body as Venly has them. */
export async function authenticateByForm(client: SandboxDescription["venly"]): Promise<HttpCaller> {
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
