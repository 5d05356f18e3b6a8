import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { encryptBlocks, handMadePinAttribute, wrapOaep } from "@linchpin/test-fixtures/messages/hand-made-worldline";
import { type Answer, call } from "@linchpin/testing/call";
import { WorldlineCardholder } from "@linchpin/testing/worldline";
import { statement, testDocuments } from "./statements.ts";

// The vendor publishes an OpenAPI file alone, which is held here path by path, by messages that are made by hand.
// Lines number the statements.

let issuer: SandboxIssuer;
before(async () => {
  issuer = await startSandboxIssuer();
});
after(() => issuer.stop());

const create = () => WorldlineCardholder.create(issuer.url);

/** A card, and a set of its PIN made by hand. */
async function setOf(digits = "2846", about: { sessionKey?: Buffer; keyId?: "01" | "02" } = {}) {
  const holder = await create();
  const { keyId = "01" } = about;
  const publicKey = await holder.keySet(keyId);
  const pinAttribute = handMadePinAttribute(publicKey, { pan: holder.access.pan, digits, ...about });
  return { holder, publicKey, pinAttribute };
}

async function assertSet(answer: Answer, holder: WorldlineCardholder, digits: string): Promise<void> {
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.equal((await holder.verify(digits)).body.result, "match");
}

async function displayed(holder: WorldlineCardholder, path: string, more: object = {}) {
  const sessionKey = randomBytes(32);
  const encryptedData = wrapOaep("sha256")(await holder.keySet(), sessionKey);
  const encryptedSessionKey = { algoId: "06", encryptedData, keyId: "01" };
  const { status, body } = await holder.bank(path, { encryptedSessionKey, ...more });
  assert.equal(status, 200, JSON.stringify(body));
  return body.data.externalPinAttribute;
}

