import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import type { DeviceKeys } from "@linchpin/device/keys";
import { noblePrimitives, openStoredKeys } from "@linchpin/device/noble";
import { fetchRelay } from "@linchpin/device/relay";
import { bindDevice, changePin, proveBinding } from "@linchpin/device/solaris";
import { assertUnseen, pinOf, refusal, type Scene, setStage } from "@linchpin/test-fixtures/device/stage";
import { memoryDeviceKeys } from "../memory-device-keys.ts";

const enter = setStage();
const changePath = "pin_update_requests";

/** The scene with a bound device, and what every change takes. */
async function bound(keys: DeviceKeys = memoryDeviceKeys()) {
  const scene = await enter();
  const { personId, cardAccountId: cardId } = scene.cardholder.sandbox.solaris;
  const { relay } = scene;
  await bindDevice({ relay, keys, personId });
  await proveBinding({ relay, keys, personId, otp: await scene.cardholder.newestOtp() });
  return { ...scene, change: { relay, keys, personId, cardId } };
}

async function assertHolds({ cardholder }: Scene, digits: string): Promise<void> {
  assert.equal((await cardholder.verify(digits)).body.result, "match");
}

async function version({ cardholder }: Scene): Promise<number> {
  return (await cardholder.card()).pin.version;
}

suite("a change of the PIN by a bound device", () => {
  test("is made, and the partner saw no PIN", async () => {
    const scene = await bound();
    const pin = pinOf("1928");
    await changePin({ ...scene.change, pin });
    assert.deepEqual([...pin.asciiDigits()], [0, 0, 0, 0], "wiped");
    await assertHolds(scene, "1928");
    assertUnseen(scene, "1928");
  });

  test("is made on @noble too, by a key that the platform keeps", async () => {
    const texts = new Map<string, string>();
    const storage = {
      getItem: async (name: string) => texts.get(name) ?? null,
      setItem: async (name: string, text: string) => void texts.set(name, text),
      removeItem: async (name: string) => void texts.delete(name),
    };
    const keys = openStoredKeys({ source: crypto, storage });
    const scene = await bound(keys);
    await changePin({ ...scene.change, pin: pinOf("2837"), primitives: noblePrimitives(crypto) });
    await assertHolds(scene, "2837");
    await keys.forget(`solaris.${scene.change.personId}`);
    await assert.rejects(changePin({ ...scene.change, pin: pinOf("1928") }), refusal("device_unbound"));
  });

  const brokenRules = { "19283": "pin_length", "1234": "pin_sequence", "1911": "pin_repeats", "192837": "pin_length" };
  for (const [digits, code] of Object.entries(brokenRules))
    test(`${digits}: ${code}, and nothing is sent`, async () => {
      const scene = await bound();
      const sentBefore = scene.partner.passed.length;
      const pin = pinOf(digits);
      await assert.rejects(changePin({ ...scene.change, pin }), refusal(code));
      assert.equal(scene.partner.passed.length, sentBefore);
      assert.ok(
        pin.asciiDigits().every((digit) => digit === 0),
        "wiped",
      );
    });

  test("a policy of one's own is held before, and the issuer's still after", async () => {
    const scene = await bound();
    const policy = {
      minLength: 4,
      maxLength: 12,
      sequences: "allow",
      wrapAround: false,
      maxSameDigit: 4,
      denyList: ["1928"],
      pinHistory: 0,
    } as const;
    await assert.rejects(changePin({ ...scene.change, pin: pinOf("1928"), policy }), refusal("pin_denied"));
    assert.equal(scene.partner.count(changePath), 0);
    await assert.rejects(changePin({ ...scene.change, pin: pinOf("1234"), policy }), refusal("pin_refused"));
  });

  test("a PIN is wiped by its change, and of no use after it", async () => {
    const scene = await bound();
    const pin = pinOf("1928");
    await changePin({ ...scene.change, pin });
    await assert.rejects(changePin({ ...scene.change, pin }), refusal("pin_repeats"));
    assert.equal(await version(scene), 1);
  });
});

