import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Context } from "@linchpin/server/issuer";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { endIncomingKeys } from "../../src/restore/end-incoming-keys.ts";

describe("the keys that a restore ends", () => {
  let context: Context;
  let close: () => Promise<void>;
  before(async () => {
    ({ context, close } = await openOwnContext(() => new Date()));
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
});
