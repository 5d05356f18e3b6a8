import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { after, before } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import {
  freshNonce,
  handMadeLithicPin,
  type LithicSealing,
  messageOf,
} from "@linchpin/test-fixtures/messages/hand-made-lithic";
import { type Answer, call } from "@linchpin/testing/call";
import { LithicCardholder } from "@linchpin/testing/lithic";
import { statement, testDocuments } from "./statements.ts";

let issuer: SandboxIssuer;
let pem: string;
before(async () => {
  issuer = await startSandboxIssuer();
  pem = await (await create()).publicKeyPem();
});
after(() => issuer.stop());

const create = () => LithicCardholder.create(issuer.url);
const seal = (message: string, about?: LithicSealing) => handMadeLithicPin(pem, message, about);
const read = async (holder: LithicCardholder) => (await holder.partner("GET", `/v1/cards/${holder.cardToken}`)).body;
const createCard = (holder: LithicCardholder, members: object, headers?: Record<string, string>) =>
  holder.partner("POST", "/v1/cards", { type: "VIRTUAL", ...members }, headers);

async function set(holder: LithicCardholder, digits = "0471", message = messageOf(digits)): Promise<Answer["body"]> {
  const { status, body } = await holder.sendPin(seal(message));
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal((await holder.verify(digits)).body.result, "match");
  return body;
}

async function block(holder: LithicCardholder): Promise<void> {
  for (const digits of ["1111", "2222", "3333"]) await holder.verify(digits);
  assert.equal((await read(holder)).pin_status, "BLOCKED");
}

/** The sandbox's explanation stands behind a colon. */
function assertRefused({ status, body }: Answer, expected: number, message: string): void {
  assert.deepEqual([status, body.message.split(":")[0]], [expected, message], JSON.stringify(body));
}

const undecrypted = "Could not decrypt PIN";
const used = "PIN has already been used";

const places = [
  statement(11, "Paths below /v1 are the vendor's.", async () => {
    const holder = await create();
    assert.equal(holder.baseUrl, `${issuer.url}/lithic`);
    assert.equal((await holder.partner("GET", `/v1/cards/${holder.cardToken}`)).status, 200);
  }),
  statement(12, "The key's path is the vendor's: /assets/api/api.lithic.com.pub.pem.", async () => {
    const { publicKeyUrl } = await create();
    assert.equal(publicKeyUrl, `${issuer.url}/lithic/assets/api/api.lithic.com.pub.pem`);
  }),
  statement(
    17,
    "Authorization holds the key alone; a scheme before it is refused; the key file takes none.",
    async () => {
      const holder = await create();
      const path = `/v1/cards/${holder.cardToken}`;
      const bearer = await holder.partner("GET", path, undefined, { authorization: `Bearer ${holder.apiKey}` });
      assertRefused(bearer, 401, "Please provide API key in the form Authorization");
      assert.equal((await call("GET", holder.publicKeyUrl)).status, 200);
    },
  ),
];

