import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type P256Jwk, p256JwkFromPoint, utf8 } from "@linchpin/core";
import * as adyen from "@linchpin/device/adyen";
import * as lithic from "@linchpin/device/lithic";
import { noblePrimitives } from "@linchpin/device/noble";
import type { Relay, RelayAnswer, RelayMessage } from "@linchpin/device/relay";
import { type PinnedRoots, pinRoots } from "@linchpin/device/roots";
import * as solaris from "@linchpin/device/solaris";
import { requestPinChange } from "@linchpin/device/solaris-sca";
import * as stripe from "@linchpin/device/stripe";
import { createUser } from "@linchpin/device/venly";
import * as worldline from "@linchpin/device/worldline";
import { pinOf, refusal, type Scene, setStage } from "@linchpin/test-fixtures/device/stage";
import { memoryDeviceKeys } from "./memory-device-keys.ts";

const enter = setStage();

const swapped = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
const swappedJwk = swapped.export({ format: "jwk" });
const swappedSpki = swapped.export({ format: "der", type: "spki" }).toString("base64");

interface Stage extends Scene {
  readonly pins: { issuer: string; roots: P256Jwk[] };
  operate(method: string, path: string): Promise<Record<string, string>>;
}

/** A scene whose roots the app knows from the operator. */
async function stage(): Promise<Stage> {
  const scene = await enter();
  const { baseUrl, apiKey } = scene.cardholder.sandbox.issuer;
  const operate = async (method: string, path: string) => {
    const headers = { authorization: `Bearer ${apiKey}` };
    return (await fetch(baseUrl + path, { method, headers })).json();
  };
  const keys: Record<string, string>[] = (await operate("GET", "/keys")) as never;
  const roots = keys
    .filter(({ purpose, state }) => purpose === "native-root" && state === "current")
    .map(({ publicKey = "" }) => p256JwkFromPoint(Buffer.from(publicKey, "base64").subarray(-65)));
  return { ...scene, pins: { issuer: new URL(baseUrl).origin, roots }, operate };
}

/** A relay that puts what it likes in the place of answers whose path has `path`. */
function lying(relay: Relay, path: string, lie: (body: unknown) => unknown): Relay & { sent: RelayMessage[] } {
  const sent: RelayMessage[] = [];
  return {
    sent,
    send: async (message): Promise<RelayAnswer> => {
      sent.push(message);
      const answer = await relay.send(message);
      return message.path.includes(path) ? { ...answer, body: lie(answer.body) } : answer;
    },
  };
}

/** The roots, pinned by a device whose clock is wrong. */
const wrongBy = ({ pins }: Stage, days: number) =>
  pinRoots({ ...pins, clock: () => new Date(Date.now() + days * 86_400_000) });

/** Each task that seals to a key of the issuer's, with the answer that hands on the key, and the same with the relay's. */
const tasks: Record<
  string,
  {
    path: string;
    swap: (body: never) => unknown;
    /** How the sealed PIN is sent; by POST unless said. */
    method?: "PATCH";
    seals: (scene: Stage, relay: Relay, roots?: PinnedRoots) => Promise<unknown>;
  }