suite("a change of the PIN is refused", () => {
  test("without a binding, before anything is sent", async () => {
    const { cardholder, partner, relay } = await enter();
    const { personId, cardAccountId: cardId } = cardholder.sandbox.solaris;
    const change = { relay, keys: memoryDeviceKeys(), personId, cardId, pin: pinOf("1928") };
    await assert.rejects(changePin(change), refusal("device_unbound"));
    assert.equal(partner.passed.length, 0);
  });

  test("as long as the binding is not proved", async () => {
    const { cardholder, relay } = await enter();
    const { personId, cardAccountId: cardId } = cardholder.sandbox.solaris;
    const keys = memoryDeviceKeys();
    await bindDevice({ relay, keys, personId });
    await assert.rejects(
      changePin({ relay, keys, personId, cardId, pin: pinOf("1928") }),
      refusal("device_unverified"),
    );
    await assert.rejects(proveBinding({ relay, keys, personId, otp: "000000" }), refusal("signature_invalid"));
  });

  test("by a device that another key was put into", async () => {
    const keys = memoryDeviceKeys();
    const scene = await bound(keys);
    const name = `solaris.${scene.change.personId}`;
    const binding = await keys.load(name);
    assert.ok(binding);
    await keys.save(name, { ...binding, key: await keys.makeKey() });
    await assert.rejects(changePin({ ...scene.change, pin: pinOf("1928") }), refusal("signature_invalid"));
  });

  test("when the card is blocked, or not the cardholder's", async () => {
    const scene = await bound();
    const cardPath = `/cards/${scene.cardholder.sandbox.issuer.cardId}`;
    scene.partner.ownNames = [scene.change.personId, scene.change.cardId];
    await assert.rejects(
      changePin({ ...scene.change, cardId: "another", pin: pinOf("1928") }),
      refusal("caller_not_allowed"),
    );
    await scene.cardholder.operator("PATCH", cardPath, { state: "blocked" });
    await assert.rejects(changePin({ ...scene.change, pin: pinOf("1928") }), refusal("card_blocked"));
    await scene.cardholder.operator("PATCH", cardPath, { state: "terminated" });
    await assert.rejects(changePin({ ...scene.change, pin: pinOf("1928") }), refusal("card_terminated"));
  });

  const jwk = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" });
  const ofTheRelay = { ...jwk, kid: "of-the-relay", use: "enc", alg: "RS256" };
  const swapped: Record<string, readonly [body: unknown, code: string]> = {
    "for signatures": [{ ...ofTheRelay, use: "sig" }, "public_key_unusable"],
    "with an exponent of 1": [{ ...ofTheRelay, e: "AQ" }, "public_key_unusable"],
    "that is none": [{}, "public_key_unusable"],
    "of the relay's own": [ofTheRelay, "key_unknown"],
  };
  for (const [which, [body, code]] of Object.entries(swapped))
    test(`when the relay hands on a key ${which}`, async () => {
      const scene = await bound();
      Object.assign(scene.partner, {
        faultyPath: "pin_keys",
        faults: ["tampered"],
        tamper: () => JSON.stringify(body),
      });
      await assert.rejects(changePin({ ...scene.change, pin: pinOf("1928") }), refusal(code));
      assert.equal(await version(scene), 0);
    });

  test("when the relay hands on the issuer's key of another purpose", async () => {
    const scene = await bound();
    const { body: keys } = await scene.cardholder.operator("GET", "/keys");
    const { id } = keys.find(({ purpose }: { purpose: string }) => purpose === "venly");
    const { result } = await (await fetch(`${scene.partner.url}/venly/api/security`)).json();
    const spki = Buffer.from(result.encryptionKeys[0].publicKey, "base64");
    const { n, e } = createPublicKey({ key: spki, format: "der", type: "spki" }).export({ format: "jwk" });
    const tamper = () => JSON.stringify({ ...ofTheRelay, kid: id, n, e });
    Object.assign(scene.partner, { faultyPath: "pin_keys", faults: ["tampered"], tamper });
    await assert.rejects(changePin({ ...scene.change, pin: pinOf("1928") }), refusal("key_unknown"));
    assert.equal(await version(scene), 0);
  });

  test("when the relay takes another PIN in: the signature is not over it", async () => {
    const scene = await bound();
    const sealed = await scene.cardholder.seal("8291");
    const relay: typeof scene.relay = {
      send: (message) =>
        scene.relay.send({
          ...message,
          ...(message.body?.includes("encrypted_pin") && {
            body: JSON.stringify({ ...JSON.parse(message.body), ...sealed }),
          }),
        }),
    };
    await assert.rejects(changePin({ ...scene.change, relay, pin: pinOf("1928") }), refusal("signature_invalid"));
  });
});

