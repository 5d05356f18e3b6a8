import assert from "node:assert/strict";
import { createDecipheriv, randomBytes } from "node:crypto";
import { after, before } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { handMadeSpritz } from "@linchpin/test-fixtures/messages/hand-made-spritz";
import { type Answer, call } from "@linchpin/testing/call";
import { SpritzCardholder } from "@linchpin/testing/spritz";
import { contradiction, statement, testDocuments } from "./statements.ts";

let issuer: SandboxIssuer;
let holder: SpritzCardholder;

before(async () => {
  issuer = await startSandboxIssuer();
  holder = await SpritzCardholder.create(issuer.url);
  assert.equal((await set("8264")).status, 200);
});
after(() => issuer.stop());

const blockOf = (digits: string) => `2${digits.length.toString(16)}${digits}`.padEnd(16, "F");
const message = (digits: string, wrong: Parameters<typeof handMadeSpritz>[2] = {}) =>
  handMadeSpritz(holder.access.publicKey, blockOf(digits), wrong);
const set = (digits: string, wrong: Parameters<typeof handMadeSpritz>[2] = {}) =>
  holder.sendSet(message(digits, wrong));
/** To Rain's present row, or to its legacy one. */
const ofRain = (digits: string, hash: "sha512" | "sha1" = "sha512") => {
  const { publicKey, legacyPublicKey } = holder.access.rain;
  return handMadeSpritz(hash === "sha512" ? publicKey : legacyPublicKey, blockOf(digits), { oaepHash: hash });
};
const matches = async (digits: string) => (await holder.verify(digits)).body.result === "match";

/** By the scheme's description alone. */
async function shown(form: "spritz" | "rain" = "spritz") {
  const key = randomBytes(16);
  const { access } = holder;
  const [pem, oaepHash] = form === "rain" ? [access.rain.publicKey, "sha512"] : [access.publicKey, "sha1"];
  const { encryptedKey } = handMadeSpritz(pem, "", { key, oaepHash });
  const { status, body } = await (form === "rain" ? holder.sendRainGet(encryptedKey) : holder.sendGet(encryptedKey));
  assert.equal(status, 200, JSON.stringify(body));
  const [iv, data] = [Buffer.from(body.encryptedPin.iv, "base64"), Buffer.from(body.encryptedPin.data, "base64")];
  const decipher = createDecipheriv("aes-128-gcm", key, iv).setAuthTag(data.subarray(-16));
  const block = Buffer.concat([decipher.update(data.subarray(0, -16)), decipher.final()]).toString();
  return { body, iv, data, block };
}

function assertUndecrypted({ status, body }: Answer): void {
  assert.deepEqual([status, body.code], [400, "pin_decryption_failed"], JSON.stringify(body));
}

const authentication = [
  statement(18, "Spritz: Authorization: Bearer, the user's API key.", async () => {
    assert.equal((await set("8264")).status, 200);
    assert.equal((await holder.sendSet(message("8264"), { authorization: "Bearer another" })).status, 401);
  }),
  statement(18, "X-INTEGRATION-KEY may come with it; the bearer key decides.", async () => {
    assert.equal((await holder.sendSet(message("8264"), { "X-INTEGRATION-KEY": "any" })).status, 200);
  }),
  statement(19, "Rain: the header Api-Key; a bearer token is taken as well.", async () => {
    const byKey = { authorization: "", "Api-Key": holder.access.apiKey };
    assert.equal((await holder.sendRainSet(ofRain("8264"), byKey)).status, 204);
    assert.equal((await holder.sendRainSet(ofRain("8264"))).status, 204);
  }),
];

