import assert from "node:assert/strict";
import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  makePinChangeRequest,
  makeRevealRequest,
  openRevealedPin,
} from "@linchpin/protocols/adyen/device";
import { call } from "@linchpin/testing/call";
import type { SolarisCardholder } from "@linchpin/testing/solaris";
import type { PinAccess } from "./pin-access.ts";

export const writers: PinAccess["writers"] = {
  Adyen: async (holder, digits) => {
    const { paymentInstrumentId } = holder.sandbox.adyen;
    const issuerKey = acceptIssuerKey((await adyen(holder, "GET", "/publicKey?purpose=pinChange")).body);
    const pin = new Pin(utf8(digits));
    const request = await makePinChangeRequest(primitives, { pin, issuerKey, paymentInstrumentId });
    assert.deepEqual((await adyen(holder, "POST", "/pins/change", request)).body, { status: "completed" });
    return digits;
  },
};

export const readers: PinAccess["readers"] = {
  "revealed by Adyen": async (holder, guess) => {
    const { paymentInstrumentId } = holder.sandbox.adyen;
    const issuerKey = acceptIssuerKey((await adyen(holder, "GET", "/publicKey?purpose=pinReveal")).body);
    const { request, sessionKey } = await makeRevealRequest(primitives, { issuerKey, paymentInstrumentId });
    const { body: reply } = await adyen(holder, "POST", "/pins/reveal", request);
    return (await openRevealedPin(primitives, { reply, sessionKey })).equals(new Pin(utf8(guess)));
  },
};

function adyen({ sandbox }: SolarisCardholder, method: string, path: string, body?: unknown) {
  const { baseUrl, apiKey } = sandbox.adyen;
  return call(method, `${baseUrl}${path}`, { headers: { "x-api-key": apiKey }, body });
}
