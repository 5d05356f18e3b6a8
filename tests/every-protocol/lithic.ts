import assert from "node:assert/strict";
import { Pin, utf8 } from "@linchpin/core";
import { sealPin } from "@linchpin/device/lithic";
import { fetchRelay } from "@linchpin/device/relay";
import type { PinAccess } from "./pin-access.ts";

export const writers: PinAccess["writers"] = {
  Lithic: async (holder, digits) => {
    const { baseUrl, apiKey, cardToken } = holder.sandbox.lithic;
    const relay = fetchRelay({ baseUrl: new URL(baseUrl).origin });
    const pin = await sealPin({ relay, pin: new Pin(utf8(digits)) });
    const answer = await fetch(`${baseUrl}/v1/cards/${cardToken}`, {
      method: "PATCH",
      headers: { authorization: apiKey, "content-type": "application/json" },
      body: JSON.stringify({ pin }),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    return digits;
  },
};

export const readers: PinAccess["readers"] = {};
