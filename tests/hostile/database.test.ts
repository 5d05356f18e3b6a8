import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Pin, utf8 } from "@linchpin/core";
import type { Sealed } from "@linchpin/store";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import {
  openRequestedPin,
  sealRequestedPin,
  sealStoredPin,
  withStoredPin,
} from "../../packages/server/src/pin/stored-pin.ts";
import { compareValue, macOfValue } from "../../packages/server/src/signing/stored-signing-method.ts";

// Who can write to the database moves what is sealed to where it would be of use.

describe("what was sealed for one row, put into another", () => {
  let opened: Awaited<ReturnType<typeof openOwnContext>>;
  let sealed: Sealed;
  const pin = new Pin(utf8("1928"));

  before(async () => {
    opened = await openOwnContext(() => new Date());
    sealed = await sealStoredPin(opened.context, pin, "card-a", 2);
  });
  after(() => opened.close());

  const openAs = (id: string, version: number, bytes = sealed) =>
    withStoredPin(opened.context, { id }, { version, sealed: bytes }, (found) => found.equals(pin));

  it("opens where it belongs", async () => assert.equal(await openAs("card-a", 2), true));

  for (const [what, id, version] of [
    ["another card's row", "card-b", 2],
    ["an older version of the card's PIN", "card-a", 1],
    ["a newer one", "card-a", 3],
    ["a card whose id runs into the version", "card-a:2", 2],
  ] as const)
    it(`does not open in ${what}`, async () => {
      await assert.rejects(openAs(id, version), { code: "decryption_failed" });
    });

  it("does not open as the PIN of a change request, nor such a PIN as a card's", async () => {
    await assert.rejects(openRequestedPin(opened.context, "card-a", sealed), { code: "decryption_failed" });
    const requested = await sealRequestedPin(opened.context, pin, "card-a");
    await assert.rejects(openAs("card-a", 2, requested), { code: "decryption_failed" });
  });

  it("is right for no other signing method, type or device", async () => {
    const method = { id: "method-a", type: "BIOMETRIC", physicalDeviceId: "device" } as const;
    const value = utf8("482915482915");
    const stored = await macOfValue(opened.context, method, value);
    assert.equal((await compareValue(opened.context, method, stored, value)).matched, true);
    for (const other of [
      { ...method, id: "method-b" },
      { ...method, type: "EMERGENCY_CODE" as const },
      { ...method, physicalDeviceId: "another" },
      { ...method, physicalDeviceId: null },
    ])
      assert.equal((await compareValue(opened.context, other, stored, value)).matched, false);
  });
});
