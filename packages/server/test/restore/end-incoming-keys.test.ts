import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Settings } from "@linchpin/server";
import type { Context } from "@linchpin/server/issuer";
import { contextOn } from "@linchpin/test-fixtures/issuer/context-on";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { endIncomingKeys } from "../../src/restore/end-incoming-keys.ts";

describe("the keys that a restore ends", () => {
  let context: Context;
  let settings: Settings;
  let close: () => Promise<void>;
  before(async () => {
    ({ context, settings, close } = await openOwnContext(() => new Date()));
  });
  after(() => close());

  test("are those that open what was sealed elsewhere, and the one that signs sessions", async () => {
    const before = new Map((await context.keyring.list()).map(({ purpose, id }) => [purpose, id]));
    const ended = await endIncomingKeys(context, {});
    assert.ok(["solaris-pin", "native-hpke", "native-signing"].every((purpose) => ended.includes(purpose)));
    assert.ok(!["card-pin", "secret", "audit", "native-root"].some((purpose) => ended.includes(purpose)));
    for (const { purpose, id, state } of await context.keyring.list(0))
      if (id === before.get(purpose)) assert.equal(state, ended.includes(purpose) ? "retired" : "current", purpose);
  });

  test("are those of a protocol that is turned off too, its pending one among them, which gets no other", async () => {
    await context.keyring.make("venly", {});
    const stripeAlone = await contextOn(context.store, { ...settings, enabledProtocols: ["stripe"] });
    try {
      assert.ok((await endIncomingKeys(stripeAlone.context, {})).includes("venly"));
      const states = (await context.keyring.list(0))
        .filter(({ purpose }) => purpose === "venly")
        .map(({ state }) => state);
      assert.ok(states.length > 0 && states.every((state) => state === "retired"), String(states));
    } finally {
      await stripeAlone.close();
    }
  });
});