const endpoints = [
  statement(24, "GET the PIN key: PEM.", async () => assert.match(pem, /^-----BEGIN PUBLIC KEY-----\n/)),
  statement(25, "POST /v1/cards creates a card, with pin or without: 201.", async () => {
    const holder = await create();
    const made = await createCard(holder, { pin: seal(messageOf("0471")) });
    assert.deepEqual([made.status, made.body.pin_status], [201, "OK"]);
    assert.equal((await createCard(holder, {})).body.pin_status, "NOT_SET");
  }),
  statement(26, "PATCH /v1/cards/{card_token} with pin sets and changes the PIN: 200, the card.", async () => {
    const holder = await create();
    assert.equal((await set(holder, "0471")).token, holder.cardToken);
    await set(holder, "8264");
  }),
  statement(27, "pin_status OK unblocks, and there is no other value.", async () => {
    const holder = await create();
    await set(holder);
    await block(holder);
    assertRefused(await holder.update({ pin_status: "BLOCKED" }), 400, "PIN status can only be set to OK");
    assert.equal((await holder.update({ pin_status: "OK" })).body.pin_status, "OK");
    assert.equal((await holder.verify("0471")).body.result, "match");
  }),
  statement(28, "state is OPEN, PAUSED or CLOSED; CLOSED is final.", async () => {
    const holder = await create();
    for (const state of ["PAUSED", "OPEN", "CLOSED"]) assert.equal((await holder.update({ state })).body.state, state);
    assertRefused(await holder.update({ state: "OPEN" }), 400, "Card is closed");
  }),
  statement(29, "GET /v1/cards/{card_token} reads the card.", async () => {
    const holder = await create();
    assert.deepEqual(await set(holder), await read(holder));
  }),
  statement(31, "Six types of cards; pin for PHYSICAL and VIRTUAL only.", async () => {
    const holder = await create();
    for (const type of ["VIRTUAL", "PHYSICAL", "SINGLE_USE", "MERCHANT_LOCKED", "UNLOCKED", "DIGITAL_WALLET"]) {
      const made = await createCard(holder, { type });
      assert.deepEqual([made.status, made.body.type], [201, type]);
      const { status } = await createCard(holder, { type, pin: seal(messageOf("0471")) });
      assert.equal(status, ["VIRTUAL", "PHYSICAL"].includes(type) ? 201 : 400, type);
    }
  }),
  statement(32, "A card's required members are there, pan, cvv and the PIN never.", async () => {
    const card = await set(await create());
    const required = ["token", "account_token", "card_program_token", "created", "funding", "last_four", "pin_status"];
    for (const member of [...required, "spend_limit", "spend_limit_duration", "state", "type"])
      assert.ok(member in card, member);
    for (const member of ["pin", "pan", "cvv"]) assert.ok(!(member in card), member);
  }),
  statement(33, "What is not sent stays; an unknown member or query parameter is 400.", async () => {
    const holder = await create();
    const kept = { memo: "Travel", spend_limit: 1000, spend_limit_duration: "MONTHLY" };
    assert.partialDeepStrictEqual((await holder.update(kept)).body, kept);
    assert.partialDeepStrictEqual((await holder.update({ memo: "Home" })).body, { ...kept, memo: "Home" });
    assertRefused(await holder.update({ pins: "x" }), 400, "[pins] is not a valid parameter");
    const path = `/v1/cards/${holder.cardToken}?expand=x`;
    assertRefused(await holder.partner("GET", path), 400, "[expand] is not a valid parameter");
  }),
];

const cryptography = [
  statement(36, "The key has 4096 bits; the earlier one stays accepted after a rotation.", async () => {
    const holder = await create();
    assert.equal(createPublicKey(pem).asymmetricKeyDetails?.modulusLength, 4096);
    const before = seal(messageOf("0471"));
    await holder.operator("POST", "/keys/lithic-pin/rotate");
    assert.notEqual(await holder.publicKeyPem(), pem);
    assert.equal((await holder.sendPin(before)).status, 200);
  }),
  statement(
    39,
    "The plaintext is JSON with nonce and pin: white space, either order, a leading zero stays.",
    async () => {
      const messages = [
        (nonce: string) => `{"nonce":${nonce},"pin":"0471"}`,
        (nonce: string) => `{"nonce": ${nonce}, "pin": "0471"}`,
        (nonce: string) => `{"pin":"0471","nonce":${nonce}}`,
      ];
      for (const make of messages) await set(await create(), "0471", make(freshNonce()));
    },
  ),
  statement(39, "Further or repeated members, escapes and text behind the object are refused.", async () => {
    const holder = await create();
    for (const message of [
      `{"nonce":${freshNonce()},"pin":"0471","card":1}`,
      `{"nonce":${freshNonce()},"pin":"0471","pin":"0471"}`,
      `{"nonce":${freshNonce()},"pin":"\\u0030471"}`,
      `${messageOf("0471")}{}`,
      `{"nonce":"${freshNonce()}","pin":"0471"}`,
      `{"nonce":${freshNonce()},"pin":4711}`,
      '{"pin":"0471"}',
    ])
      assertRefused(await holder.sendPin(seal(message)), 400, undecrypted);
  }),
  statement(40, "RSAES-OAEP with SHA-1, MGF1-SHA-1 and an empty label; at most 470 bytes fit.", async () => {
    await set(await create(), "0471", messageOf("0471").padEnd(470));
    const holder = await create();
    for (const about of [{ hash: "sha256" }, { padding: "pkcs1" }, { label: Buffer.from("label") }] as const)
      assertRefused(await holder.sendPin(seal(messageOf("0471"), about)), 400, undecrypted);
  }),
  statement(41, "pin is base64 of 512 bytes, standard alphabet, padded: 684 characters.", async () => {
    const holder = await create();
    const sealed = seal(messageOf("0471"));
    assert.equal(sealed.length, 684);
    for (const text of [sealed.replace("=", ""), seal(messageOf("0471"), { encoding: "hex" }), btoa(sealed)])
      assertRefused(await holder.sendPin(text), 400, undecrypted);
    assert.equal((await holder.sendPin(sealed)).status, 200);
  }),
  statement(42, "Wrong padding, wrong key and a plaintext that is no such object are one error.", async () => {
    const holder = await create();
    const answers = [
      await holder.sendPin(seal(messageOf("0471"), { padding: "pkcs1" })),
      await holder.sendPin(`BfXX${"A".repeat(679)}=`),
      await holder.sendPin(seal("0471")),
    ];
    for (const answer of answers) assertRefused(answer, 400, undecrypted);
  }),
  statement(43, "Two nonces above 2^53 are two; no sign, fraction or exponent; 8 to 39 digits.", async () => {
    const holder = await create();
    for (const nonce of ["9007199254740992", "9007199254740993"]) await set(holder, "0471", messageOf("0471", nonce));
    for (const nonce of ["-12345678", "12345678.0", "12345678e3", "1234567", "1".repeat(40)])
      assertRefused(await holder.sendPin(seal(messageOf("0471", nonce))), 400, undecrypted);
    await set(holder, "0471", messageOf("0471", "1".repeat(39)));
  }),
];

