import { acceptIssuerKey, type IssuerKey, sealedPinKey } from "@linchpin/protocols/solaris/device";
import type { TokenReply } from "@linchpin/protocols/solaris/wire";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { HttpCaller } from "../http-caller.ts";
import { checkIssuerKey, type RootsOptions, readRootPins } from "../root-pins.ts";
import { findSandbox } from "../sandbox.ts";

export interface PartnerOptions {
  /** Origin of an issuer, for its sandbox and as the default of `solarisUrl`. */
  readonly url: string;
  readonly solarisUrl?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
}

/** The partner's way to Solaris' API. @throws Failure without credentials, unless the issuer is a sandbox */
export async function connectPartner(options: PartnerOptions): Promise<HttpCaller> {
  const { clientId, clientSecret } = options;
  if (clientId !== undefined && clientSecret !== undefined)
    return authenticate({ baseUrl: options.solarisUrl ?? `${options.url}/solaris`, clientId, clientSecret });
  const sandbox = await findSandbox(sandboxUrl(options));
  if (sandbox !== null) return authenticate(sandbox.solaris);
  throw new Failure(
    exitCodes.notAllowed,
    "this issuer wants a partner's credentials: set LINCHPIN_SOLARIS_CLIENT_ID and LINCHPIN_SOLARIS_CLIENT_SECRET",
  );
}

/** A sandbox stands beside Solaris' base path. */
export function sandboxUrl({ url, solarisUrl }: Pick<PartnerOptions, "url" | "solarisUrl">): string {
  return solarisUrl === undefined ? url : new URL(solarisUrl).origin;
}

/** RFC 6749 §4.4: client credentials, by HTTP Basic. */
export async function authenticate(client: {
  baseUrl: string;
  clientId: string;
  clientSecret: string;
}): Promise<HttpCaller> {
  const credentials = `${encodeURIComponent(client.clientId)}:${encodeURIComponent(client.clientSecret)}`;
  const token = await new HttpCaller(client.baseUrl, { authorization: `Basic ${btoa(credentials)}` }).ask<TokenReply>(
    "POST",
    "/oauth2/token",
    new URLSearchParams({ grant_type: "client_credentials", scope: "partners" }),
  );
  return new HttpCaller(client.baseUrl, { authorization: `Bearer ${token.access_token}` });
}

/** The key that PINs are sealed to; with `--roots` only if they vouch for it. */
export async function fetchIssuerKey(partner: HttpCaller, options: RootsOptions): Promise<IssuerKey> {
  const pins = await readRootPins(options);
  const issuerKey = acceptIssuerKey(await partner.ask("GET", "/v1/cards/pin_keys/latest"));
  await checkIssuerKey(pins, partner, { ...sealedPinKey, key: issuerKey.key });
  return issuerKey;
}