> = {
  "Solaris changePin": {
    path: "pin_keys",
    swap: (body: object) => ({ ...body, n: swappedJwk.n, e: swappedJwk.e }),
    seals: async (scene, relay, roots) => {
      const { personId, cardAccountId: cardId } = scene.cardholder.sandbox.solaris;
      const keys = memoryDeviceKeys();
      await solaris.bindDevice({ relay, keys, personId });
      await solaris.proveBinding({ relay, keys, personId, otp: await scene.cardholder.newestOtp() });
      await solaris.changePin({ relay, keys, personId, cardId, pin: pinOf("1928"), ...(roots && { roots }) });
    },
  },
  "Solaris requestPinChange": {
    path: "pin_keys",
    swap: (body: object) => ({ ...body, n: swappedJwk.n, e: swappedJwk.e }),
    seals: (scene, relay, roots) => {
      const { personId, cardAccountId: cardId } = scene.cardholder.sandbox.solaris;
      return requestPinChange({ relay, personId, cardId, pin: pinOf("1928"), ...(roots && { roots }) });
    },
  },
  "Adyen changePin": {
    path: "publicKey",
    swap: (body: object) => ({ ...body, publicKey: swappedSpki }),
    seals: (scene, relay, roots) => {
      const { paymentInstrumentId } = scene.cardholder.sandbox.adyen;
      return adyen.changePin({ relay, paymentInstrumentId, pin: pinOf("1928"), ...(roots && { roots }) });
    },
  },
  "Adyen revealPin": {
    path: "publicKey",
    swap: (body: object) => ({ ...body, publicKey: swappedSpki }),
    seals: async (scene, relay, roots) => {
      const { paymentInstrumentId } = scene.cardholder.sandbox.adyen;
      await adyen.changePin({ relay: scene.relay, paymentInstrumentId, pin: pinOf("1928") });
      return adyen.revealPin({ relay, paymentInstrumentId, ...(roots && { roots }) });
    },
  },
  "Stripe changePin": {
    path: "v1/keys",
    swap: (body: { jwk: object }) => ({ ...body, jwk: { ...body.jwk, n: swappedJwk.n, e: swappedJwk.e } }),
    seals: (scene, relay, roots) => {
      const { cardId } = scene.cardholder.sandbox.stripe;
      return stripe.changePin({ relay, cardId, pin: pinOf("1928"), ...(roots && { roots }) });
    },
  },
  "Lithic changePin": {
    path: "pub.pem",
    method: "PATCH",
    swap: () => `-----BEGIN PUBLIC KEY-----\n${swappedSpki}\n-----END PUBLIC KEY-----\n`,
    seals: (scene, relay, roots) => {
      const { cardToken } = scene.cardholder.sandbox.lithic;
      return lithic.changePin({ relay, cardToken, pin: pinOf("1928"), ...(roots && { roots }) });
    },
  },
  "Venly createUser": {
    path: "security",
    swap: (body: { result: { encryptionKeys: object[] } }) => ({
      ...body,
      result: { encryptionKeys: [{ ...body.result.encryptionKeys[0], publicKey: swappedSpki }] },
    }),
    seals: (_scene, relay, roots) =>
      createUser({ relay, reference: crypto.randomUUID(), pin: utf8("192837"), ...(roots && { roots }) }),
  },
};

for (const task of ["changePin", "revealPin"] as const)
  test(`Worldline ${task}: a key set that the backend made up is refused before anything is sealed to it`, async () => {
    const scene = await stage();
    const { cardReference, pan, keySets } = scene.cardholder.sandbox.worldline;
    const roots = pinRoots(scene.pins);
    const sent: RelayMessage[] = [];
    const relay: Relay = {
      send: (message) => {
        sent.push(message);
        return scene.relay.send(message);
      },
    };
    const run = (publicKey: string, pinned = roots) => {
      const card = { relay, cardReference, pan, keySet: { keyId: "01", publicKey }, roots: pinned } as const;
      return task === "changePin" ? worldline.changePin({ ...card, pin: pinOf("1928") }) : worldline.revealPin(card);
    };
    await worldline.changePin({
      relay: scene.relay,
      cardReference,
      pan,
      keySet: { keyId: "01", publicKey: keySets["01"] },
      pin: pinOf("2846"),
    });
    await assert.rejects(async () => run(swappedSpki), refusal("issuer_key_unvouched"));
    await assert.rejects(async () => run(keySets["01"], wrongBy(scene, 365)), refusal("manifest_expired"));
    assert.ok(sent.every(({ path }) => path === "/issuer-keys"));
    await run(keySets["01"]);
    await run(keySets["01"], wrongBy(scene, -365));
    assert.ok(sent.some(({ path }) => path.startsWith("/worldline/")));
  });