const states = [
  statement(49, "A PIN has 4 to 12 digits; a card with an offline PIN gets one at creation.", async () => {
    const holder = await (await create()).inProgram({ policy: { minLength: 4, maxLength: 12 } });
    await set(holder, "0471");
    await set(holder, "047182645917");
    for (const digits of ["471", "0471826459173"])
      assertRefused(await holder.sendPin(seal(messageOf(digits))), 400, undecrypted);
  }),
  statement(52, "Three wrong PINs in a row block; a change always unblocks.", async () => {
    const holder = await create();
    await set(holder);
    await block(holder);
    assert.equal((await holder.verify("0471")).body.result, "blocked");
    assert.equal((await set(holder, "8264")).pin_status, "OK");
  }),
  statement(53, "Online PIN: the answer shows pin_status OK at once.", async () => {
    assert.equal((await set(await create())).pin_status, "OK");
  }),
  statement(54, "Offline PIN: CHANGE_PIN and UNBLOCK_PIN are pending until the chip is synced.", async () => {
    const holder = await (await create()).inProgram({ chipKeepsPin: true });
    const synced = () => holder.operator("POST", `/cards/${holder.issuerCardId}/pin/chip-synced`, {});
    const pending = ({ pin_status, pending_commands }: Answer["body"]) => [pin_status, pending_commands];
    assert.deepEqual(pending(await set(holder)), ["OK", ["CHANGE_PIN"]]);
    await synced();
    assert.deepEqual(pending(await read(holder)), ["OK", undefined]);
    await block(holder);
    assert.deepEqual(pending((await holder.update({ pin_status: "OK" })).body), ["BLOCKED", ["UNBLOCK_PIN"]]);
    await synced();
    assert.deepEqual(pending(await read(holder)), ["OK", undefined]);
  }),
  statement(55, "No PIN is NOT_SET; a blocked card is PAUSED, a terminated one CLOSED.", async () => {
    const holder = await create();
    assert.equal((await read(holder)).pin_status, "NOT_SET");
    for (const [state, shown, message] of [
      ["blocked", "PAUSED", "Card is paused"],
      ["terminated", "CLOSED", "Card is closed"],
    ] as const) {
      await holder.operator("PATCH", `/cards/${holder.issuerCardId}`, { state });
      assert.equal((await read(holder)).state, shown);
      assertRefused(await holder.sendPin(seal(messageOf("0471"))), 400, message);
    }
  }),
];

