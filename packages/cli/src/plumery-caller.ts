import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { HttpCaller } from "./http-caller.ts";
import { findSandbox, type SandboxDescription } from "./sandbox.ts";

export interface PlumeryOptions {
  /** Origin of an issuer, for its sandbox and as the default of `plumeryUrl`. */
  readonly url: string;
  readonly plumeryUrl?: string;
  readonly plumeryToken?: string;
  readonly cardToken?: string;
}

/** A card as Plumery's protocol names it, and the partner's way to it. */
export interface PlumeryCard {
  readonly partner: HttpCaller;
  readonly cardToken: string;
}

/** @throws Failure without a bearer token and a card, unless the issuer is a sandbox */
export async function connectPlumery({ url, plumeryUrl, ...given }: PlumeryOptions): Promise<PlumeryCard> {
  const isKnown = given.plumeryToken !== undefined && given.cardToken !== undefined;
  const sandbox = isKnown ? null : await findSandbox(plumeryUrl === undefined ? url : new URL(plumeryUrl).origin);
  const bearerToken = given.plumeryToken ?? sandbox?.plumery.bearerToken;
  const cardToken = given.cardToken ?? sandbox?.plumery.cardToken;
  if (bearerToken === undefined || cardToken === undefined)
    throw new Failure(
      exitCodes.notAllowed,
      "this issuer is no sandbox: set LINCHPIN_PLUMERY_TOKEN and LINCHPIN_PLUMERY_CARD_TOKEN",
    );
  const baseUrl = plumeryUrl ?? sandbox?.plumery.baseUrl ?? `${url}/plumery`;
  return plumeryCardOf({ baseUrl, bearerToken, cardToken });
}

export function plumeryCardOf({ baseUrl, bearerToken, cardToken }: SandboxDescription["plumery"]): PlumeryCard {
  return { partner: new HttpCaller(baseUrl, { authorization: `Bearer ${bearerToken}` }), cardToken };
}