suite("when the way fails", () => {
  test("a lost answer: the same message again is refused as used, which proves the change", async () => {
    const scene = await bound();
    Object.assign(scene.partner, { faultyPath: changePath, faults: ["answer lost"] });
    await changePin({ ...scene.change, pin: pinOf("1928") });
    assert.deepEqual([scene.partner.count(changePath), await version(scene)], [2, 1]);
    await assertHolds(scene, "1928");
  });

  for (const fault of ["request lost", "status 500", "no JSON"] as const)
    test(`${fault}: one change is made all the same`, async () => {
      const scene = await bound();
      Object.assign(scene.partner, { faultyPath: changePath, faults: [fault] });
      await changePin({ ...scene.change, pin: pinOf("1928") });
      assert.equal(await version(scene), 1);
    });

  test("every answer lost: nobody knows here, one change is made there, and the same again decides it", async () => {
    const scene = await bound();
    Object.assign(scene.partner, { faultyPath: changePath, faults: Array(3).fill("answer lost") });
    await assert.rejects(changePin({ ...scene.change, pin: pinOf("1928") }), refusal("outcome_unknown"));
    assert.equal(await version(scene), 1);
    await changePin({ ...scene.change, pin: pinOf("1928") });
    await assertHolds(scene, "1928");
  });

  for (const fault of ["request lost", "status 500"] as const)
    test(`${fault}, every time: nobody knows here, nothing is changed there`, async () => {
      const scene = await bound();
      Object.assign(scene.partner, { faultyPath: changePath, faults: Array(3).fill(fault) });
      await assert.rejects(changePin({ ...scene.change, pin: pinOf("1928") }), refusal("outcome_unknown"));
      assert.equal(await version(scene), 0);
    });

  test("no answer in time", async () => {
    const scene = await bound();
    const relay = fetchRelay({ baseUrl: scene.partner.url, timeoutMs: 200, pausesMs: [] });
    Object.assign(scene.partner, { faultyPath: changePath, faults: ["no answer"] });
    await assert.rejects(changePin({ ...scene.change, relay, pin: pinOf("1928") }), (error: Error) => {
      assert.deepEqual(
        [error, error.cause].map((thrown) => (thrown as { code?: string }).code),
        ["outcome_unknown", "timed_out"],
      );
      return true;
    });
  });

  test("the issuer's key does not come: nothing was sent", async () => {
    const scene = await bound();
    for (const [fault, code] of [
      ["request lost", "unreachable"],
      ["status 500", "unavailable"],
      ["no JSON", "answer_malformed"],
    ] as const) {
      Object.assign(scene.partner, { faultyPath: "pin_keys", faults: Array(3).fill(fault) });
      await assert.rejects(changePin({ ...scene.change, pin: pinOf("1928") }), refusal(code));
    }
    assert.equal(scene.partner.count(changePath), 0);
  });

  test("aborted before, and while the change is under way", async () => {
    const scene = await bound();
    const aborted = { ...scene.change, pin: pinOf("1928"), signal: AbortSignal.abort() };
    await assert.rejects(changePin(aborted), refusal("aborted"));
    assert.equal(scene.partner.count(changePath), 0);
    Object.assign(scene.partner, { faultyPath: changePath, faults: ["no answer"] });
    const ending = new AbortController();
    const change = changePin({ ...scene.change, pin: pinOf("1928"), signal: ending.signal });
    while (scene.partner.faults.length > 0) await new Promise(setImmediate);
    ending.abort();
    await assert.rejects(change, refusal("outcome_unknown"));
  });

  test("a key that was rotated between fetch and send still serves", async () => {
    const scene = await bound();
    const relay: typeof scene.relay = {
      send: async (message) => {
        const answer = await scene.relay.send(message);
        if (message.path.includes("pin_keys")) await scene.cardholder.operator("POST", "/keys/solaris-pin/rotate");
        return answer;
      },
    };
    await changePin({ ...scene.change, relay, pin: pinOf("1928") });
    await assertHolds(scene, "1928");
  });

  test("a binding whose answer is lost is asked for again", async () => {
    const { cardholder, partner, relay } = await enter();
    const { personId } = cardholder.sandbox.solaris;
    const keys = memoryDeviceKeys();
    Object.assign(partner, { faultyPath: "mfa/devices", faults: ["answer lost"] });
    await assert.rejects(bindDevice({ relay, keys, personId }), refusal("unreachable"));
    await bindDevice({ relay, keys, personId });
    Object.assign(partner, { faultyPath: "mfa/challenges", faults: ["answer lost"] });
    const otp = await cardholder.newestOtp();
    await assert.rejects(proveBinding({ relay, keys, personId, otp }), refusal("outcome_unknown"));
    await assert.rejects(proveBinding({ relay, keys, personId, otp }), refusal("challenge_ended"));
  });

  test("an answer without what the protocol has in it", async () => {
    const { cardholder, partner, relay } = await enter();
    for (const body of ["{}", "[]", "null", '"text"', '{"id":7}', '{"id":"x","challenge":null}']) {
      Object.assign(partner, { faultyPath: "mfa/devices", faults: ["tampered"], tamper: () => body });
      const { personId } = cardholder.sandbox.solaris;
      await assert.rejects(bindDevice({ relay, keys: memoryDeviceKeys(), personId }), refusal("answer_malformed"));
    }
  });
});
