import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { utf8 } from "@linchpin/core";
import { noblePrimitives } from "@linchpin/device/noble";
import { createSigningMethod, createUser, sendProtected, updateSigningMethod } from "@linchpin/device/venly";
import { assertUnseen, refusal, setStage } from "@linchpin/test-fixtures/device/stage";

const enter = setStage();
const path = "/api/transactions/execute";
const body = { transactionRequest: { type: "TRANSFER", secretType: "MATIC", walletId: "w", to: "0x1", value: 1 } };

/** A user whose PIN is 192837. */
async function atHand() {
  const scene = await enter();
  const { relay } = scene;
  const { userId, signingMethodId } = await createUser({ relay, reference: "customer-1", pin: utf8("192837") });
  const known = (value = "192837") => ({ id: signingMethodId, value: utf8(value) });
  return { ...scene, scene, userId, signingMethodId, known };
}

suite("Venly's signing methods", () => {
  test("a protected request is carried out, and the partner saw no PIN", async () => {
    const { scene, relay, known } = await atHand();
    const method = known();
    const answer = await sendProtected({ relay, path, body, known: method });
    assert.match(JSON.stringify(answer), /transactionHash/);
    assert.ok(
      method.value.every((byte) => byte === 0),
      "wiped",
    );
    assertUnseen(scene, "192837");
  });

  test("a protected request of more than ASCII, on @noble", async () => {
    const { relay, known } = await atHand();
    const request = { transactionRequest: { ...body.transactionRequest, to: "Zoë 😀" } };
    await sendProtected({ relay, path, body: request, known: known(), primitives: noblePrimitives(crypto) });
  });

  test("a method is made and updated, each with a known one", async () => {
    const { scene, relay, userId, signingMethodId, known } = await atHand();
    const code = { type: "EMERGENCY_CODE", value: utf8("ABCDEFGHJKLMNPQRSTUVWXYZ2") } as const;
    const id = await createSigningMethod({ relay, userId, method: code, known: known() });
    assert.ok(
      code.value.every((byte) => byte === 0),
      "wiped",
    );
    const recovery = { id, value: utf8("ABCDEFGHJKLMNPQRSTUVWXYZ2") };
    await updateSigningMethod({ relay, userId, signingMethodId, value: utf8("564738"), known: recovery });
    await assert.rejects(sendProtected({ relay, path, body, known: known() }), refusal("signing_method_incorrect"));
    await sendProtected({ relay, path, body, known: known("564738") });
    for (const secret of ["192837", "564738", "ABCDEFGHJKLMNPQRSTUVWXYZ2"]) assertUnseen(scene, secret);
  });

  test("ten wrong values lock a method", async () => {
    const { relay, known } = await atHand();
    for (let attempt = 0; attempt < 10; attempt++)
      await assert.rejects(
        sendProtected({ relay, path, body, known: known("000000") }),
        refusal("signing_method_incorrect"),
      );
    await assert.rejects(sendProtected({ relay, path, body, known: known() }), refusal("signing_method_locked"));
  });

  test("a second PIN, a method that is not there", async () => {
    const { relay, userId, known } = await atHand();
    const method = { type: "PIN", value: utf8("918273") } as const;
    await assert.rejects(
      createSigningMethod({ relay, userId, method, known: known() }),
      refusal("signing_method_exists"),
    );
    await assert.rejects(
      sendProtected({ relay, path, body, known: { ...known(), id: crypto.randomUUID() } }),
      refusal("signing_method_unknown"),
    );
  });

  for (const wrong of ["19283", "1928374", "19283a", ""])
    test(`${JSON.stringify(wrong)} is no PIN: nothing is sent`, async () => {
      const { relay, partner } = await enter();
      const pin = utf8(wrong);
      await assert.rejects(createUser({ relay, reference: "customer-1", pin }), refusal("signing_method_malformed"));
      assert.equal(partner.passed.length, 0);
      assert.ok(
        pin.every((byte) => byte === 0),
        "wiped",
      );
    });
});

suite("when the way fails", () => {
  test("a request that never arrived is carried out at the second try", async () => {
    const { relay, partner, known } = await atHand();
    Object.assign(partner, { faultyPath: "transactions", faults: ["request lost"] });
    await sendProtected({ relay, path, body, known: known() });
    assert.equal(partner.count("transactions"), 1);
  });

  test("a lost answer: carried out once, and nobody knows here", async () => {
    const { relay, partner, known } = await atHand();
    Object.assign(partner, { faultyPath: "transactions", faults: ["answer lost"] });
    await assert.rejects(sendProtected({ relay, path, body, known: known() }), refusal("outcome_unknown"));
    assert.deepEqual(
      partner.passed.filter((message) => message.path.includes("transactions")).map(({ status }) => status),
      [200, 409],
    );
  });

  test("a user, a method: nobody knows, and nothing is sent twice", async () => {
    const { relay, partner, userId, known } = await atHand();
    Object.assign(partner, { faultyPath: "users", faults: ["answer lost", "answer lost"] });
    const sentBefore = partner.count("users");
    await assert.rejects(
      createUser({ relay, reference: "customer-2", pin: utf8("192837") }),
      refusal("outcome_unknown"),
    );
    const method = { type: "EMERGENCY_CODE", value: utf8("ABCDEFGHJKLMNPQRSTUVWXYZ2") } as const;
    await assert.rejects(createSigningMethod({ relay, userId, method, known: known() }), refusal("outcome_unknown"));
    assert.equal(partner.count("users"), sentBefore + 2);
  });

  test("a body that the relay alters is refused", async () => {
    const { relay, known } = await atHand();
    const altering: typeof relay = {
      send: (message) =>
        relay.send({ ...message, ...(message.body && { body: message.body.replace('"value":1', '"value":9') }) }),
    };
    await assert.rejects(sendProtected({ relay: altering, path, body, known: known() }), refusal("refused"));
  });

  test("a key that the relay swaps is refused", async () => {
    const { relay, partner, known } = await atHand();
    for (const [reply, code] of [
      ["{}", "public_key_unusable"],
      ['{"result":{"encryptionKeys":[]}}', "public_key_unusable"],
    ] as const) {
      Object.assign(partner, { faultyPath: "security", faults: ["tampered"], tamper: () => reply });
      await assert.rejects(sendProtected({ relay, path, body, known: known() }), refusal(code));
    }
    assert.equal(partner.count("transactions"), 0);
  });
});
