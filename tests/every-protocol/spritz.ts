import assert from "node:assert/strict";
import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { type Form, makePinGet, makePinSet, openPinGet, readIssuerKey } from "@linchpin/protocols/spritz/device";
import { call } from "@linchpin/testing/call";
import type { SolarisCardholder } from "@linchpin/testing/solaris";
import type { PinAccess } from "./pin-access.ts";

export const writers: PinAccess["writers"] = { Spritz: setBy("spritz"), Rain: setBy("rain") };

export const readers: PinAccess["readers"] = {
  "revealed by Spritz": shownBy("spritz"),
  "revealed by Rain": shownBy("rain"),
};

function setBy(form: Form): PinAccess["writers"][string] {
  return async (holder, digits) => {
    const { path, issuerKey, headers } = wayOf(holder, form);
    const { encryptedKey, encryptedPin } = await makePinSet(primitives, { pin: new Pin(utf8(digits)), issuerKey });
    const isRain = form === "rain";
    const body = isRain ? { encryptedPin } : { encryptedKey, encryptedPin };
    const answer = await call("PUT", path, {
      body,
      headers: { ...headers, ...(isRain && { SessionId: encryptedKey }) },
    });
    assert.equal(answer.status, isRain ? 204 : 200, JSON.stringify(answer.body));
    return digits;
  };
}

function shownBy(form: Form): PinAccess["readers"][string] {
  return async (holder, guess) => {
    const { path, issuerKey, headers } = wayOf(holder, form);
    const { encryptedKey, sessionKey } = await makePinGet(primitives, issuerKey);
    const { body } =
      form === "rain"
        ? await call("GET", path, { headers: { ...headers, SessionId: encryptedKey } })
        : await call("POST", path, { headers, body: { encryptedKey } });
    const pin = await openPinGet(primitives, { encryptedPin: body.encryptedPin, sessionKey });
    return pin.equals(new Pin(utf8(guess)));
  };
}

function wayOf({ sandbox }: SolarisCardholder, form: Form) {
  const { baseUrl, apiKey, cardId, publicKey, rain } = sandbox.spritz;
  return {
    path: `${baseUrl}/v1/${form === "rain" ? "issuing/" : ""}cards/${cardId}/pin`,
    issuerKey: readIssuerKey((form === "rain" ? rain.publicKey : publicKey) ?? "", { form }),
    headers: { authorization: `Bearer ${apiKey}` },
  };
}
