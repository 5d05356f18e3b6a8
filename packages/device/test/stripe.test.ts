import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import { changePin, sealPin } from "@linchpin/device/stripe";
import { refusal } from "@linchpin/test-fixtures/device/stage";
import { testSealedChange } from "./sealed-change-contract.ts";

const atHand = testSealedChange({
  name: "Stripe",
  cardPath: "issuing/cards",
  cardOf: ({ stripe }) => stripe.cardId,
  change: (cardId, task) => changePin({ ...task, cardId }),
  seal: sealPin,
  send: async ({ stripe: { baseUrl, apiKey, cardId } }, sealed) => {
    const headers = { authorization: `Bearer ${apiKey}` };
    const body = new URLSearchParams({ "pin[encrypted_number]": sealed });
    return (await fetch(`${baseUrl}/v1/issuing/cards/${cardId}`, { method: "POST", headers, body })).status;
  },
});

suite("the key in Stripe's protocol", () => {
  test("is that of the moment, and the device says when it was retired in between", async () => {
    const { partner, cardholder, change } = await atHand();
    const { keysUrl } = cardholder.sandbox.stripe;
    const former = await (await fetch(keysUrl)).text();
    await cardholder.operator("POST", "/keys/stripe-pin/rotate");
    await change("1928");
    await cardholder.operator("POST", `/keys/${JSON.parse(former).key_id}/retire`);
    Object.assign(partner, { faultyPath: "v1/keys", faults: ["tampered"], tamper: () => former });
    await assert.rejects(change("2837"), refusal("key_expired"));
  });

  const rsa = (modulusLength: number) => generateKeyPairSync("rsa", { modulusLength }).publicKey;
  const keyReply = (key: ReturnType<typeof rsa>, key_id: unknown = "key_other") =>
    JSON.stringify({ key_id, jwk: key.export({ format: "jwk" }) });
  const keys: Record<string, readonly [reply: string, code: string]> = {
    "too weak": [keyReply(rsa(1024)), "public_key_unusable"],
    "of the relay's own": [keyReply(rsa(2048)), "key_expired"],
    "without an id": [keyReply(rsa(2048), null), "public_key_unusable"],
    "that is none": ["[]", "public_key_unusable"],
  };
  for (const [which, [reply, code]] of Object.entries(keys))
    test(`is not taken where the relay hands on one ${which}`, async () => {
      const { partner, cardholder, change } = await atHand();
      Object.assign(partner, { faultyPath: "v1/keys", faults: ["tampered"], tamper: () => reply });
      await assert.rejects(change("1928"), refusal(code));
      assert.equal((await cardholder.card()).pin.version, 0);
    });
});
