import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as adyen from "@linchpin/device/adyen";
import { type DeviceKeys, openDeviceKeys } from "@linchpin/device/keys";
import * as plumery from "@linchpin/device/plumery";
import type { Relay, RelayMessage } from "@linchpin/device/relay";
import * as solaris from "@linchpin/device/solaris";
import * as venly from "@linchpin/device/venly";
import { pinOf, refusal } from "@linchpin/test-fixtures/device/stage";

// What a platform throws before anything is sent is never `outcome_unknown`, nor an error of the platform's own.

const sent: RelayMessage[] = [];
const silent: Relay = {
  send: async (message) => {
    sent.push(message);
    throw new TypeError("Load failed");
  },
};
const person = { relay: silent, personId: "person" };
const card = { cardId: "card", pin: () => pinOf("1928") };

/** As IndexedDB fails in iOS, and as a keychain's prompt is cancelled in React Native. */
const platformErrors = {
  "IndexedDB fails": new DOMException("Connection to Indexed Database server lost", "UnknownError"),
  "the keychain's prompt is cancelled": Object.assign(new Error("User canceled"), { code: "E_AUTHENTICATION_FAILED" }),
};

for (const [what, thrown] of Object.entries(platformErrors))
  suite(`where ${what}`, () => {
    const fail = () => Promise.reject(thrown);
    const keys: DeviceKeys = { makeKey: fail, save: fail, load: fail, forget: fail };
    const failsAsOurs = async (act: Promise<unknown>) => {
      sent.length = 0;
      await assert.rejects(act, (error: Error) => {
        assert.equal((error as { code?: string }).code, "platform_failed");
        assert.equal(error.cause, thrown);
        return true;
      });
      assert.deepEqual(sent, []);
    };

    test("a change fails with nothing sent, and its PIN is wiped", async () => {
      const pin = card.pin();
      await failsAsOurs(solaris.changePin({ ...person, keys, cardId: "card", pin }));
      assert.deepEqual([...pin.asciiDigits()], [0, 0, 0, 0]);
    });

    test("binding and its proof fail with nothing sent", async () => {
      await failsAsOurs(solaris.bindDevice({ ...person, keys }));
      await failsAsOurs(solaris.proveBinding({ ...person, keys, otp: "212212" }));
    });
  });

suite("a page without https, which has no `crypto.subtle`", () => {
  const withoutWebCrypto = async (act: () => Promise<unknown>) => {
    const whole = Object.getOwnPropertyDescriptor(globalThis, "crypto") ?? assert.fail();
    const { getRandomValues } = crypto;
    Object.defineProperty(globalThis, "crypto", { configurable: true, value: { getRandomValues } });
    try {
      await assert.rejects(act(), refusal("random_unavailable"));
    } finally {
      Object.defineProperty(globalThis, "crypto", whole);
    }
  };

  test("binds no device and reveals nothing", async () => {
    sent.length = 0;
    await withoutWebCrypto(() => solaris.bindDevice({ ...person, keys: openDeviceKeys() }));
    await withoutWebCrypto(() => plumery.revealPin({ relay: silent, cardToken: "card" }));
    assert.deepEqual(sent, []);
  });
});

suite("a relay that throws an error of its own", () => {
  test("is unreachable while nothing is at stake: the issuer's key is fetched", async () => {
    const issuer = { relay: silent, paymentInstrumentId: "card" };
    await assert.rejects(adyen.changePin({ ...issuer, pin: card.pin() }), refusal("unreachable"));
    await assert.rejects(adyen.revealPin(issuer), refusal("unreachable"));
    const user = { relay: silent, reference: "user", pin: Uint8Array.from([49, 57, 50, 56, 51, 55]) };
    await assert.rejects(venly.createUser(user), refusal("unreachable"));
  });
});