for (const [name, { path, swap, seals, method = "POST" }] of Object.entries(tasks))
  suite(`${name} with pinned roots`, () => {
    test("seals to the issuer's key", async () => {
      const scene = await stage();
      await seals(scene, scene.relay, pinRoots(scene.pins));
    });

    test("refuses a key that the relay put in its place, and sends nothing sealed; without roots it is sealed to", async () => {
      const scene = await stage();
      const relay = lying(scene.relay, path, swap as (body: unknown) => unknown);
      await assert.rejects(seals(scene, relay, pinRoots(scene.pins)), refusal("issuer_key_unvouched"));
      assert.equal(relay.sent.at(-1)?.path, "/issuer-keys");
      // The negative control: the issuer can not open what was sealed to another key, but the relay can.
      await seals(scene, relay).catch(() => {});
      assert.notEqual(relay.sent.at(-1)?.path, "/issuer-keys");
      assert.equal(relay.sent.at(-1)?.method, method);
    });

    test("says by a clock a year ahead that it or the list is out of date, and sends nothing sealed; a year behind it works", async () => {
      const scene = await stage();
      const relay = lying(scene.relay, path, (body) => body);
      await assert.rejects(seals(scene, relay, wrongBy(scene, 365)), refusal("manifest_expired"));
      assert.equal(relay.sent.at(-1)?.path, "/issuer-keys");
      await seals(scene, scene.relay, wrongBy(scene, -365));
    });

    test("refuses the issuer's own key of another purpose", async () => {
      const scene = await stage();
      const other = path === "security" ? "solaris-pin" : "venly";
      const keys: Record<string, string>[] = (await scene.operate("GET", "/keys")) as never;
      const spki = keys.find(({ purpose, state }) => purpose === other && state === "current")?.["publicKey"] ?? "";
      const { createPublicKey } = await import("node:crypto");
      const jwk = createPublicKey({ key: Buffer.from(spki, "base64"), format: "der", type: "spki" }).export({
        format: "jwk",
      });
      const put = (body: unknown) =>
        JSON.parse(
          JSON.stringify(swap(body as never))
            .replace(swappedSpki, spki)
            .replace(swappedJwk.n ?? "", jwk.n ?? ""),
        );
      const relay = lying(scene.relay, path, put);
      await assert.rejects(seals(scene, relay, pinRoots(scene.pins)), refusal("issuer_key_unvouched"));
    });
  });

