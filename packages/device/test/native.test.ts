import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type ErrorCode, LinchpinError } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  bindDevice,
  changePin,
  changePinByCode,
  forgetDevice,
  type NativeBinding,
  type ShownSession,
  verifyPin,
} from "@linchpin/device/native";
import { revealCard, revealPin } from "@linchpin/device/native-reveal";
import { noblePrimitives, openStoredKeys } from "@linchpin/device/noble";
import type { Relay, RelayAnswer, RelayMessage } from "@linchpin/device/relay";
import { digitsOf, pinOf, refusal } from "@linchpin/test-fixtures/device/stage";
import { memoryDeviceKeys } from "./memory-device-keys.ts";
import { NativeIssuer } from "./native-issuer.ts";

/** A device, bound or not, and what it takes for the tasks of its card. */
async function atHand({ bound = true } = {}) {
  const issuer = await NativeIssuer.start();
  const shown: ShownSession[] = [];
  const keys = memoryDeviceKeys<NativeBinding>();
  const task = { relay: issuer.relay, pins: issuer.pins, keys, card: "card_1" };
  const confirm = (session: ShownSession) => shown.push(session) > 0;
  const askForCode = async (session: ShownSession) => {
    shown.push(session);
    return { code: issuer.code, digits: issuer.digits };
  };
  if (bound) await bindDevice({ ...task, askForCode });
  issuer.sent.length = 0;
  return { issuer, shown, keys, task, askForCode, card: { ...task, confirm } };
}

type Stage = Awaited<ReturnType<typeof atHand>>;

/** Each task, with what it needs. */
const tasks: Record<string, (stage: Stage, more?: object) => Promise<unknown>> = {
  bindDevice: ({ task, askForCode }, more) => bindDevice({ ...task, askForCode, ...more }),
  changePin: ({ card }, more) => changePin({ ...card, pin: pinOf("1928"), ...more }),
  changePinByCode: ({ task, askForCode }, more) =>
    changePinByCode({ ...task, askForCode, pin: pinOf("1928"), ...more }),
  verifyPin: ({ card }, more) => verifyPin({ ...card, pin: pinOf("0480"), ...more }),
  revealPin: ({ card }, more) => revealPin({ ...card, ...more }),
  revealCard: ({ card }, more) => revealCard({ ...card, ...more }),
};
const sealed = ({ sent }: NativeIssuer) => sent.filter(({ path }) => path === "/native/operations");

/** A relay that answers otherwise where it likes. */
function lying(relay: Relay, lie: (message: RelayMessage, answer: RelayAnswer) => unknown): Relay {
  return {
    send: async (message) => {
      const answer = await relay.send(message);
      return { status: 200, ...(((await lie(message, answer)) ?? answer) as object) } as RelayAnswer;
    },
  };
}

for (const [platform, primitives] of [
  ["WebCrypto", webCryptoPrimitives],
  ["@noble", noblePrimitives(crypto)],
] as const)
  suite(`a device by the native protocol, on ${platform}`, () => {
    test("binds its key, sets, checks and shows the PIN, and shows the card", async () => {
      const stage = await atHand();
      const card = { ...stage.card, primitives };
      await changePin({ ...card, pin: pinOf("1928") });
      assert.equal(stage.issuer.pin, "1928");
      assert.deepEqual(await verifyPin({ ...card, pin: pinOf("1928") }), { result: "match" });
      assert.deepEqual(await verifyPin({ ...card, pin: pinOf("4711") }), { result: "mismatch", remaining: 2 });
      assert.equal(digitsOf(await revealPin(card)), "1928");
      assert.deepEqual(await revealCard(card), { pan: "4000123456789012", cvv2: "042", expiry: "3107" });
    });

    test("sets the PIN by a code, without a key", async () => {
      const { issuer, task, askForCode, keys } = await atHand({ bound: false });
      await changePinByCode({ ...task, primitives, askForCode, pin: pinOf("192837465564") });
      assert.equal(issuer.pin, "192837465564");
      assert.equal(await keys.load(`native.${issuer.issuer}`), undefined);
    });
  });

