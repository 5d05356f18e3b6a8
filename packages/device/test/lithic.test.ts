import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import { changePin, sealPin } from "@linchpin/device/lithic";
import { pinOf, refusal } from "@linchpin/test-fixtures/device/stage";
import { testSealedChange } from "./sealed-change-contract.ts";

const atHand = testSealedChange({
  name: "Lithic",
  cardPath: "v1/cards",
  cardOf: ({ lithic }) => lithic.cardToken,
  change: (cardToken, task) => changePin({ ...task, cardToken }),
  seal: sealPin,
  send: async ({ lithic: { baseUrl, apiKey, cardToken } }, pin) => {
    const headers = { authorization: apiKey, "content-type": "application/json" };
    const body = JSON.stringify({ pin });
    return (await fetch(`${baseUrl}/v1/cards/${cardToken}`, { method: "PATCH", headers, body })).status;
  },
});

suite("the key in Lithic's protocol", () => {
  test("that is compiled in is not fetched", async () => {
    const { partner, cardholder, relay, card: cardToken } = await atHand();
    const publicKeyPem = await (await fetch(cardholder.sandbox.lithic.publicKeyUrl)).text();
    await changePin({ relay, cardToken, publicKeyPem, pin: pinOf("2837") });
    assert.equal((await cardholder.verify("2837")).body.result, "match");
    assert.equal(partner.count("pub.pem"), 0);
  });

  const pem = (modulusLength: number) =>
    generateKeyPairSync("rsa", { modulusLength }).publicKey.export({ format: "pem", type: "spki" }).toString();
  const keys: Record<string, readonly [pem: string, code: string]> = {
    "too weak": [pem(1024), "public_key_unusable"],
    "of somebody else's": [pem(2048), "decryption_failed"],
    "that is none": ["-----BEGIN PUBLIC KEY-----", "public_key_unusable"],
  };
  for (const [which, [publicKeyPem, code]] of Object.entries(keys))
    test(`is not taken where it is one ${which}`, async () => {
      const { cardholder, relay, card: cardToken } = await atHand();
      await assert.rejects(changePin({ relay, cardToken, publicKeyPem, pin: pinOf("1928") }), refusal(code));
      assert.equal((await cardholder.card()).pin.version, 0);
    });
});
