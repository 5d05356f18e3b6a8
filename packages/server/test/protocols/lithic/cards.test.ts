import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { freshNonce, messageOf, handMadeLithicPin as seal } from "@linchpin/test-fixtures/messages/hand-made-lithic";
import type { Answer } from "@linchpin/testing/call";
import { LithicCardholder } from "@linchpin/testing/lithic";
import pino from "pino";

const notDecrypted = [400, "Could not decrypt PIN"] as const;
const used = [400, "PIN has already been used"] as const;
const notAllowed = [400, "PIN is not allowed"] as const;

describe("Lithic's cards", () => {
  let issuer: SandboxIssuer;
  let now = new Date("2026-11-22T12:00:00Z");
  let log = "";
  before(async () => {
    issuer = await startSandboxIssuer({
      clock: () => now,
      log: pino({ level: "info" }, { write: (line) => (log += line) }),
    });
  });
  after(() => issuer.stop());

  const create = () => LithicCardholder.create(issuer.url);
  /** The sandbox's explanation stands behind a colon. */
  const assertRefused = ({ status, body }: Answer, expected: readonly [number, string]) => {
    assert.deepEqual([status, body.message.split(":")[0]], expected, JSON.stringify(body));
    assert.match(body.debugging_request_id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  };
  const matches = async (holder: LithicCardholder, digits: string) =>
    (await holder.verify(digits)).body.result === "match";
  const eventsOf = async (holder: LithicCardholder, operation: string) =>
    (await holder.auditEvents()).filter((event) => event.operation === operation);

  describe("the key", () => {
    it("is for everyone, in PEM, has 4096 bits, and is kept nowhere", async () => {
      const { publicKeyUrl } = await create();
      const answer = await fetch(publicKeyUrl);
      assert.equal(answer.headers.get("content-type"), "application/x-pem-file");
      assert.equal(answer.headers.get("cache-control"), "no-store");
      assert.equal(answer.headers.get("access-control-allow-origin"), "*");
      const pem = await answer.text();
      assert.match(pem, /^-----BEGIN PUBLIC KEY-----\n/);
      const { asymmetricKeyDetails } = createPublicKey(pem);
      assert.deepEqual(asymmetricKeyDetails, { modulusLength: 4096, publicExponent: 65537n });
    });

    it("is in the file after a rotation, while the one before is still taken, until it is retired", async () => {
      const holder = await create();
      const [pem, first, second] = [await holder.publicKeyPem(), await holder.seal("0471"), await holder.seal("8264")];
      await holder.operator("POST", "/keys/lithic-pin/rotate");
      assert.notEqual(await holder.publicKeyPem(), pem);
      assert.equal((await holder.sendPin(first)).status, 200);
      assert.equal((await holder.changePin("5917")).status, 200);
      const keys = (await holder.operator("GET", "/keys")).body;
      const earlier = keys.find((key: Answer["body"]) => key.purpose === "lithic-pin" && key.state === "accepted");
      await holder.operator("POST", `/keys/${earlier.id}/retire`);
      assertRefused(await holder.sendPin(second), notDecrypted);
      assert.ok(await matches(holder, "5917"));
    });
  });

  describe("a PIN", () => {
    it("is set and changed, and its answer is the card", async () => {
      const holder = await create();
      const before = await holder.partner("GET", `/v1/cards/${holder.cardToken}`);
      assert.equal(before.body.pin_status, "NOT_SET");
      const set = await holder.changePin("0471");
      assert.equal(set.status, 200, JSON.stringify(set.body));
      assert.deepEqual(set.body, { ...before.body, pin_status: "OK" });
      for (const member of ["pin", "pan", "cvv"]) assert.ok(!(member in set.body));
      assert.ok(await matches(holder, "0471"));
      assert.equal((await holder.changePin("8264")).status, 200);
      assert.ok(await matches(holder, "8264"));
      assert.equal((await holder.card()).pin.version, 2);
      assert.equal((await eventsOf(holder, "lithic.cards.pin")).length, 2);
      assert.deepEqual((await holder.partner("GET", `/v1/cards/${holder.cardToken}`)).body, set.body);
    });

    const taken: Record<string, (pin: string) => string> = {
      "as the vendor's Node sample writes it": (pin) => JSON.stringify({ nonce: Number(freshNonce()), pin }),
      "as Python's json.dumps does": (pin) => `{"nonce": ${freshNonce()}, "pin": "${pin}"}`,
      "pin first": (pin) => `{"pin":"${pin}","nonce":${freshNonce()}}`,
      "with white space everywhere": (pin) => ` {\n\t"nonce" : ${freshNonce()} ,\r\n "pin" : "${pin}" } \n`,
      "with a nonce of 8 digits": (pin) => messageOf(pin, freshNonce().slice(0, 8)),
      "with a nonce of 39 digits": (pin) => messageOf(pin, freshNonce().repeat(4).slice(0, 39)),
      "as the longest that OAEP carries": (pin) => messageOf(pin).padEnd(470),
    };
    for (const [what, make] of Object.entries(taken))
      it(`is taken ${what}`, async () => {
        const holder = await create();
        const answer = await holder.sendPin(seal(await holder.publicKeyPem(), make("0471")));
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
        assert.ok(await matches(holder, "0471"));
      });

    const { publicKey: otherKey } = generateKeyPairSync("rsa", { modulusLength: 4096 });
    const { publicKey: smallKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pemOf = (key: typeof otherKey) => key.export({ format: "pem", type: "spki" }).toString();
    const published = `BfXX5BvNY7u+JSGe5RKIidYP9QQ4CX+Yd71Roi6nUwANHZK45j9n${"A".repeat(608)}R3xlSXHfNvQUzcvzCj7dNgZM=`;
    const wrong: Record<string, (pem: string) => string> = {
      "RSAES-PKCS1-v1_5": (pem) => seal(pem, messageOf("0471"), { padding: "pkcs1" }),
      "OAEP with SHA-256": (pem) => seal(pem, messageOf("0471"), { hash: "sha256" }),
      "OAEP with a label": (pem) => seal(pem, messageOf("0471"), { label: Buffer.from("label") }),
      "base64 without padding": (pem) => seal(pem, messageOf("0471")).replace(/=+$/, ""),
      base64url: (pem) => seal(pem, messageOf("0471"), { encoding: "base64url" }),
      hex: (pem) => seal(pem, messageOf("0471"), { encoding: "hex" }),
      "base64 of base64": (pem) => btoa(seal(pem, messageOf("0471"))),
      "256 bytes": () => seal(pemOf(smallKey), messageOf("0471")),
      "another key of 4096 bits": () => seal(pemOf(otherKey), messageOf("0471")),
      "the ciphertext's published ends": () => published,
      "pin as a number": (pem) => seal(pem, `{"nonce":${freshNonce()},"pin":4711}`),
      "nonce as a string": (pem) => seal(pem, `{"nonce":"${freshNonce()}","pin":"0471"}`),
      "a nonce of 7 digits": (pem) => seal(pem, messageOf("0471", "1234567")),
      "a nonce of 40 digits": (pem) => seal(pem, messageOf("0471", freshNonce().repeat(4).slice(0, 40))),
      "a nonce that begins with zero": (pem) => seal(pem, messageOf("0471", "012345678")),
      "a negative nonce": (pem) => seal(pem, messageOf("0471", "-12345678")),
      "a nonce with a fraction": (pem) => seal(pem, messageOf("0471", "12345678.0")),
      "a nonce with an exponent": (pem) => seal(pem, messageOf("0471", "12345678e3")),
      "no nonce": (pem) => seal(pem, '{"pin":"0471"}'),
      "no pin": (pem) => seal(pem, `{"nonce":${freshNonce()}}`),
      "digits alone": (pem) => seal(pem, "0471"),
      nothing: (pem) => seal(pem, ""),
      "a nonce that comes twice": (pem) => seal(pem, `{"nonce":12345678,"nonce":12345678,"pin":"0471"}`),
      "a pin that comes twice": (pem) => seal(pem, `{"pin":"0471","pin":"0471","nonce":${freshNonce()}}`),
      "another member": (pem) => seal(pem, `{"nonce":${freshNonce()},"pin":"0471","card":1}`),
      "an escape in a name": (pem) => seal(pem, `{"nonce":${freshNonce()},"p\\u0069n":"0471"}`),
      "an escape in the PIN": (pem) => seal(pem, `{"nonce":${freshNonce()},"pin":"\\u0030471"}`),
      "text after the object": (pem) => seal(pem, `${messageOf("0471")}{}`),
      "a comma after the last member": (pem) => seal(pem, `{"nonce":${freshNonce()},"pin":"0471",}`),
      "a list": (pem) => seal(pem, `[${messageOf("0471")}]`),
      "a byte order mark": (pem) => seal(pem, `\ufeff${messageOf("0471")}`),
      "UTF-16": (pem) => seal(pem, Buffer.from(messageOf("0471"), "utf16le")),
      "three digits": (pem) => seal(pem, messageOf("471")),
      "13 digits": (pem) => seal(pem, messageOf("0471047104710")),
      "digits of another script": (pem) => seal(pem, messageOf("٠٤٧١")),
      "an ISO 9564 block": (pem) => seal(pem, messageOf("240471FFFFFFFFFF")),
      "a compact JWE": () => "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkExMjhDQkMtSFMyNTYifQ.AAAA.AAAA.AAAA.AAAA",
      "the digits in clear": () => "0471",
      "an empty text": () => "",
    };
    for (const [what, make] of Object.entries(wrong))
      it(`is refused, and nothing is changed: ${what}`, async () => {
        const holder = await create();
        const pin = make(await holder.publicKeyPem());
        assertRefused(await holder.sendPin(pin), notDecrypted);
        assert.equal((await holder.card()).pin.status, "not_set");
        const events = await eventsOf(holder, "lithic.cards.pin");
        assert.equal(events.length, 1);
        assert.equal(events[0].outcome, "refused");
      });

    it("that the policy refuses may be sent again to a card whose program takes it: nothing was spent", async () => {
      const holder = await create();
      const sequence = await holder.seal("1234");
      assertRefused(await holder.sendPin(sequence), notAllowed);
      const lax = await holder.inProgram({ policy: { sequences: "allow" } });
      assert.equal((await holder.card()).pin.status, "not_set");
      assert.equal((await lax.sendPin(sequence)).status, 200);
    });

    it("that was used before on this card is refused, spends its message, and is refused by the same word again", async () => {
      const holder = await (await create()).inProgram({ policy: { formerPins: 5 } });
      for (const digits of ["0471", "8264"]) assert.equal((await holder.changePin(digits)).status, 200);
      const former = await holder.seal("0471");
      assertRefused(await holder.sendPin(former), notAllowed);
      assertRefused(await holder.sendPin(former), notAllowed);
      assert.ok(await matches(holder, "8264"));
    });
  });

  describe("a replay", () => {
    it("of the ciphertext is refused on every card", async () => {
      const [holder, other] = [await create(), await create()];
      const sealed = await holder.seal("0471");
      assert.equal((await holder.sendPin(sealed)).status, 200);
      for (const each of [holder, other, await holder.atAnotherPartner()])
        assertRefused(await each.sendPin(sealed), used);
      assert.equal((await other.card()).pin.status, "not_set");
      assert.equal((await holder.card()).pin.version, 1);
      const [, refusal] = await eventsOf(holder, "lithic.cards.pin");
      assert.equal(refusal.outcome, "refused");
    });

    it("of the nonce is refused on that card, whatever the PIN, and taken on another", async () => {
      const [holder, other] = [await create(), await create()];
      const pem = await holder.publicKeyPem();
      const nonce = freshNonce();
      assert.equal((await holder.sendPin(seal(pem, messageOf("0471", nonce)))).status, 200);
      assertRefused(await holder.sendPin(seal(pem, messageOf("0471", nonce))), used);
      assertRefused(await holder.sendPin(seal(pem, messageOf("8264", nonce))), used);
      assert.equal((await other.sendPin(seal(pem, messageOf("8264", nonce)))).status, 200);
      assert.ok(await matches(holder, "0471"));
    });

    it("takes two nonces above 2^53 for two", async () => {
      const holder = await create();
      const pem = await holder.publicKeyPem();
      for (const nonce of ["9007199254740992", "9007199254740993"])
        assert.equal((await holder.sendPin(seal(pem, messageOf("0471", nonce)))).status, 200);
    });

    it("of ten at once lets one through, of one ciphertext on two cards and of one nonce", async () => {
      const [holder, other] = [await create(), await create()];
      const pem = await holder.publicKeyPem();
      const sealed = await holder.seal("0471");
      const ciphertexts = Array.from({ length: 10 }, (_, index) => (index % 2 ? holder : other).sendPin(sealed));
      const nonce = freshNonce();
      const nonces = () => Array.from({ length: 5 }, () => holder.sendPin(seal(pem, messageOf("8264", nonce))));
      for (const answers of [await Promise.all(ciphertexts), await Promise.all(nonces())]) {
        assert.equal(answers.filter(({ status }) => status === 200).length, 1);
        for (const answer of answers) if (answer.status !== 200) assertRefused(answer, used);
      }
    });
  });

  describe("the state of a PIN", () => {
    const block = async (holder: LithicCardholder) => {
      for (const digits of ["1111", "2222", "3333"]) await holder.verify(digits);
      assert.equal((await holder.card()).pin.status, "blocked");
    };
    const read = async (holder: LithicCardholder) =>
      (await holder.partner("GET", `/v1/cards/${holder.cardToken}`)).body;

    it("is BLOCKED after three wrong ones; a change unblocks it, and so does pin_status", async () => {
      const holder = await create();
      await holder.changePin("0471");
      await block(holder);
      assert.equal((await read(holder)).pin_status, "BLOCKED");
      assert.equal((await holder.changePin("8264")).body.pin_status, "OK");
      assert.ok(await matches(holder, "8264"));
      await block(holder);
      const unblocked = await holder.update({ pin_status: "OK" });
      assert.deepEqual([unblocked.status, unblocked.body.pin_status], [200, "OK"]);
      assert.ok(await matches(holder, "8264"));
      assert.equal((await eventsOf(holder, "lithic.cards.update")).length, 1);
    });

    it("takes OK alone, and OK changes nothing where nothing is blocked", async () => {
      const holder = await create();
      for (const pin_status of ["BLOCKED", "NOT_SET", "ok", ""])
        assertRefused(await holder.update({ pin_status }), [400, "PIN status can only be set to OK"]);
      assert.equal((await holder.update({ pin_status: "OK" })).body.pin_status, "NOT_SET");
    });

    it("of an offline PIN has pending commands until the chip is synced", async () => {
      const holder = await (await create()).inProgram({ chipKeepsPin: true });
      const synced = () => holder.operator("POST", `/cards/${holder.issuerCardId}/pin/chip-synced`, {});
      const changed = await holder.changePin("0471");
      assert.deepEqual([changed.body.pin_status, changed.body.pending_commands], ["OK", ["CHANGE_PIN"]]);
      assert.deepEqual(await read(holder), changed.body);
      assert.equal((await synced()).status, 200);
      assert.deepEqual([(await read(holder)).pin_status, (await read(holder)).pending_commands], ["OK", undefined]);
      await block(holder);
      const unblocked = await holder.update({ pin_status: "OK" });
      const { pin_status, pending_commands } = unblocked.body;
      assert.deepEqual({ pin_status, pending_commands }, { pin_status: "BLOCKED", pending_commands: ["UNBLOCK_PIN"] });
      assert.deepEqual(await read(holder), unblocked.body);
      assert.equal((await holder.card()).pin.chip, "pending");
      await synced();
      assert.deepEqual([(await read(holder)).pin_status, (await read(holder)).pending_commands], ["OK", undefined]);
    });
  });

  describe("the state of a card", () => {
    it("PAUSED takes no PIN until it is OPEN again, and CLOSED is final", async () => {
      const holder = await create();
      assert.equal((await holder.update({ state: "PAUSED" })).body.state, "PAUSED");
      assertRefused(await holder.changePin("0471"), [400, "Card is paused"]);
      const opened = await holder.update({ state: "OPEN", pin: await holder.seal("0471") });
      assert.deepEqual([opened.body.state, opened.body.pin_status], ["OPEN", "OK"]);
      assertRefused(await holder.update({ state: "CLOSED", pin: await holder.seal("8264") }), [
        400,
        "[state] is not a valid parameter",
      ]);
      assert.equal((await holder.update({ state: "CLOSED" })).body.state, "CLOSED");
      assert.equal((await holder.card()).state, "terminated");
      for (const members of [
        { state: "OPEN" },
        { memo: "a" },
        { pin_status: "OK" },
        { pin: await holder.seal("8264") },
      ])
        assertRefused(await holder.update(members), [400, "Card is closed"]);
    });

    it("that the operator blocked is PAUSED, and the partner opens it not", async () => {
      const holder = await create();
      await holder.operator("PATCH", `/cards/${holder.issuerCardId}`, { state: "blocked" });
      assert.equal((await holder.partner("GET", `/v1/cards/${holder.cardToken}`)).body.state, "PAUSED");
      for (const members of [{ state: "OPEN" }, { memo: "a" }, { pin: await holder.seal("8264") }])
        assertRefused(await holder.update(members), [400, "Card is paused"]);
    });
  });

  describe("the request", () => {
    it("needs the API key alone", async () => {
      const holder = await create();
      const path = `/v1/cards/${holder.cardToken}`;
      const inOtherForm = [401, "Please provide API key in the form Authorization"] as const;
      const cases: [Record<string, string>, readonly [number, string]][] = [
        [{ authorization: "" }, [401, "Please provide API key in Authorization header"]],
        [{ authorization: `Bearer ${holder.apiKey}` }, inOtherForm],
        [{ authorization: `api-key ${holder.apiKey}` }, inOtherForm],
        [{ authorization: "wrong" }, [401, "Could not find API key"]],
      ];
      for (const [headers, expected] of cases)
        assertRefused(await holder.partner("GET", path, undefined, headers), expected);
      const other = await holder.atAnotherPartner();
      assertRefused(await other.partner("GET", path), [404, "Card not found"]);
      assertRefused(await other.partner("PATCH", path, { pin: await holder.seal("0471") }), [404, "Card not found"]);
      assertRefused(await holder.partner("GET", "/v1/cards/none"), [404, "Card not found"]);
      assertRefused(await holder.partner("GET", "/v1/nothing"), [404, "Not found"]);
    });

    it("refuses members and query parameters that the vendor's types do not know, and names none that may be a PIN", async () => {
      const holder = await create();
      const path = `/v1/cards/${holder.cardToken}`;
      const cases: [string, unknown, string][] = [
        [path, { pins: "x" }, "[pins] is not a valid parameter"],
        [path, { k7391k: "x" }, "[body] is not a valid parameter"],
        [`${path}?expand=x`, {}, "[expand] is not a valid parameter"],
        [`${path}?k7391k=x`, {}, "[query] is not a valid parameter"],
        [path, { state: "BLOCKED" }, "[state] is not a valid parameter"],
        [path, { pin: 7391 }, "[pin] is not a valid parameter"],
        [path, { pin: null }, "[pin] is not a valid parameter"],
        [path, { spend_limit: "1" }, "[spend_limit] is not a valid parameter"],
        [path, [], "[body] is not a valid parameter"],
      ];
      for (const [to, body, message] of cases) assertRefused(await holder.partner("PATCH", to, body), [400, message]);
      assertRefused(await holder.partner("PATCH", path, "{"), [400, "Request body is not valid JSON"]);
      assertRefused(await holder.update({ memo: "x".repeat(5000) }), [400, "Request body is too large"]);
      assertRefused(await holder.update({ pin: "x" }, { "content-type": "text/plain" }), [
        400,
        "Content type must be application/json",
      ]);
      assert.ok(!log.includes("k7391k"));
      assert.equal((await holder.card()).pin.status, "not_set");
    });

    it("leaves what is not sent as it is, sends back what is kept, and takes what has no effect", async () => {
      const holder = await create();
      const kept = { memo: "Travel", spend_limit: 1000, spend_limit_duration: "MONTHLY" };
      const first = await holder.update({ ...kept, comment: "x", substatus: "OTHER", network_program_token: "x" });
      assert.partialDeepStrictEqual(first.body, kept);
      assert.deepEqual((await holder.update({})).body, first.body);
      assert.deepEqual((await holder.update({ memo: "Home" })).body, { ...first.body, memo: "Home" });
    });
  });

  describe("a card is created", () => {
    const createCard = (holder: LithicCardholder, members: object, headers?: Record<string, string>) =>
      holder.partner("POST", "/v1/cards", { type: "VIRTUAL", ...members }, headers);
    const cardIdOfLast = async () => ((await issuer.events()).at(-1) as unknown as { cardId: string }).cardId;

    it("with a PIN, which verifies, and without one; for an account, and for a new one", async () => {
      const holder = await create();
      const made = await createCard(holder, { pin: await holder.seal("0471"), memo: "Travel", type: "PHYSICAL" });
      assert.equal(made.status, 201, JSON.stringify(made.body));
      assert.match(made.body.token, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      const { state, pin_status, memo, type, account_token } = made.body;
      assert.deepEqual([state, pin_status, memo, type], ["OPEN", "OK", "Travel", "PHYSICAL"]);
      assert.equal((await holder.verify("0471", await cardIdOfLast())).body.result, "match");
      assert.deepEqual((await holder.partner("GET", `/v1/cards/${made.body.token}`)).body, made.body);
      const second = await createCard(holder, { account_token, state: "PAUSED", carrier: {}, product_id: "1" });
      const { body } = second;
      assert.deepEqual([body.account_token, body.pin_status, body.state], [account_token, "NOT_SET", "PAUSED"]);
    });

    it("not with a PIN that is refused, of a type without PINs, or for a stranger's account", async () => {
      const holder = await create();
      const other = await holder.atAnotherPartner();
      const sealed = await holder.seal("0471");
      assert.equal((await holder.sendPin(sealed)).status, 200);
      const { account_token } = (await createCard(other, {})).body;
      const cases: [object, readonly [number, string]][] = [
        [{ pin: sealed }, used],
        [{ pin: await holder.seal("1234") }, notAllowed],
        [{ pin: "0471" }, notDecrypted],
        [{ pin: await holder.seal("0471"), type: "SINGLE_USE" }, [400, "[pin] is not a valid parameter"]],
        [{ account_token }, [404, "Account not found"]],
        [{ type: "PLASTIC" }, [400, "[type] is not a valid parameter"]],
        [{ state: "CLOSED" }, [400, "[state] is not a valid parameter"]],
      ];
      for (const [members, expected] of cases) assertRefused(await createCard(holder, members), expected);
    });

    it("whose nonce and ciphertext are used up for it", async () => {
      const holder = await create();
      const pem = await holder.publicKeyPem();
      const nonce = freshNonce();
      const pin = seal(pem, messageOf("0471", nonce));
      const { body } = await createCard(holder, { pin });
      const change = (sealed: string) => holder.partner("PATCH", `/v1/cards/${body.token}`, { pin: sealed });
      assertRefused(await change(pin), used);
      assertRefused(await change(seal(pem, messageOf("8264", nonce))), used);
      assertRefused(await createCard(holder, { pin }), used);
    });

    describe("with an idempotency key", () => {
      const headers = () => ({ "idempotency-key": crypto.randomUUID() });

      it("once: the same request is answered as the first, for 30 days and before the marks", async () => {
        const holder = await create();
        const [key, pin] = [headers(), await holder.seal("0471")];
        const [one, two] = [await createCard(holder, { pin }, key), await createCard(holder, { pin }, key)];
        assert.deepEqual([two.status, two.body], [201, one.body]);
        now = new Date(now.getTime() + 29 * 24 * 60 * 60 * 1000);
        assert.deepEqual((await createCard(holder, { pin }, key)).body, one.body);
        now = new Date(now.getTime() + 2 * 24 * 60 * 60 * 1000);
        assertRefused(await createCard(holder, { pin }, key), used);
      });

      it("is refused with another body by 422, and by 409 once the card was changed", async () => {
        const holder = await create();
        const key = headers();
        const { body } = await createCard(holder, {}, key);
        assert.equal((await createCard(holder, { memo: "a" }, key)).status, 422);
        await holder.partner("PATCH", `/v1/cards/${body.token}`, { memo: "Home" });
        const conflict = await createCard(holder, {}, key);
        assert.deepEqual([conflict.status, conflict.body.conflicts_with], [409, body.token]);
        assert.equal(conflict.headers.get("x-should-retry"), null);
      });

      it("keeps no refusal, and must be a UUID", async () => {
        const holder = await create();
        const key = headers();
        assertRefused(await createCard(holder, { pin: await holder.seal("1234") }, key), notAllowed);
        assert.equal((await createCard(holder, { pin: await holder.seal("0471") }, key)).status, 201);
        const answer = await createCard(holder, {}, { "idempotency-key": "one" });
        assertRefused(answer, [400, "[body] is not a valid parameter"]);
      });

      it("of ten at once makes one card", async () => {
        const holder = await create();
        const key = headers();
        const pin = await holder.seal("0471");
        const answers = await Promise.all(Array.from({ length: 10 }, () => createCard(holder, { pin }, key)));
        const made = answers.filter(({ status }) => status === 201);
        assert.equal(new Set(made.map(({ body }) => body.token)).size, 1);
        for (const { status, headers: sent } of answers)
          if (status !== 201) assert.deepEqual([status, sent.get("x-should-retry")], [409, "true"]);
      });
    });
  });
});

describe("Lithic's settings", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer({
      environment: { LINCHPIN_LITHIC_KEY_FORM: "pkcs1", LINCHPIN_LITHIC_CARD_PROGRAM: "none" },
    });
  });
  after(() => issuer.stop());

  it("offer the key as PKCS#1, which holds the same numbers, and name the program of created cards", async () => {
    const holder = await LithicCardholder.create(issuer.url);
    const pem = await holder.publicKeyPem();
    assert.match(pem, /^-----BEGIN RSA PUBLIC KEY-----\n/);
    assert.equal((await holder.sendPin(seal(pem, messageOf("0471")))).status, 200);
    const made = await holder.partner("POST", "/v1/cards", { type: "VIRTUAL" });
    assert.deepEqual([made.status, made.body.message.split(":")[0]], [404, "Not found"]);
  });

  it("refuse a card without a PIN where its program has an offline PIN", async (t) => {
    const dataFolder = await mkdtemp(join(tmpdir(), "linchpin-lithic-"));
    t.after(() => rm(dataFolder, { recursive: true }));
    const first = await startSandboxIssuer({ dataFolder });
    const operator = (await LithicCardholder.create(first.url)).operator("POST", "/programs", {
      name: "Offline",
      settings: { chipKeepsPin: true },
    });
    const { id } = (await operator).body;
    await first.stop();
    const offline = await startSandboxIssuer({ dataFolder, environment: { LINCHPIN_LITHIC_CARD_PROGRAM: id } });
    t.after(() => offline.stop());
    const holder = await LithicCardholder.create(offline.url);
    const refused = await holder.partner("POST", "/v1/cards", { type: "PHYSICAL" });
    assert.deepEqual([refused.status, refused.body.message.split(":")[0]], [400, "[pin] is not a valid parameter"]);
    const made = await holder.partner("POST", "/v1/cards", { type: "PHYSICAL", pin: await holder.seal("0471") });
    assert.deepEqual([made.status, made.body.pin_status, made.body.pending_commands], [201, "OK", undefined]);
  });
});
