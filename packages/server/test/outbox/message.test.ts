import assert from "node:assert/strict";
import { it } from "node:test";
import { LinchpinError, utf8 } from "@linchpin/core";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { messageEntry } from "../../src/outbox/message.ts";

it("a message's text is wiped when it could not be sealed", async () => {
  const { context, close } = await openOwnContext(() => new Date());
  context.keyring.seal = () => Promise.reject(new LinchpinError("unavailable"));
  const text = utf8("Your PIN is 1928");
  try {
    await assert.rejects(messageEntry(context, { to: "+15550101", channel: "letter", text }));
    assert.ok(text.every((byte) => byte === 0));
  } finally {
    await close();
  }
});