suite("a device by the native protocol", () => {
  test("keeps issuer, person, thumbprint, number and key; in storage too", async () => {
    const { issuer, keys, task, askForCode } = await atHand();
    const binding = await keys.load(`native.${issuer.issuer}`);
    assert.deepEqual([binding?.iss, binding?.sub, binding?.seq], [issuer.issuer, "person_1", 7]);
    assert.deepEqual(issuer.devices.get(binding?.thumbprint ?? ""), binding?.key.publicPoint);
    const texts = new Map<string, string>();
    const storage = {
      getItem: async (name: string) => texts.get(name) ?? null,
      setItem: async (name: string, text: string) => void texts.set(name, text),
      removeItem: async (name: string) => void texts.delete(name),
    };
    const stored = openStoredKeys<NativeBinding>({ source: crypto, storage });
    await bindDevice({ ...task, keys: stored, askForCode });
    issuer.seq = 8;
    assert.deepEqual(await verifyPin({ ...task, keys: stored, confirm: () => true, pin: pinOf("0480") }), {
      result: "match",
    });
    assert.equal(JSON.parse([...texts.values()][0] ?? "").seq, 8);
    await forgetDevice({ ...task, keys: stored });
    assert.equal(texts.size, 0);
  });

  test("stays forgotten where that happens while a session is on its way, and keeps a binding that came meanwhile", async () => {
    const stage = await atHand();
    const { issuer, keys, card, askForCode } = stage;
    const name = `native.${issuer.issuer}`;
    issuer.seq = 8;
    const forgetting = lying(issuer.relay, async ({ path }) => {
      if (path === "/native/sessions") await forgetDevice(card);
    });
    await tasks["verifyPin"]?.(stage, { relay: forgetting });
    assert.equal(await keys.load(name), undefined);
    await bindDevice({ ...card, askForCode });
    issuer.seq = 9;
    let replaced = "";
    const rebinding = lying(issuer.relay, async ({ path }) => {
      if (path !== "/native/sessions" || replaced !== "") return;
      replaced = "begun";
      await bindDevice({ ...card, askForCode });
      replaced = (await keys.load(name))?.thumbprint ?? "";
    });
    await tasks["verifyPin"]?.(stage, { relay: rebinding });
    assert.equal((await keys.load(name))?.thumbprint, replaced);
  });

  test("shows whose card it is, and where the code went, before anything is sealed", async () => {
    const { issuer, shown, card, task } = await atHand();
    await verifyPin({ ...card, pin: pinOf("0480") });
    const session = { holder: "Zoë Müller", last4: "9012", program: "Gold", asksPresentPin: false };
    assert.deepEqual(shown, [
      { ...session, to: "+49 ••• 567" },
      { ...session, to: undefined },
    ]);
    issuer.sent.length = 0;
    const pin = pinOf("1928");
    await assert.rejects(changePin({ ...card, pin, confirm: () => false }), refusal("aborted"));
    await assert.rejects(
      changePinByCode({ ...task, pin: pinOf("1928"), askForCode: async () => undefined }),
      refusal("aborted"),
    );
    await assert.rejects(bindDevice({ ...task, askForCode: async () => undefined }), refusal("aborted"));
    assert.equal(sealed(issuer).length, 0);
    assert.ok(pin.asciiDigits().every((byte) => byte === 0));
  });

  test("holds the PIN against the session's policy before anything is sealed", async () => {
    const { issuer, card, task, askForCode } = await atHand();
    issuer.changed = {
      policy: { minLength: 4, maxLength: 4, sequences: "refuse_up_and_down", wrapAround: false, maxSameDigit: 2 },
    };
    for (const [pin, code] of [
      ["1234", "pin_sequence"],
      ["12345", "pin_length"],
      ["1112", "pin_repeats"],
    ] as const) {
      await assert.rejects(changePin({ ...card, pin: pinOf(pin) }), refusal(code));
      await assert.rejects(changePinByCode({ ...task, askForCode, pin: pinOf(pin) }), refusal(code));
    }
    assert.equal(sealed(issuer).length, 0);
  });

  test("seals the present PIN where a session asks for it, and wipes it", async () => {
    const { issuer, task } = await atHand({ bound: false });
    issuer.changed = { presentPin: true };
    const presentPin = pinOf("0480");
    const typed = { code: issuer.code, digits: issuer.digits };
    await assert.rejects(bindDevice({ ...task, askForCode: async () => typed }), refusal("pin_malformed"));
    await bindDevice({ ...task, askForCode: async () => ({ ...typed, presentPin }) });
    assert.ok(presentPin.asciiDigits().every((byte) => byte === 0));
  });

  test("says that it is unbound, and sends nothing", async () => {
    const stage = await atHand({ bound: false });
    for (const name of ["changePin", "verifyPin", "revealPin", "revealCard"])
      await assert.rejects(tasks[name]?.(stage) ?? Promise.resolve(), refusal("device_unbound"));
    assert.equal(stage.issuer.sent.length, 0);
  });

  test("says of a wrong code that it is wrong, and keeps no key", async () => {
    const { issuer, task, keys } = await atHand({ bound: false });
    const askForCode = async () => ({ code: "000000", digits: issuer.digits });
    await assert.rejects(bindDevice({ ...task, askForCode }), refusal("code_incorrect"));
    await assert.rejects(changePinByCode({ ...task, askForCode, pin: pinOf("1928") }), refusal("code_incorrect"));
    assert.equal(await keys.load(`native.${issuer.issuer}`), undefined);
  });
});

