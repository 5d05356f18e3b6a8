import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  makePinChangeRequest,
  makeRevealRequest,
  openRevealedPin,
} from "@linchpin/protocols/adyen/device";
import { call } from "@linchpin/testing/call";
import { changedBy, revealedBy } from "./answered.ts";
import type { VendorCard } from "./vendor-card.ts";

export function adyenCard({
  apiKey,
  paymentInstrumentId,
}: Record<"apiKey" | "paymentInstrumentId", string>): VendorCard {
  const ask = (origin: string, method: string, path: string, body?: unknown) =>
    call(method, `${origin}/adyen/bcl/v2${path}`, { body, headers: { "x-api-key": apiKey } });
  const keyFor = async (origin: string, use: "pinChange" | "pinReveal") =>
    acceptIssuerKey((await ask(origin, "GET", `/publicKey?purpose=${use}`)).body);
  return {
    sealChange: async (origin, digits) => {
      const issuerKey = await keyFor(origin, "pinChange");
      const pin = new Pin(utf8(digits));
      const request = await makePinChangeRequest(primitives, { pin, issuerKey, paymentInstrumentId });
      return async (to) => changedBy(await ask(to, "POST", "/pins/change", request));
    },
    makeReveal: async (origin) => {
      const issuerKey = await keyFor(origin, "pinReveal");
      const { request, sessionKey } = await makeRevealRequest(primitives, { issuerKey, paymentInstrumentId });
      return async (to) =>
        revealedBy(await ask(to, "POST", "/pins/reveal", request), (reply) =>
          openRevealedPin(primitives, { reply, sessionKey }),
        );
    },
  };
}
