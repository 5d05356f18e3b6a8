import assert from "node:assert/strict";
import { call } from "@linchpin/testing/call";
import type { PinAccess } from "./pin-access.ts";

/** The issuer API, which belongs to no protocol. */
export const writers: PinAccess["writers"] = {
  "the issuer, at random": async (holder) => {
    const { baseUrl, cardId } = holder.sandbox.issuer;
    assert.equal((await holder.operator("POST", `/cards/${cardId}/pin/generate`)).status, 200);
    const messages = new URL("/sandbox/messages", baseUrl);
    messages.searchParams.set("to", holder.sandbox.solaris.mobileNumber);
    const letter = (await call("GET", messages.href)).body.at(-1);
    return /\b\d{4}\b/.exec(letter.text)?.[0] ?? "";
  },
};

export const readers: PinAccess["readers"] = {
  "verified natively": async (holder, guess) => (await holder.verify(guess)).body.result === "match",
};
