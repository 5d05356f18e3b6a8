import assert from "node:assert/strict";
import { Pin, utf8 } from "@linchpin/core";
import { fetchRelay } from "@linchpin/device/relay";
import { sealPin } from "@linchpin/device/stripe";
import type { PinAccess } from "./pin-access.ts";

export const writers: PinAccess["writers"] = {
  Stripe: async (holder, digits) => {
    const { baseUrl, apiKey, cardId } = holder.sandbox.stripe;
    const relay = fetchRelay({ baseUrl: new URL(baseUrl).origin });
    const encrypted = await sealPin({ relay, pin: new Pin(utf8(digits)) });
    const answer = await fetch(`${baseUrl}/v1/issuing/cards/${cardId}`, {
      method: "POST",
      headers: { authorization: `Bearer ${apiKey}` },
      body: new URLSearchParams({ "pin[encrypted_number]": encrypted }),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    return digits;
  },
};

export const readers: PinAccess["readers"] = {};
