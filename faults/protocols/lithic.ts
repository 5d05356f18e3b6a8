import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, sealPin } from "@linchpin/protocols/lithic/device";
import { call } from "@linchpin/testing/call";
import { changedBy } from "./answered.ts";
import type { VendorCard } from "./vendor-card.ts";

type Access = Record<"apiKey" | "cardToken" | "publicKeyUrl", string>;

/** Without idempotency keys: the vendor's client sends a change again as it was. */
export function lithicCard({ apiKey, cardToken, publicKeyUrl }: Access): VendorCard {
  return {
    sealChange: async (origin, digits) => {
      const { body: pem } = await call("GET", origin + new URL(publicKeyUrl).pathname);
      const sealed = await sealPin(primitives, { pin: new Pin(utf8(digits)), issuerKey: acceptIssuerKey(pem) });
      const request = { body: { pin: sealed }, headers: { authorization: apiKey } };
      return async (to) => changedBy(await call("PATCH", `${to}/lithic/v1/cards/${cardToken}`, request));
    },
    makeReveal: null,
  };
}