const endpoints = [
  statement(22, "Form and multipart bodies are 415.", async () => {
    for (const type of ["application/x-www-form-urlencoded", "multipart/form-data"])
      assert.equal((await holder.sendSet("a=1", { "content-type": type })).status, 415);
  }),
  statement(26, "The set by PUT /v1/cards/{cardId}/pin.", async () => {
    assert.deepEqual((await set("3907")).body, { success: true });
    assert.ok(await matches("3907"));
  }),
  statement(26, "The set by POST /v1/cards/{cardId}/update_pin.", async () => {
    const path = `/v1/cards/${holder.access.cardId}/update_pin`;
    assert.deepEqual((await holder.partner("POST", path, message("2708"))).body, { success: true });
    assert.ok(await matches("2708"));
  }),
  statement(26, "encryptedKey, encryptedPin.iv and encryptedPin.data are required.", async () => {
    const { encryptedKey, encryptedPin } = message("2708");
    const { iv, data } = encryptedPin;
    for (const body of [
      { encryptedPin },
      { encryptedKey },
      { encryptedKey, encryptedPin: { iv } },
      { encryptedKey, encryptedPin: { data } },
    ])
      assert.equal((await holder.sendSet(body)).status, 400);
  }),
  statement(27, "The get by POST /v1/cards/{cardId}/pin: 200 {encryptedPin:{iv, data}}.", async () => {
    const { body } = await shown();
    assert.deepEqual([Object.keys(body), Object.keys(body.encryptedPin)], [["encryptedPin"], ["iv", "data"]]);
  }),
  statement(28, "GET /v1/cards/{cardId} has these members.", async () => {
    const { body } = await holder.partner("GET", `/v1/cards/${holder.access.cardId}`);
    const members = "id,status,type,country,currency,last4,limit,payable,renderSecret,createdAt";
    assert.deepEqual(Object.keys(body), members.split(","));
    assert.deepEqual([body.status, body.limit, body.payable, body.renderSecret], ["active", null, true, ""]);
  }),
  statement(29, "Rain's set by PUT with SessionId, without a body in the answer.", async () => {
    const { status, body } = await holder.sendRainSet(ofRain("5917"));
    assert.deepEqual([status, body ?? undefined], [204, undefined]);
    assert.ok(await matches("5917"));
  }),
  contradiction(29, "One integrator uses PATCH.", "405", async () => {
    assert.equal((await holder.partner("PATCH", `/v1/issuing/cards/${holder.access.cardId}/pin`, {})).status, 405);
  }),
  statement(30, "Rain's get by GET with SessionId: 200 {encryptedPin:{iv, data}}.", async () => {
    assert.deepEqual(Object.keys((await shown("rain")).body), ["encryptedPin"]);
  }),
  statement(33, "Card status is active, frozen or cancelled; payable is whether it is active.", async () => {
    const card = await SpritzCardholder.create(issuer.url);
    const seen: unknown[] = [];
    for (const state of ["active", "blocked", "terminated"]) {
      await card.operator("PATCH", `/cards/${card.issuerCardId}`, { state });
      const { body } = await card.partner("GET", `/v1/cards/${card.access.cardId}`);
      seen.push([body.status, body.payable]);
    }
    assert.deepEqual(seen, [
      ["active", true],
      ["frozen", false],
      ["cancelled", false],
    ]);
  }),
  statement(34, "Base64 is of the standard alphabet and padded; the header's case does not matter.", async () => {
    const { encryptedKey, encryptedPin } = message("8264");
    assertUndecrypted(await holder.sendSet({ encryptedKey: encryptedKey.replaceAll("=", ""), encryptedPin }));
    const sealed = ofRain("8264");
    const path = `${holder.access.baseUrl}/v1/issuing/cards/${holder.access.cardId}/pin`;
    const headers = { "api-key": holder.access.apiKey, SESSIONID: sealed.encryptedKey };
    const answer = await call("PUT", path, { headers, body: { encryptedPin: sealed.encryptedPin } });
    assert.equal(answer.status, 204);
  }),
];

const keys = [
  statement(37, "The sandbox's row and GET /issuer/v1/keys show the keys of spritz-pin and rain-pin.", async () => {
    const { body } = await holder.operator("GET", "/keys");
    const { publicKey, rain } = holder.access;
    const shownAs = { "spritz-pin": publicKey, "rain-pin": rain.publicKey, "rain-pin-legacy": rain.legacyPublicKey };
    for (const [purpose, pem] of Object.entries(shownAs)) {
      const listed = body.find((key: { purpose: string }) => key.purpose === purpose);
      assert.equal(pem.replace(/-----[^-]+-----|\s/g, ""), listed.publicKey, purpose);
    }
  }),
  statement(37, "Nothing in the message names the key: after a rotation the earlier one is accepted.", async () => {
    const early = holder.access.publicKey;
    assert.equal((await holder.operator("POST", "/keys/spritz-pin/rotate")).status, 201);
    assert.equal((await holder.sendSet(handMadeSpritz(early, blockOf("2708")))).status, 200);
    assert.ok(await matches("2708"));
  }),
  statement(41, "Rain, present: SHA-512, and no other hash by that key.", async () => {
    const wrong = handMadeSpritz(holder.access.rain.publicKey, blockOf("8264"), { oaepHash: "sha1" });
    assert.equal((await holder.sendRainSet(wrong)).status, 400);
    assert.equal((await holder.sendRainSet(ofRain("8264"))).status, 204);
  }),
  contradiction(42, "Rain, legacy: 1024 bits, SHA-1.", "2048 bits, a key of its own", async () => {
    assert.equal((await holder.sendRainSet(ofRain("8264", "sha1"))).status, 204);
    assert.equal(Buffer.from(ofRain("8264", "sha1").encryptedKey, "base64").length, 256);
  }),
  statement(43, "Spritz: SHA-1 and RSA-2048, where nothing else is set.", async () => {
    assertUndecrypted(await set("8264", { oaepHash: "sha512" }));
    assert.equal((await set("8264", { oaepHash: "sha1" })).status, 200);
  }),
];