testDocuments("worldline", [
  {
    name: "Worldline Card Issuing 2.41.1, PIN operations",
    statements: [
      statement(1, "A token is given for client credentials, and goes with every call.", async () => {
        const holder = await create();
        assert.equal((await holder.makeToken()).body.token_type, "Bearer");
        const { baseUrl, issuerId, cardReference } = holder.access;
        const url = `${baseUrl}/card-issuing/api/v2/issuers/${issuerId}/cards/${cardReference}/pin`;
        assert.equal((await call("POST", url, { body: {} })).status, 401);
      }),
      statement(2, "POST /{cardReference}/pin sets a PIN, and answers the request's pinAttribute.", async () => {
        const { holder, pinAttribute } = await setOf();
        const answer = await holder.card("pin", { pinAttribute });
        await assertSet(answer, holder, "2846");
        assert.deepEqual(answer.body.data, { pinAttribute });
      }),
      statement(3, "POST /external-cards/{issuerCardExternalReference}/pin does so too.", async () => {
        const { holder, pinAttribute } = await setOf();
        await assertSet(
          await holder.bank(`/external-cards/${holder.issuerCardId}/pin`, { pinAttribute }),
          holder,
          "2846",
        );
      }),
      statement(4, "POST /pin names the card by pan, with panSequenceNumber, panExpiryDate or both.", async () => {
        const { holder, pinAttribute } = await setOf();
        const named = { pan: holder.access.pan, panSequenceNumber: "01" };
        await assertSet(await holder.bank("/pin", { ...named, pinAttribute }), holder, "2846");
      }),
      statement(5, "POST /{cardReference}/display-pin answers externalPinAttribute, of ISO-4.", async () => {
        const { holder, pinAttribute } = await setOf();
        await assertSet(await holder.card("pin", { pinAttribute }), holder, "2846");
        const shown = await displayed(holder, `/${holder.access.cardReference}/display-pin`);
        assert.deepEqual(Object.keys(shown), ["pinAlgorithmId", "pinBlock", "pinBlockFormat", "keyId"]);
        assert.deepEqual([shown.pinAlgorithmId, shown.pinBlockFormat, shown.keyId], ["04", "ISO-4", "01"]);
        assert.match(shown.pinBlock, /^[0-9A-F]{32}$/);
      }),
      statement(6, "POST /external-cards/{…}/display-pin and POST /display-pin do so too.", async () => {
        const { holder, pinAttribute } = await setOf();
        await assertSet(await holder.card("pin", { pinAttribute }), holder, "2846");
        await displayed(holder, `/external-cards/${holder.issuerCardId}/display-pin`);
        await displayed(holder, "/display-pin", { pan: holder.access.pan, panSequenceNumber: "01" });
      }),
      statement(7, "event is EXTERNAL, INTERNAL, ATM or IVR.", async () => {
        for (const event of ["EXTERNAL", "INTERNAL", "ATM", "IVR"]) {
          const { holder, pinAttribute } = await setOf();
          await assertSet(await holder.card("pin", { event, pinAttribute }), holder, "2846");
        }
      }),
      statement(8, "pinAttribute requires pinAlgorithmId, pinBlock and pinBlockFormat.", async () => {
        const { holder, pinAttribute } = await setOf();
        for (const member of ["pinAlgorithmId", "pinBlock", "pinBlockFormat"]) {
          const without = Object.fromEntries(Object.entries(pinAttribute).filter(([name]) => name !== member));
          assert.equal((await holder.card("pin", { pinAttribute: without })).status, 400, member);
        }
      }),
      statement(9, "encryptedSessionKey requires algoId, encryptedData and keyId; keyId is 01 or 02.", async () => {
        const { holder, pinAttribute } = await setOf();
        const { encryptedSessionKey } = pinAttribute;
        for (const member of ["algoId", "encryptedData", "keyId"]) {
          const without = Object.fromEntries(Object.entries(encryptedSessionKey).filter(([name]) => name !== member));
          const answer = await holder.card("pin", { pinAttribute: { ...pinAttribute, encryptedSessionKey: without } });
          assert.equal(answer.status, 400, member);
        }
        const second = await setOf("2846", { keyId: "02" });
        const { pinAttribute: bySecond } = second;
        await assertSet(await second.holder.card("pin", { pinAttribute: bySecond }), second.holder, "2846");
      }),
      statement(10, "pinAlgorithmId 04 is ISO-4: E(K, E(K, PIN field) XOR PAN field).", async () => {
        const sessionKey = randomBytes(32);
        const { holder, pinAttribute } = await setOf("2846", { sessionKey });
        const field = Buffer.from("442846aaaaaaaaaa0011223344556677", "hex");
        const pan = Buffer.from(`4${holder.access.pan}`.padEnd(32, "0"), "hex");
        const first = encryptBlocks(sessionKey, field).map((byte, index) => byte ^ (pan[index] ?? 0));
        const pinBlock = encryptBlocks(sessionKey, first).toString("hex");
        await assertSet(await holder.card("pin", { pinAttribute: { ...pinAttribute, pinBlock } }), holder, "2846");
      }),
      statement(11, "WL-Correlation-ID comes back in responseMetadata.correlationId.", async () => {
        const { holder, pinAttribute } = await setOf();
        const answer = await holder.card("pin", { pinAttribute }, { "wl-correlation-id": "an id" });
        assert.equal(answer.body.responseMetadata.correlationId, "an id");
      }),
      statement(12, "responseMetadata has responseDateTime, statusCode and statusMessage.", async () => {
        const { holder, pinAttribute } = await setOf();
        const { responseMetadata } = (await holder.card("pin", { pinAttribute })).body;
        assert.match(responseMetadata.responseDateTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.deepEqual([responseMetadata.statusCode, responseMetadata.statusMessage], [200, "Executed successfully"]);
      }),
      statement(13, "POST /{cardReference}/reset-pin-try-counter answers an empty data.", async () => {
        const holder = await create();
        assert.deepEqual((await holder.card("reset-pin-try-counter")).body.data, {});
      }),
      statement(
        14,
        "After maximumPinTryCounter failures every PIN transaction is declined until the reset.",
        async () => {
          const { holder, pinAttribute } = await setOf();
          await assertSet(await holder.card("pin", { pinAttribute }), holder, "2846");
          for (const digits of ["1111", "2222", "3333"]) await holder.verify(digits);
          assert.equal((await holder.verify("2846")).body.result, "blocked");
          await holder.card("reset-pin-try-counter");
          assert.equal((await holder.verify("2846")).body.result, "match");
        },
      ),
      statement(15, "POST /pin-state answers texts, by cardReference or pan.", async () => {
        const holder = await create();
        const { cardReference, pan } = holder.access;
        for (const by of [{ cardReference }, { pan }]) {
          const { data } = (await holder.bank("/pin-state", by)).body;
          assert.equal(data.cardReference, cardReference);
          for (const value of Object.values(data)) assert.equal(typeof value, "string");
        }
      }),
      statement(16, "Refusals are 400, 401, 403 and 404, by their texts.", async () => {
        const { holder, pinAttribute } = await setOf();
        const textOf = ({ body }: Answer) => body.responseMetadata.statusMessage.split(":")[0];
        assert.equal(textOf(await holder.card("pin", {})), "Bad request");
        assert.equal(textOf(await holder.bank("/2000000000000000/pin", { pinAttribute })), "Not found");
      }),
    ],
  },
]);
