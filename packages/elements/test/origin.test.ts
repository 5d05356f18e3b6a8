import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { relayForFrame, relayThroughParent } from "../src/frame.ts";
import { originOf } from "../src/origin.ts";

describe("an origin", () => {
  it("is taken with a slash, capitals and a default port", () => {
    for (const text of [
      "https://pin.example",
      "https://pin.example/",
      "HTTPS://Pin.Example",
      "https://pin.example:443",
    ])
      assert.equal(originOf("frameOrigin", text), "https://pin.example");
    assert.equal(originOf("frameOrigin", "http://127.0.0.1:8421/"), "http://127.0.0.1:8421");
  });

  it("is refused at once where it is more or less than an origin", () => {
    for (const text of [
      "",
      "*",
      "/",
      "pin.example",
      "https://pin.example/pin",
      "https://a@pin.example",
      "data:,",
      "null",
    ])
      assert.throws(() => originOf("frameOrigin", text), {
        name: "TypeError",
        message: /^frameOrigin must be an origin/,
      });
  });

  it("is checked by both halves of the frame before anything is listened to", () => {
    const relay = { send: async () => ({}) };
    const frame = {} as HTMLIFrameElement;
    assert.throws(() => relayForFrame(frame, { frameOrigin: "pin.example", relay }), /frameOrigin must be/);
    assert.throws(() => relayThroughParent({ parentOrigin: "*" }), /parentOrigin must be/);
  });
});