const cryptography = [
  statement(48, "The session key has 16 bytes; 32 are refused.", async () => {
    assertUndecrypted(await set("8264", { key: randomBytes(32) }));
  }),
  statement(49, "What is wrapped are the 24 characters of base64, not the 16 bytes.", async () => {
    const key = randomBytes(16);
    assertUndecrypted(await set("8264", { key, wrapped: key }));
  }),
  statement(50, "encryptedKey is base64 of RSAES-OAEP: 344 characters.", async () => {
    assert.equal(message("8264").encryptedKey.length, 344);
    assertUndecrypted(await set("8264", { isPkcs1: true }));
  }),
  statement(51, "The block is 2, the length as a hexadecimal digit, the digits, F up to 16 characters.", async () => {
    assert.equal((await set("5917")).status, 200);
    assert.equal((await shown()).block, "245917FFFFFFFFFF");
  }),
  statement(51, "A length of 10 to 12 is a letter; either case is taken.", async () => {
    const long = await holder.inProgram({ policy: { minLength: 4, maxLength: 12 } });
    for (const block of ["2a0471829350FFFF", "2B04718293506FFF", "2C047182935061ff"])
      assert.equal((await long.sendSet(handMadeSpritz(long.access.publicKey, block))).status, 200, block);
  }),
  statement(51, "Control field, length, digits and fill are checked.", async () => {
    for (const block of ["045917FFFFFFFFFF", "23591FFFFFFFFFFF", "2459A7FFFFFFFFFF", "2459170000000000"])
      assertUndecrypted(await holder.sendSet(handMadeSpritz(holder.access.publicKey, block)));
  }),
  statement(52, "AES-128-GCM, no AAD, the tag appended: data has 32 bytes.", async () => {
    assert.equal((await shown()).data.length, 32);
    assertUndecrypted(await set("8264", { aad: Buffer.from("aad") }));
    assertUndecrypted(await set("8264", { arrange: (ciphertext, tag) => [tag, ciphertext] }));
  }),
  statement(53, "An IV of 12 or 16 bytes is taken and no other; the answer has 16.", async () => {
    for (const length of [8, 11, 12, 13, 15, 16, 17]) {
      const answer = await set("8264", { iv: randomBytes(length) });
      if (length === 12 || length === 16) assert.equal(answer.status, 200);
      else assertUndecrypted(answer);
    }
    assert.equal((await shown()).iv.length, 16);
  }),
  statement(54, "A get shows the stored PIN's block under K, with a fresh IV.", async () => {
    await set("3907");
    const [one, other] = [await shown(), await shown("rain")];
    assert.deepEqual([one.block, other.block], ["243907FFFFFFFFFF", "243907FFFFFFFFFF"]);
    assert.notDeepEqual(one.iv, other.iv);
  }),
  statement(
    55,
    "In a set every way not to open is one error; in a get only the wrap can fail, with a plain 400.",
    async () => {
      const answers = [
        await set("8264", { oaepHash: "sha256" }),
        await set("8264", { wrapped: "no key" }),
        await set("8264", { arrange: (ciphertext) => [ciphertext, randomBytes(16)] }),
        await holder.sendSet(handMadeSpritz(holder.access.publicKey, "no PIN block, it")),
      ];
      for (const answer of answers) assertUndecrypted(answer);
      assert.equal(new Set(answers.map(({ body }) => body.title)).size, 1);
      assertUndecrypted(await holder.sendGet(message("8264", { wrapped: "no key" }).encryptedKey));
    },
  ),
];

