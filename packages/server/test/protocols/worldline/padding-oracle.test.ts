import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import {
  handMadePinAttribute,
  wrapOaep,
  wrapPkcs1,
  wrapRaw,
} from "@linchpin/test-fixtures/messages/hand-made-worldline";
import type { Answer } from "@linchpin/testing/call";
import { WorldlineCardholder } from "@linchpin/testing/worldline";

// Whoever captured a wrapped session key alters it and asks whether it still unwraps (Bleichenbacher 1998). With
// RSAES-PKCS1-v1_5 what unwraps and what does not must be answered alike, and alike again when it is sent again.

const statusesOf = (answers: readonly Answer[]) => answers.map(({ status }) => status);

describe("Worldline's session keys by RSAES-PKCS1-v1_5", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer({ environment: { LINCHPIN_WORLDLINE_KEY_WRAP: "pkcs1" } });
  });
  after(() => issuer.stop());
  const create = () => WorldlineCardholder.create(issuer.url);

  it("are on keys of their own, and set and display a PIN", async () => {
    const holder = await create();
    const keys = (await holder.operator("GET", "/keys")).body;
    const own = keys.filter(({ purpose }: { purpose: string }) => purpose.startsWith("worldline-pin"));
    assert.deepEqual(
      own.map(({ purpose, algorithm }: { purpose: string; algorithm: string }) => [purpose, algorithm]),
      Array(2).fill(["worldline-pin-pkcs1", "RSA-PKCS1"]),
    );
    const { pan } = holder.access;
    const pinAttribute = handMadePinAttribute(await holder.keySet(), { pan, digits: "0471", wrap: wrapPkcs1 });
    assert.equal((await holder.card("pin", { pinAttribute })).status, 200);
    assert.equal((await holder.verify("0471")).body.result, "match");
  });

  const wrong = {
    "another padding": { wrap: wrapOaep("sha256") },
    "no padding": { wrap: wrapRaw, wrapped: Buffer.alloc(256, 1) },
    "another length": { wrap: wrapPkcs1, wrapped: randomBytes(31) },
    "a key of AES-128": { wrap: wrapPkcs1, wrapped: randomBytes(16) },
  };
  for (const [what, about] of Object.entries(wrong))
    it(`display under ${what} as under a right one, once`, async () => {
      const holder = await create();
      const { pan } = holder.access;
      const publicKey = await holder.keySet();
      const set = handMadePinAttribute(publicKey, { pan, digits: "0471", wrap: wrapPkcs1 });
      assert.equal((await holder.card("pin", { pinAttribute: set })).status, 200);
      const twice = async (made: ReturnType<typeof handMadePinAttribute>) => {
        const display = { encryptedSessionKey: made.encryptedSessionKey };
        return statusesOf([await holder.card("display-pin", display), await holder.card("display-pin", display)]);
      };
      const right = await twice(handMadePinAttribute(publicKey, { pan, wrap: wrapPkcs1 }));
      assert.deepEqual(right, [200, 400]);
      assert.deepEqual(await twice(handMadePinAttribute(publicKey, { pan, ...about })), right);
    });

  it("are spent by each refusal of a set, alike whether they were unwrapped", async () => {
    const holder = await create();
    const { pan } = holder.access;
    const publicKey = await holder.keySet();
    const sessionKey = randomBytes(32);
    const badBlock = handMadePinAttribute(publicKey, { pan, digits: "284B", sessionKey, wrap: wrapPkcs1 });
    const notUnwrapped = handMadePinAttribute(publicKey, { pan, digits: "284B", wrap: wrapOaep("sha256") });
    const good = handMadePinAttribute(publicKey, { pan, sessionKey, wrap: wrapPkcs1 });
    const messages = [];
    for (const pinAttribute of [badBlock, badBlock, notUnwrapped, notUnwrapped, good]) {
      const answer = await holder.card("pin", { pinAttribute });
      assert.equal(answer.status, 400);
      messages.push(answer.body.responseMetadata.statusMessage);
    }
    assert.match(messages[4], /session key was used/, "the session key of a bad block is spent");
    assert.equal((await holder.issuerCard()).pin.status, "not_set");
    const weak = handMadePinAttribute(publicKey, { pan, digits: "1234", wrap: wrapPkcs1 });
    for (let time = 0; time < 2; time++) {
      const { body } = await holder.card("pin", { pinAttribute: weak });
      assert.match(body.responseMetadata.statusMessage, /sequence|digits|refuse/i);
    }
    const events = (await holder.auditEvents()).filter(({ operation }) => operation === "worldline.pin.set");
    assert.deepEqual(
      events.map(({ code }) => code),
      [
        "decryption_failed",
        "decryption_failed",
        "decryption_failed",
        "decryption_failed",
        "replayed",
        "pin_sequence",
        "pin_sequence",
      ],
    );
  });
});
