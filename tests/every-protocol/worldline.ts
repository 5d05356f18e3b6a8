import assert from "node:assert/strict";
import { Pin, utf8 } from "@linchpin/core";
import type { fetchRelay } from "@linchpin/device/relay";
import { changePin, revealPin } from "@linchpin/device/worldline";
import { call } from "@linchpin/testing/call";
import type { SolarisCardholder } from "@linchpin/testing/solaris";
import type { PinAccess } from "./pin-access.ts";

export const writers: PinAccess["writers"] = {
  Worldline: async (holder, digits) => {
    await changePin({ ...(await wayOf(holder)), pin: new Pin(utf8(digits)) });
    return digits;
  },
};

export const readers: PinAccess["readers"] = {
  "displayed by Worldline": async (holder, guess) =>
    (await revealPin(await wayOf(holder))).equals(new Pin(utf8(guess))),
};

/** By the bank's backend, which adds the token and knows which issuer the card is of. */
async function wayOf({ sandbox }: SolarisCardholder) {
  const { baseUrl, tokenUrl, clientId, clientSecret, issuerId, cardReference, pan, keySets } = sandbox.worldline;
  const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
  const answer = await fetch(tokenUrl, { method: "POST", body: new URLSearchParams(form) });
  assert.equal(answer.status, 200);
  const { access_token: bearer } = await answer.json();
  const relay: ReturnType<typeof fetchRelay> = {
    send: async ({ path, body = null }) => {
      const url = `${baseUrl}/card-issuing/api/v2/issuers/${issuerId}${path.replace(/^\/worldline/, "")}`;
      const { status, body: answered } = await call("POST", url, { bearer, body: JSON.parse(String(body)) });
      return { status, body: answered, wasRepeated: false };
    },
  };
  return { relay, cardReference, pan, keySet: { keyId: "01", publicKey: keySets["01"] } } as const;
}