suite("what is refused, signed, is final", () => {
  const codes = [
    "pin_refused",
    "pin_reused",
    "session_stale",
    "device_unknown",
    "card_blocked",
    "card_terminated",
  ] as const;
  for (const [name, run] of Object.entries(tasks))
    test(name, async () => {
      const stage = await atHand();
      for (const code of [...codes, "pin_blocked", "pin_not_set", "decryption_failed", "code_locked"] as const) {
        stage.issuer.refusal = { result: "refused", code };
        await assert.rejects(run(stage), refusal(code));
      }
      stage.issuer.refusal = { result: "refused", code: "of_a_later_version" as never };
      await assert.rejects(run(stage), refusal("refused"));
    });
});

suite("once sent, nothing that is not signed is believed", () => {
  const lies: Record<string, (answer: RelayAnswer) => object> = {
    "no answer": () => {
      throw new LinchpinError("timed_out");
    },
    "a 500": () => ({ status: 500, body: undefined }),
    "a refusal that is not signed": () => ({ status: 409, body: { code: "card_blocked" } }),
    "a success that is not signed": () => ({ body: { result: "changed", version: 2 } }),
    "a limit": () => ({ status: 429, body: { code: "rate_limited" } }),
    "an answer that is altered": ({ body }) => ({
      body: { answer: (body as { answer: string }).answer.replace(/.{5}$/, "AAAAA") },
    }),
    nothing: () => ({ body: undefined }),
    null: () => ({ body: null }),
    "a number": () => ({ body: { answer: 1 } }),
  };
  for (const [name, run] of Object.entries(tasks))
    for (const [what, lie] of Object.entries(lies))
      test(`${name}: ${what}`, async () => {
        const stage = await atHand();
        const relay = lying(stage.task.relay, ({ path }, answer) =>
          path === "/native/operations" ? lie(answer) : undefined,
        );
        await assert.rejects(run(stage, { relay }), refusal("outcome_unknown"));
      });

  test("the answer to another message is none", async () => {
    const stage = await atHand();
    let former: RelayAnswer | undefined;
    const relay = lying(stage.task.relay, ({ path }, answer) => {
      if (path !== "/native/operations") return undefined;
      const played = former;
      former ??= answer;
      return played;
    });
    await verifyPin({ ...stage.card, relay, pin: pinOf("0480") });
    await assert.rejects(verifyPin({ ...stage.card, relay, pin: pinOf("4711") }), refusal("outcome_unknown"));
  });

  test("a message sent twice has the outcome of the first; a reveal that was lost is asked for again", async () => {
    const stage = await atHand();
    const { relay } = stage.task;
    const twice = lying(relay, (message) => (message.path === "/native/operations" ? relay.send(message) : undefined));
    await changePin({ ...stage.card, relay: twice, pin: pinOf("1928") });
    assert.deepEqual([stage.issuer.pin, stage.issuer.version], ["1928", 2]);
    const verdict = await verifyPin({ ...stage.card, relay: twice, pin: pinOf("4711") });
    assert.deepEqual(verdict, { result: "mismatch", remaining: 2 });
    await assert.rejects(revealPin({ ...stage.card, relay: twice }), refusal("unreachable"));
    assert.ok(stage.issuer.sent.every(({ path, mayRepeat }) => mayRepeat === (path !== "/native/sessions")));
  });

  test("a binding whose answer is lost is made again by the same key, which is kept until the answer is there", async () => {
    const { issuer, keys, task, askForCode } = await atHand({ bound: false });
    const lost = lying(issuer.relay, ({ path }) => (path === "/native/operations" ? { body: undefined } : undefined));
    for (let times = 0; times < 6; times++)
      await assert.rejects(bindDevice({ ...task, relay: lost, askForCode }), refusal("outcome_unknown"));
    assert.equal(issuer.devices.size, 1);
    assert.equal(await keys.load(`native.${issuer.issuer}`), undefined);
    await bindDevice({ ...task, askForCode });
    assert.equal(issuer.devices.size, 1);
    const binding = await keys.load(`native.${issuer.issuer}`);
    assert.deepEqual(issuer.devices.get(binding?.thumbprint ?? ""), binding?.key.publicPoint);
    await bindDevice({ ...task, askForCode });
    assert.equal(issuer.devices.size, 2, "a binding that was answered is replaced by a new key");
  });

  test("a key that was unbound before its answer came is given up for a new one; forgetting forgets it too", async () => {
    const { issuer, task, askForCode } = await atHand({ bound: false });
    const lost = lying(issuer.relay, ({ path }) => (path === "/native/operations" ? { body: undefined } : undefined));
    const [old] = await assert
      .rejects(bindDevice({ ...task, relay: lost, askForCode }), refusal("outcome_unknown"))
      .then(() => issuer.devices.keys());
    const unbound = lying(issuer.relay, ({ body = "{}" }) => {
      const { key } = JSON.parse(body) as { key?: { x: string } };
      const point = issuer.devices.get(old ?? "") ?? new Uint8Array(0);
      const isOld = key?.x === Buffer.from(point.subarray(1, 33)).toString("base64url");
      return isOld ? { status: 409, body: { code: "device_key_exists" } } : undefined;
    });
    await assert.rejects(bindDevice({ ...task, relay: unbound, askForCode }), refusal("device_key_exists"));
    await bindDevice({ ...task, relay: unbound, askForCode });
    assert.equal(issuer.devices.size, 2);
    await assert.rejects(bindDevice({ ...task, relay: lost, askForCode }), refusal("outcome_unknown"));
    await forgetDevice(task);
    await bindDevice({ ...task, askForCode });
    assert.equal(issuer.devices.size, 4);
  });

  test("where the app ends while it forgets the device, the device is bound still, and the next call forgets all", async () => {
    for (const callsDone of [0, 1]) {
      const { issuer, keys, task, card, askForCode } = await atHand();
      const lost = lying(issuer.relay, ({ path }) => (path === "/native/operations" ? { body: undefined } : undefined));
      await assert.rejects(bindDevice({ ...task, relay: lost, askForCode }), refusal("outcome_unknown"));
      let calls = 0;
      const ending = {
        ...keys,
        forget: async (name: string) => (calls++ < callsDone ? keys.forget(name) : assert.fail()),
      };
      await assert.rejects(forgetDevice({ ...task, keys: ending }), refusal("platform_failed"));
      assert.deepEqual(await verifyPin({ ...card, pin: pinOf("0480") }), { result: "match" });
      await forgetDevice(task);
      await assert.rejects(verifyPin({ ...card, pin: pinOf("0480") }), refusal("device_unbound"));
      await bindDevice({ ...task, askForCode });
      assert.equal(issuer.devices.size, 3, "neither of the keys that were forgotten is bound again");
    }
  });

  test("a code is asked for only where the session names the person", async () => {
    const stage = await atHand();
    for (const holder of ["", "  "]) {
      stage.issuer.changed = { holder };
      for (const name of ["bindDevice", "changePinByCode"])
        await assert.rejects(tasks[name]?.(stage) ?? Promise.resolve(), refusal("session_refused"));
    }
    assert.equal(sealed(stage.issuer).length, 0);
    await tasks["changePin"]?.(stage);
  });

  test("a session that another message used is a conflict: nothing was changed by this one", async () => {
    const stage = await atHand();
    const { relay } = stage.task;
    const first = {
      send: async (message: RelayMessage) => {
        if (message.path === "/native/operations") {
          const request = JSON.parse(message.body ?? "");
          const other = { ...request, message: request.message.replace(/.{4}$/, "AAAA") };
          await relay.send({ ...message, body: JSON.stringify(other) }).catch(() => undefined);
          stage.issuer.refusal = { result: "refused", code: "decryption_failed" };
          await relay.send({ ...message, body: JSON.stringify(other) });
          stage.issuer.refusal = undefined;
        }
        return relay.send(message);
      },
    };
    await assert.rejects(tasks["changePinByCode"]?.(stage, { relay: first }) ?? Promise.resolve(), refusal("conflict"));
    assert.equal(stage.issuer.pin, "0480");
  });

  test("before anything is sent it is aborted, and after it is unknown", async () => {
    const stage = await atHand();
    const controller = new AbortController();
    const confirm = () => {
      controller.abort();
      return true;
    };
    const task = { ...stage.card, confirm, signal: controller.signal, pin: pinOf("1928") };
    await assert.rejects(changePin(task), refusal("aborted"));
    assert.equal(sealed(stage.issuer).length, 0);
  });
});