suite("pinned roots", () => {
  const change = (scene: Stage, relay: Relay, roots: PinnedRoots) =>
    tasks["Adyen changePin"]?.seals(scene, relay, roots);
  const { path, swap } = tasks["Adyen changePin"] ?? assert.fail();

  test("take no manifest of another root, another issuer, an earlier time, and none that was altered", async () => {
    const scene = await stage();
    const [root] = scene.pins.roots;
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
    const otherRoot = { kty: "EC", crv: "P-256", x: other.x, y: other.y } as P256Jwk;
    const wrongPins = [
      { ...scene.pins, roots: [otherRoot] },
      { ...scene.pins, roots: [] },
      { issuer: "https://other.example", roots: [root as P256Jwk] },
    ];
    for (const pins of wrongPins)
      await assert.rejects(change(scene, scene.relay, pinRoots(pins)) ?? assert.fail(), refusal("manifest_refused"));
    const lies: ((body: unknown) => unknown)[] = [
      (body) => `${body}`.replace(/.$/, (end) => (end === "A" ? "B" : "A")),
      () => undefined,
      () => ({ keys: [] }),
    ];
    for (const lie of lies)
      await assert.rejects(
        change(scene, lying(scene.relay, "issuer-keys", lie), pinRoots(scene.pins)) ?? assert.fail(),
        refusal("manifest_refused"),
      );
  });

  test("refuse an earlier manifest than one that was seen, after a restart too", async () => {
    const scene = await stage();
    let early: unknown;
    const recording = lying(scene.relay, "issuer-keys", (body) => {
      early ??= body;
      return body;
    });
    let seq: number | undefined;
    const seqStore = {
      load: async () => seq,
      save: async (seen: number) => {
        seq = seen;
      },
    };
    await change(scene, recording, pinRoots({ ...scene.pins, seqStore }));
    const first = seq ?? assert.fail();
    await scene.operate("POST", "/keys/adyen-pin-change/rotate");
    const roots = pinRoots({ ...scene.pins, seqStore });
    await change(scene, scene.relay, roots);
    assert.ok((seq ?? 0) > first);
    const replaying = lying(scene.relay, "issuer-keys", () => early);
    const swapping = lying(replaying, path, swap as (body: unknown) => unknown);
    for (const pinned of [roots, pinRoots({ ...scene.pins, seqStore })])
      await assert.rejects(change(scene, swapping, pinned) ?? assert.fail(), refusal("manifest_refused"));
  });

  test("keep the later of two manifests that come at once, in whichever order they are answered", async () => {
    const scene = await stage();
    const early = await scene.relay.send({ method: "GET", path: "/issuer-keys", mayRepeat: true });
    await scene.operate("POST", "/keys/adyen-pin-change/rotate");
    const late = await scene.relay.send({ method: "GET", path: "/issuer-keys", mayRepeat: true });
    const saved: number[] = [];
    const seqStore = { load: async () => undefined, save: async (seq: number) => void saved.push(seq) };
    const roots = pinRoots({ ...scene.pins, seqStore });
    const answers = [late, early];
    const relay: Relay = {
      send: async (message) => {
        if (message.path !== "/issuer-keys") return scene.relay.send(message);
        const answer = answers.shift() ?? assert.fail();
        await sleep(answer === early ? 200 : 0);
        return answer;
      },
    };
    await Promise.all([change(scene, relay, roots), change(scene, relay, roots)]);
    assert.ok(saved.length > 0);
    assert.deepEqual(
      saved,
      saved.toSorted((one, other) => one - other),
    );
    assert.equal(saved.at(-1), Math.max(...saved));
    await change(
      scene,
      lying(scene.relay, "issuer-keys", () => assert.fail("fetched again")),
      roots,
    );
  });

  test("fetch a manifest once, and again for a key that it does not list", async () => {
    const scene = await stage();
    const relay = lying(scene.relay, "nothing", (body) => body);
    const roots = pinRoots(scene.pins);
    for (let times = 0; times < 3; times++) await change(scene, relay, roots);
    const count = () => relay.sent.filter((message) => message.path === "/issuer-keys").length;
    assert.equal(count(), 1);
    await scene.operate("POST", "/keys/adyen-pin-change/rotate");
    await change(scene, relay, roots);
    assert.equal(count(), 2);
  });

  test("follow the issuer to the next root once it is pinned", async () => {
    const scene = await stage();
    const made = await scene.operate("POST", "/keys/native-root/make");
    const next = p256JwkFromPoint(Buffer.from(made["publicKey"] ?? "", "base64").subarray(-65));
    const updated = { ...scene.pins, roots: [...scene.pins.roots, next] };
    await change(scene, scene.relay, pinRoots(updated));
    await scene.operate("POST", "/keys/native-root/rotate");
    await change(scene, scene.relay, pinRoots(updated));
    await assert.rejects(
      change(scene, scene.relay, pinRoots(scene.pins)) ?? assert.fail(),
      refusal("manifest_refused"),
    );
  });

  test("are held on @noble too", async () => {
    const scene = await stage();
    await change(scene, scene.relay, pinRoots({ ...scene.pins, primitives: noblePrimitives(crypto) }));
  });
});
