import assert from "node:assert/strict";
import { test } from "node:test";
import { keyRefusal, type ListedKey, protectedInWords } from "../src/listed-key.ts";

const key: ListedKey = {
  id: "id",
  purpose: "card-pin",
  version: 1,
  state: "accepted",
  algorithm: "A256GCM",
  vault: "software",
  atHome: true,
  publicKey: null,
  createdAt: "2026-11-22T12:00:00.000Z",
  acceptedUntil: null,
};
const refusedFor = (protects: Record<string, number>) =>
  keyRefusal({ status: 409, body: { code: "conflict", protects } }, key).message;

test("what is kept under a key is printed in words, kinds with none left out", () => {
  assert.equal(protectedInWords({ pins: 3, formerPins: 0, messages: 2 }), "3 stored PINs, 2 messages");
  assert.equal(protectedInWords({ pins: 0 }), "nothing");
});

test("a refusal says the count that is in the way, and what helps", () => {
  assert.match(
    refusedFor({ pins: 2000, signingMethods: 0 }),
    /kept under the key: 2000 stored PINs\. .*keys reseal card-pin/,
  );
  assert.match(refusedFor({ signingMethods: 4 }), /4 signing methods\. each signing method moves/);
});

test("a refusal for another reason is printed as the issuer says it", () => {
  const { message } = keyRefusal({ status: 404, body: { code: "not_found", title: "nothing is here" } }, key);
  assert.match(message, /404 not_found: nothing is here/);
});
