import { randomUUID } from "node:crypto";
import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, sealPin } from "@linchpin/protocols/stripe/device";
import { call } from "@linchpin/testing/call";
import { changedBy } from "./answered.ts";
import type { VendorCard } from "./vendor-card.ts";

export function stripeCard({ apiKey, cardId }: Record<"apiKey" | "cardId", string>): VendorCard {
  return {
    sealChange: async (origin, digits) => {
      const { body: key } = await call("GET", `${origin}/stripe/v1/keys`);
      const pin = new Pin(utf8(digits));
      const sealed = await sealPin(primitives, { pin, issuerKey: acceptIssuerKey(key) });
      const headers = {
        authorization: `Bearer ${apiKey}`,
        "content-type": "application/x-www-form-urlencoded",
        // As the vendor's client sends with each change.
        "idempotency-key": randomUUID(),
      };
      const body = new URLSearchParams({ "pin[encrypted_number]": sealed }).toString();
      return async (to) => changedBy(await call("POST", `${to}/stripe/v1/issuing/cards/${cardId}`, { body, headers }));
    },
    makeReveal: null,
  };
}