suite("a relay that lies before anything is sealed", () => {
  const cases: Record<string, { lie: (stage: Stage, relay: NativeIssuer) => Relay; code: ErrorCode }> = {
    "hands on keys of its own": {
      lie: (_, relay) => relay.relay,
      code: "manifest_refused",
    },
    "hands on a session of its own issuer's": {
      lie: ({ task }, relay) =>
        lying(task.relay, async (message) => (message.path === "/native/sessions" ? relay.answer(message) : undefined)),
      code: "issuer_key_unvouched",
    },
    "plays back an older list": {
      lie: ({ issuer, task }) =>
        lying(task.relay, async ({ path }) =>
          path === "/issuer-keys" ? { body: await issuer.manifest(6) } : undefined,
        ),
      code: "manifest_refused",
    },
    "asks for another card": {
      lie: ({ task }) => ({
        send: (message) =>
          task.relay.send({ ...message, ...(message.body && { body: message.body.replace("card_1", "card_2") }) }),
      }),
      code: "session_refused",
    },
    "says that there is no such card": {
      lie: ({ task }) =>
        lying(task.relay, ({ path }) =>
          path === "/native/sessions" ? { status: 404, body: { code: "card_unknown" } } : undefined,
        ),
      code: "card_unknown",
    },
    "answers with anything": {
      lie: () => ({ send: async () => ({ status: 200, body: 7 }) }),
      code: "manifest_refused",
    },
    "does not answer": {
      lie: () => ({ send: () => Promise.reject(new Error("x")) }),
      code: "unreachable",
    },
  };
  for (const [what, { lie, code }] of Object.entries(cases))
    for (const [name, run] of Object.entries(tasks))
      test(`${name}: it ${what}`, async () => {
        const stage = await atHand();
        await assert.rejects(run(stage, { relay: lie(stage, await NativeIssuer.start()) }), refusal(code));
        assert.equal(sealed(stage.issuer).length, 0);
        assert.deepEqual([stage.issuer.pin, stage.issuer.devices.size], ["0480", 1]);
      });

  test("it plays back a session", async () => {
    const stage = await atHand();
    let former: RelayAnswer | undefined;
    const relay = lying(stage.task.relay, ({ path }, answer) => {
      if (path !== "/native/sessions") return undefined;
      former ??= answer;
      return former;
    });
    await verifyPin({ ...stage.card, relay, pin: pinOf("0480") });
    await assert.rejects(verifyPin({ ...stage.card, relay, pin: pinOf("0480") }), refusal("session_refused"));
  });

  test("it has sessions of another person's card", async () => {
    const stage = await atHand();
    stage.issuer.changed = { sub: "person_2", holder: "Mallory" };
    for (const run of Object.values(tasks)) await assert.rejects(run(stage), refusal("session_refused"));
    assert.equal(sealed(stage.issuer).length, 0);
  });

  test("a list that is handed on with the session spares the way, and an old one does not harm", async () => {
    const stage = await atHand();
    for (const [seq, listed] of [
      [7, 0],
      [6, 1],
    ] as const) {
      const relay = lying(stage.task.relay, async ({ path }, { body }) =>
        path === "/native/sessions"
          ? { body: { ...(body as object), manifest: await stage.issuer.manifest(seq) } }
          : undefined,
      );
      stage.issuer.sent.length = 0;
      await verifyPin({ ...stage.card, relay, pin: pinOf("0480") });
      assert.equal(stage.issuer.sent.filter(({ path }) => path === "/issuer-keys").length, listed);
    }
  });

  test("a clock that is a year behind harms nothing; one that is a year ahead refuses", async () => {
    const stage = await atHand();
    const clockOff = (years: number) => ({ clock: () => new Date(Date.now() + years * 365 * 86_400_000) });
    await verifyPin({ ...stage.card, ...clockOff(-1), pin: pinOf("0480") });
    for (const run of Object.values(tasks)) await assert.rejects(run(stage, clockOff(1)), refusal("manifest_expired"));
  });
});