const replays = [
  statement(59, "A ciphertext is used once, on any card of any partner.", async () => {
    const [holder, other] = [await create(), await create()];
    const sealed = seal(messageOf("0471"));
    assert.equal((await holder.sendPin(sealed)).status, 200);
    for (const each of [holder, other, await holder.atAnotherPartner()])
      assertRefused(await each.sendPin(sealed), 400, used);
  }),
  statement(60, "A nonce is used once for a card, and may come again for another.", async () => {
    const [holder, other] = [await create(), await create()];
    const nonce = freshNonce();
    await set(holder, "0471", messageOf("0471", nonce));
    assertRefused(await holder.sendPin(seal(messageOf("8264", nonce))), 400, used);
    await set(other, "8264", messageOf("8264", nonce));
  }),
  statement(61, "What was refused by its shape or the policy spends nothing.", async () => {
    const holder = await create();
    const nonce = freshNonce();
    assertRefused(await holder.sendPin(seal(messageOf("1234", nonce))), 400, "PIN is not allowed");
    assertRefused(await holder.sendPin(seal(`{"nonce":${nonce}}`)), 400, undecrypted);
    await set(holder, "0471", messageOf("0471", nonce));
  }),
  statement(
    62,
    "Idempotency-Key: the same body is answered as the first, another is 422, a 400 is not stored.",
    async () => {
      const holder = await create();
      const headers = { "idempotency-key": crypto.randomUUID() };
      assertRefused(await createCard(holder, { pin: seal(messageOf("1234")) }, headers), 400, "PIN is not allowed");
      const pin = seal(messageOf("0471"));
      const first = await createCard(holder, { pin }, headers);
      const again = await createCard(holder, { pin }, headers);
      assert.deepEqual([first.status, again.status, again.body], [201, 201, first.body]);
      assert.equal((await createCard(holder, { memo: "other" }, headers)).status, 422);
      const path = `/v1/cards/${first.body.token}`;
      assert.equal((await holder.partner("PATCH", path, { memo: "changed" })).status, 200);
      const changed = await createCard(holder, { pin }, headers);
      assert.deepEqual([changed.status, changed.body.conflicts_with], [409, first.body.token]);
    },
  ),
  statement(
    63,
    "A PATCH that the client repeats by itself is 400, not 409, and says that it was applied.",
    async () => {
      const holder = await create();
      const pin = seal(messageOf("0471"));
      assert.equal((await holder.sendPin(pin)).status, 200);
      const again = await holder.sendPin(pin);
      assertRefused(again, 400, used);
      assert.match(again.body.message, /applied before/);
    },
  ),
];

const errors = [
  statement(66, "An error is message and debugging_request_id, a UUID; each has a body.", async () => {
    const holder = await create();
    const { body } = await holder.sendPin("0471");
    assert.deepEqual(Object.keys(body), ["message", "debugging_request_id"]);
    assert.match(body.debugging_request_id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  }),
  statement(71, "401: no key, and one that is unknown.", async () => {
    const holder = await create();
    const get = (authorization: string) =>
      holder.partner("GET", `/v1/cards/${holder.cardToken}`, undefined, { authorization });
    assertRefused(await get(""), 401, "Please provide API key in Authorization header");
    assertRefused(await get("wrong"), 401, "Could not find API key");
  }),
  statement(74, "404 Card not found, also for another partner's card.", async () => {
    const holder = await create();
    const other = await holder.atAnotherPartner();
    assertRefused(await holder.partner("GET", "/v1/cards/none"), 404, "Card not found");
    assertRefused(await other.partner("GET", `/v1/cards/${holder.cardToken}`), 404, "Card not found");
  }),
  statement(80, "The published plaintext is taken; the published ciphertext is one that does not open.", async () => {
    await set(
      await (await create()).inProgram({ policy: { sequences: "allow" } }),
      "1234",
      '{"nonce": 12341234, "pin": "1234"}',
    );
    const ends = ["BfXX5BvNY7u+JSGe5RKIidYP9QQ4CX+Yd71Roi6nUwANHZK45j9n", "R3xlSXHfNvQUzcvzCj7dNgZM="] as const;
    const published = `${ends[0]}${"A".repeat(684 - ends[0].length - ends[1].length)}${ends[1]}`;
    assertRefused(await (await create()).sendPin(published), 400, undecrypted);
  }),
  statement(89, "31 to 75 bytes are sealed to 684 characters; the body has at most 4 kB.", async () => {
    for (const digits of ["0471", "047182645917"]) assert.equal(seal(messageOf(digits, "1".repeat(39))).length, 684);
    assertRefused(await (await create()).update({ memo: "x".repeat(5000) }), 400, "Request body is too large");
  }),
];

testDocuments("lithic", [
  { name: "Place and authentication", statements: places },
  { name: "Endpoints", statements: endpoints },
  { name: "Key and cryptography", statements: cryptography },
  { name: "PIN rules and state", statements: states },
  { name: "Replay and idempotency", statements: replays },
  { name: "Errors, published values and sizes", statements: errors },
]);
