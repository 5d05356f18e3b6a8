import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { HttpCaller } from "./http-caller.ts";
import { findSandbox, type SandboxDescription } from "./sandbox.ts";

export interface AdyenOptions {
  /** Origin of an issuer, for its sandbox and as the default of `adyenUrl`. */
  readonly url: string;
  readonly adyenUrl?: string;
  readonly adyenApiKey?: string;
  readonly paymentInstrument?: string;
}

/** A card as Adyen's protocol names it, and the partner's way to it. */
export interface AdyenCard {
  readonly partner: HttpCaller;
  readonly paymentInstrumentId: string;
}

/** @throws Failure without an API key and a card, unless the issuer is a sandbox */
export async function connectAdyen({ url, adyenUrl, ...given }: AdyenOptions): Promise<AdyenCard> {
  const isKnown = given.adyenApiKey !== undefined && given.paymentInstrument !== undefined;
  const sandbox = isKnown ? null : await findSandbox(adyenUrl === undefined ? url : new URL(adyenUrl).origin);
  const apiKey = given.adyenApiKey ?? sandbox?.adyen.apiKey;
  const paymentInstrumentId = given.paymentInstrument ?? sandbox?.adyen.paymentInstrumentId;
  if (apiKey === undefined || paymentInstrumentId === undefined)
    throw new Failure(
      exitCodes.notAllowed,
      "this issuer is no sandbox: set LINCHPIN_ADYEN_API_KEY and LINCHPIN_ADYEN_PAYMENT_INSTRUMENT",
    );
  const baseUrl = adyenUrl ?? sandbox?.adyen.baseUrl ?? `${url}/adyen/bcl/v2`;
  return adyenCardOf({ baseUrl, apiKey, paymentInstrumentId });
}

export function adyenCardOf({ baseUrl, apiKey, paymentInstrumentId }: SandboxDescription["adyen"]): AdyenCard {
  return { partner: new HttpCaller(baseUrl, { "x-api-key": apiKey }), paymentInstrumentId };
}