const rules = [
  statement(61, "Weak PINs are refused, as 1111 and 1234.", async () => {
    for (const digits of ["1111", "1234"]) assert.equal((await set(digits)).body.code, "pin_not_allowed");
  }),
  statement(64, "A set is taken while the PIN is blocked, and a get is refused then.", async () => {
    const blocked = await SpritzCardholder.create(issuer.url);
    await blocked.changePin("0471");
    for (let tries = 0; tries < 3; tries++) await blocked.verify("9999");
    const { encryptedKey } = handMadeSpritz(blocked.access.publicKey, "");
    assert.equal((await blocked.sendGet(encryptedKey)).body.code, "pin_blocked");
    assert.equal((await blocked.changePin("8264")).status, 200);
  }),
  statement(67, "A session key is used once, in a set or a get, also when wrapped again.", async () => {
    const key = randomBytes(16);
    assert.equal((await set("8264", { key })).status, 200);
    assert.equal((await set("8264", { key })).body.code, "session_key_used");
    assert.equal((await holder.sendGet(message("", { key }).encryptedKey)).body.code, "session_key_used");
  }),
  statement(67, "What is refused by key, shape or policy is not spent.", async () => {
    const key = randomBytes(16);
    assert.equal((await set("1234", { key })).body.code, "pin_not_allowed");
    assert.equal((await set("8264", { key })).status, 200);
  }),
  statement(68, "Rain's Idempotency-Key: the answer is kept, and its headers come back.", async () => {
    const { encryptedKey, encryptedPin } = ofRain("2708");
    for (const cached of [null, "true"]) {
      const answer = await fetch(`${holder.access.baseUrl}/v1/issuing/cards/${holder.access.cardId}/pin`, {
        method: "PUT",
        headers: {
          "Api-Key": holder.access.apiKey,
          "content-type": "application/json",
          "Idempotency-Key": "key-1",
          SessionId: encryptedKey,
        },
        body: JSON.stringify({ encryptedPin }),
      });
      const named = [answer.headers.get("idempotency-key"), answer.headers.get("idempotency-cached")];
      assert.deepEqual([answer.status, ...named], [204, "key-1", cached]);
    }
  }),
];

const errors = [
  statement(71, "401 has the type urn:problem-type:auth:unauthorized.", async () => {
    const { status, body } = await holder.sendSet(message("8264"), { authorization: "" });
    assert.deepEqual([status, body.type, body.status], [401, "urn:problem-type:auth:unauthorized", 401]);
  }),
  statement(71, "404 has resourceType and resourceId.", async () => {
    const { status, body } = await holder.partner("PUT", "/v1/cards/none/pin", message("8264"));
    assert.deepEqual([status, body.resourceType, body.resourceId], [404, "card", "none"]);
  }),
  statement(71, "Errors are application/problem+json.", async () => {
    const answer = await fetch(`${holder.access.baseUrl}/v1/cards/none`);
    assert.equal(answer.headers.get("content-type")?.split(";")[0], "application/problem+json");
  }),
  statement(72, "Rain: {statusCode, error, message}; its text where the wrap does not open.", async () => {
    const { status, body } = await holder.sendRainSet(message("8264"));
    assert.deepEqual([status, body.statusCode, body.error], [400, 400, "Bad Request"]);
    assert.match(body.message, /^Failed to Decrypt Session ID, RSA Public key Not Matching/);
  }),
  statement(72, "Rain: a get for a card without a PIN is 404, with its text.", async () => {
    const fresh = await SpritzCardholder.create(issuer.url);
    const { status, body } = await fresh.sendRainGet(ofRain("").encryptedKey);
    assert.equal(status, 404);
    assert.match(body.message, /^Failed to get PIN, card does not have PIN set/);
  }),
  statement(73, "The sandbox's explanation goes into detail and message.", async () => {
    assert.match((await set("8264", { isPkcs1: true })).body.detail, /PKCS#1 v1.5/);
    const { body } = await holder.sendRainSet(handMadeSpritz(holder.access.rain.publicKey, "", { isPkcs1: true }));
    assert.match(body.message, /PKCS#1 v1.5/);
  }),
];

const sizes = [
  statement(89, "data has 44 characters for every length of PIN, a wrap 344.", async () => {
    for (const digits of ["0471", "047182935061"]) {
      const { encryptedKey, encryptedPin } = await holder.seal(digits);
      assert.deepEqual([encryptedKey.length, encryptedPin.data.length, encryptedPin.iv.length], [344, 44, 24]);
    }
  }),
  statement(89, "A body has at most 4 kB, a SessionId 1 kB.", async () => {
    const { encryptedKey, encryptedPin } = message("8264");
    const large = { encryptedKey, encryptedPin: { ...encryptedPin, data: "A".repeat(4096) } };
    assert.equal((await holder.sendSet(large)).status, 413);
    assert.equal((await holder.sendRainGet("A".repeat(1028))).status, 400);
  }),
];

testDocuments("spritz", [
  { name: "Spritz and Rain, authentication", statements: authentication },
  { name: "Spritz and Rain, endpoints", statements: endpoints },
  { name: "Spritz and Rain, keys", statements: keys },
  { name: "Spritz and Rain, cryptography", statements: cryptography },
  { name: "Spritz and Rain, rules, state and replay", statements: rules },
  { name: "Spritz and Rain, errors", statements: errors },
  { name: "Spritz and Rain, sizes", statements: sizes },
]);
