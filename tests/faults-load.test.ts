import assert from "node:assert/strict";
import { test } from "node:test";
import { freePort } from "@linchpin/test-fixtures/system/free-port";
import { call } from "@linchpin/testing/call";
import { answerOf, sealedBy } from "../faults/answer-of.ts";
import type { Message } from "../faults/senders.ts";

const messageThat = (send: Message["send"]): Message => ({
  subject: "a card",
  name: "a message",
  asked: { to: "reveal" },
  send,
});

test("a server that does not answer leaves a message open; a mistake of the sender's is none of the server's answers", async () => {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const ask = async () => {
    const { body } = await call("GET", `${origin}/`);
    return body;
  };
  const mistaken = async () => (undefined as unknown as { keys: string[] }).keys[0] as never;

  assert.deepEqual(await answerOf(messageThat(ask), origin), { says: "unknown", why: "ECONNREFUSED" });
  await assert.rejects(answerOf(messageThat(mistaken), origin), TypeError);
  assert.equal(await sealedBy(ask, origin), null);
  await assert.rejects(sealedBy(mistaken, origin), TypeError);
});
