import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import type { Answer } from "@linchpin/testing/call";
import { StripeCardholder } from "@linchpin/testing/stripe";
import { CompactEncrypt, importJWK, type JWK } from "jose";
import pino from "pino";

const sealByJose = async (
  jwk: JWK,
  plaintext: string,
  header: Record<string, string> = { alg: "RSA-OAEP", enc: "A128CBC-HS256" },
) =>
  new CompactEncrypt(Buffer.from(plaintext))
    .setProtectedHeader({ kid: jwk.kid, ...header } as never)
    .encrypt(await importJWK({ ...jwk, alg: header["alg"] ?? "RSA-OAEP" }, header["alg"]));

describe("Stripe's cards", () => {
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

  const create = () => StripeCardholder.create(issuer.url);
  const assertRefused = (
    { status, body }: Answer,
    expected: [number, string | undefined, (string | undefined)?, string?],
  ) => {
    const [expectedStatus, code, param, type = "invalid_request_error"] = expected;
    assert.deepEqual(
      [status, body.error?.code, body.error?.param, body.error?.type],
      [expectedStatus, code, param, type],
      JSON.stringify(body),
    );
  };
  const matches = async (holder: StripeCardholder, digits: string) =>
    (await holder.verify(digits)).body.result === "match";

  describe("the key", () => {
    it("is for everyone, in both forms, and is kept nowhere", async () => {
      const holder = await create();
      const answer = await fetch(`${holder.baseUrl}/v1/keys`, { headers: { "stripe-version": "2026-10-28.endive" } });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("cache-control"), "no-store");
      assert.equal(answer.headers.get("access-control-allow-origin"), "*");
      assert.equal(answer.headers.get("stripe-version"), "2026-10-28.endive");
      assert.match(answer.headers.get("request-id") ?? "", /^req_[0-9a-f]{32}$/);
      const { key_id, jwk, pkcs8 } = await holder.pinKey();
      assert.deepEqual([jwk.kid, jwk.use, jwk.alg], [key_id, "enc", "RSA-OAEP"]);
      assert.match(pkcs8, /^-----BEGIN PUBLIC KEY-----\n/);
    });
  });

  describe("a PIN", () => {
    it("is set and changed, by jose too, from either form of the key, and its answer is the card", async () => {
      const holder = await create();
      const set = await holder.changePin("0471");
      assert.equal(set.status, 200);
      assert.deepEqual(
        [set.body.id, set.body.object, set.body.status, set.body.livemode],
        [holder.cardId, "issuing.card", "active", false],
      );
      assert.ok(await matches(holder, "0471"));
      const { jwk } = await holder.pinKey();
      assert.equal((await holder.sendPin(await sealByJose(jwk, "8264"))).status, 200);
      assert.ok(await matches(holder, "8264"));
      assert.equal((await holder.card()).pin.version, 2);
      const done = (await holder.auditEvents()).filter(({ operation }) => operation === "stripe.cards.pin");
      assert.equal(done.length, 2);
    });

    it("is taken with the brackets percent-encoded, and with the key as HTTP Basic", async () => {
      const holder = await create();
      const headers = { authorization: `Basic ${btoa(`${holder.apiKey}:`)}` };
      const body = `pin%5Bencrypted_number%5D=${await holder.seal("0471")}`;
      const answer = await fetch(`${holder.baseUrl}/v1/issuing/cards/${holder.cardId}`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
        body,
      });
      assert.equal(answer.status, 200);
    });

    it("that is the present one is set anew, whatever the history; a former one is refused, and spends its JWE", async () => {
      const holder = await (await create()).inProgram({ policy: { formerPins: 5 } });
      for (const digits of ["0471", "8264", "8264", "8264"]) assert.equal((await holder.changePin(digits)).status, 200);
      const former = await holder.seal("0471");
      assertRefused(await holder.sendPin(former), [400, "pin_not_allowed", "pin[encrypted_number]"]);
      assertRefused(await holder.sendPin(former), [400, "pin_not_allowed", "pin[encrypted_number]"]);
      assert.ok(await matches(holder, "8264"));
    });

    const wrong: Record<
      string,
      [make: (holder: StripeCardholder, jwk: JWK) => Promise<string> | string, code?: string]
    > = {
      "JSON in place of digits": [(_holder, jwk) => sealByJose(jwk, '{"pin":"0471"}')],
      "a quoted string": [(_holder, jwk) => sealByJose(jwk, '"0471"')],
      "a line end": [(_holder, jwk) => sealByJose(jwk, "0471\n")],
      "white space": [(_holder, jwk) => sealByJose(jwk, " 0471")],
      nothing: [(_holder, jwk) => sealByJose(jwk, "")],
      "three digits": [(_holder, jwk) => sealByJose(jwk, "471"), "pin_not_allowed"],
      "13 digits": [(_holder, jwk) => sealByJose(jwk, "0471047104710"), "pin_not_allowed"],
      "a sequence": [(_holder, jwk) => sealByJose(jwk, "1234"), "pin_not_allowed"],
      "RSA-OAEP-256": [(_holder, jwk) => sealByJose(jwk, "0471", { alg: "RSA-OAEP-256", enc: "A128CBC-HS256" })],
      "Solaris' profile": [(_holder, jwk) => sealByJose(jwk, "0471", { alg: "RSA-OAEP-256", enc: "A256CBC-HS512" })],
      A256GCM: [(_holder, jwk) => sealByJose(jwk, "0471", { alg: "RSA-OAEP", enc: "A256GCM" })],
      A128GCM: [(_holder, jwk) => sealByJose(jwk, "0471", { alg: "RSA-OAEP", enc: "A128GCM" })],
      "A256CBC-HS512": [(_holder, jwk) => sealByJose(jwk, "0471", { alg: "RSA-OAEP", enc: "A256CBC-HS512" })],
      "a header with typ": [
        (_holder, jwk) => sealByJose(jwk, "0471", { alg: "RSA-OAEP", enc: "A128CBC-HS256", typ: "JOSE" }),
      ],
      "no kid": [(_holder, { kid: _kid, ...jwk }) => sealByJose(jwk, "0471")],
      "an unknown kid": [(_holder, jwk) => sealByJose({ ...jwk, kid: "key_live" }, "0471"), "pin_key_expired"],
      "a key of another purpose": [
        async (holder, jwk) => {
          const keys = (await holder.operator("GET", "/keys")).body;
          const { id } = keys.find(({ purpose }: { purpose: string }) => purpose === "solaris-pin");
          return sealByJose({ ...jwk, kid: id }, "0471");
        },
        "pin_key_expired",
      ],
      "another issuer's key": [
        (_holder, { kid }) => {
          const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
          return sealByJose({ ...publicKey.export({ format: "jwk" }), kid: kid as string }, "0471");
        },
      ],
      "the digits in clear": [() => "0471"],
      "JSON serialization": [
        async (holder) => {
          const [text] = (await holder.seal("0471")).split(".");
          return JSON.stringify({ protected: text });
        },
      ],
      "base64 of the JWE": [async (holder) => btoa(await holder.seal("0471"))],
      "padded base64url": [async (holder) => `${await holder.seal("0471")}==`],
      "an altered tag": [
        async (holder) => {
          const jwe = await holder.seal("0471");
          return jwe.slice(0, -4) + (jwe.at(-4) === "A" ? "B" : "A") + jwe.slice(-3);
        },
      ],
    };
    for (const [what, [make, code = "pin_encryption_invalid"]] of Object.entries(wrong))
      it(`is refused: ${what}`, async () => {
        const holder = await create();
        const sealed = await make(holder, (await holder.pinKey()).jwk);
        const answer = await holder.sendPin(sealed, { "idempotency-key": crypto.randomUUID() });
        assertRefused(answer, [400, code, "pin[encrypted_number]"]);
        assert.equal((await holder.card()).pin.status, "not_set");
        const events = (await holder.auditEvents()).filter(({ operation }) => operation === "stripe.cards.pin");
        assert.equal(events.length, 1);
      });

    it("is good for one request, on any card", async () => {
      const [holder, other] = [await create(), await create()];
      const sealed = await holder.seal("0471");
      assert.equal((await holder.sendPin(sealed)).status, 200);
      assertRefused(await holder.sendPin(sealed), [400, "pin_already_used", "pin[encrypted_number]"]);
      assertRefused(await other.sendPin(sealed), [400, "pin_already_used", "pin[encrypted_number]"]);
      assert.equal((await other.card()).pin.status, "not_set");
    });

    it("sealed to the key before a rotation is taken, and to a retired one is not", async () => {
      const holder = await create();
      const [first, second] = [await holder.seal("0471"), await holder.seal("8264")];
      const { key_id } = await holder.pinKey();
      await holder.operator("POST", "/keys/stripe-pin/rotate");
      assert.notEqual((await holder.pinKey()).key_id, key_id);
      assert.equal((await holder.sendPin(first)).status, 200);
      await holder.operator("POST", `/keys/${key_id}/retire`);
      assertRefused(await holder.sendPin(second), [400, "pin_key_expired", "pin[encrypted_number]"]);
    });
  });

  describe("the request", () => {
    const path = (holder: StripeCardholder) => `/v1/issuing/cards/${holder.cardId}`;

    it("needs the secret key", async () => {
      const holder = await create();
      const other = await holder.atAnotherPartner();
      const cases: [Record<string, string>, number, string?][] = [
        [{ authorization: "" }, 401],
        [{ authorization: "Bearer sk_test_wrong" }, 401],
        [{ authorization: `Basic ${btoa(`${holder.apiKey}:password`)}` }, 401],
        [{ authorization: "Bearer pk_test_sandbox" }, 403],
        [{ "stripe-account": "acct_1" }, 403],
        [{ "stripe-context": "acct_1" }, 403],
      ];
      for (const [headers, status] of cases)
        assertRefused(await holder.partner("GET", path(holder), undefined, headers), [status, undefined]);
      assertRefused(await other.partner("GET", path(holder)), [404, "resource_missing", "id"]);
      assertRefused(await holder.partner("GET", "/v1/issuing/cards/ic_none"), [404, "resource_missing", "id"]);
      assertRefused(await holder.partner("GET", "/v1/nothing"), [404, "resource_missing"]);
    });

    it("is a form whose parameters are documented", async () => {
      const holder = await create();
      const cases: [Record<string, string>, string | undefined, string | undefined][] = [
        [{ encrypted_number: "x" }, "parameter_unknown", "encrypted_number"],
        [{ "7391": "x" }, "parameter_unknown", undefined],
        [{ "shipping[name]": "x" }, "parameter_unknown", "shipping"],
        [{ "pin[other]": "x" }, "parameter_missing", "pin[encrypted_number]"],
        [{ pin: "0471" }, undefined, "pin"],
        [{ "pin[encrypted_number]": "" }, "parameter_invalid_empty", "pin[encrypted_number]"],
        [{ status: "blocked" }, undefined, "status"],
        [{ cancellation_reason: "lost" }, undefined, "cancellation_reason"],
        [{ status: "canceled", "pin[encrypted_number]": await holder.seal("0471") }, undefined, "status"],
      ];
      for (const [parameters, code, param] of cases) assertRefused(await holder.update(parameters), [400, code, param]);
      const json = await fetch(`${holder.baseUrl}${path(holder)}`, {
        method: "POST",
        headers: { authorization: `Bearer ${holder.apiKey}`, "content-type": "application/json" },
        body: JSON.stringify({ pin: { encrypted_number: await holder.seal("0471") } }),
      });
      assert.equal(json.status, 400);
      assert.match((await json.json()).error.message, /form/);
      const large = await holder.update({ status: "x".repeat(20_000) });
      assertRefused(large, [400, undefined]);
      assert.equal((await holder.card()).pin.status, "not_set");
    });
  });

  describe("the status", () => {
    it("is inactive once the PIN is blocked, stays so over a change, and is active again by a call of its own", async () => {
      const holder = await create();
      await holder.changePin("0471");
      for (const digits of ["1111", "2222", "3333"]) await holder.verify(digits);
      const read = async () => (await holder.partner("GET", `/v1/issuing/cards/${holder.cardId}`)).body.status;
      assert.equal(await read(), "inactive");
      assert.equal((await holder.changePin("8264")).body.status, "inactive");
      assert.equal(await read(), "inactive");
      assert.ok(await matches(holder, "8264"));
      assert.equal((await holder.update({ status: "active" })).body.status, "active");
      assert.equal(await read(), "active");
    });

    it("active unblocks the PIN without changing it, with a PIN in one transaction too", async () => {
      const holder = await (await create()).inProgram({ changeUnblocks: false });
      await holder.changePin("0471");
      const block = async () => {
        for (const digits of ["1111", "2222", "3333"]) await holder.verify(digits);
        assert.equal((await holder.card()).pin.status, "blocked");
      };
      await block();
      assert.equal((await holder.update({ status: "active" })).body.status, "active");
      assert.ok(await matches(holder, "0471"));
      await block();
      assert.equal((await holder.changePin("8264")).body.status, "inactive");
      assert.equal((await holder.card()).pin.status, "blocked");
      const both = { status: "active", "pin[encrypted_number]": await holder.seal("5917") };
      assert.equal((await holder.update(both)).body.status, "active");
      assert.ok(await matches(holder, "5917"));
    });

    it("canceled is final, and a card that the operator blocked takes nothing", async () => {
      const [holder, blocked] = [await create(), await create()];
      const canceled = await holder.update({ status: "canceled", cancellation_reason: "lost" });
      assert.deepEqual([canceled.body.status, canceled.body.cancellation_reason], ["canceled", "lost"]);
      assert.equal((await holder.card()).state, "terminated");
      await blocked.operator("PATCH", `/cards/${blocked.issuerCardId}`, { state: "blocked" });
      for (const [each, code] of [
        [holder, "card_canceled"],
        [blocked, "card_blocked"],
      ] as const) {
        assertRefused(await each.changePin("0471"), [400, code, "id"]);
        for (const status of ["active", "inactive"]) assertRefused(await each.update({ status }), [400, code, "id"]);
        assertRefused(await each.update({ "metadata[a]": "b" }), [400, code, "id"]);
      }
    });

    it("refuses names and values of metadata that are too long or hold control characters, and spends nothing", async () => {
      const holder = await create();
      const sealed = await holder.seal("1928");
      const faulty = {
        "metadata[a]": "\0",
        "metadata[a\0b]": "1",
        "metadata[a\nb]": "1",
        "metadata[a\nb][x]": "1",
        [`metadata[${"a".repeat(41)}]`]: "1",
        [`spending_controls[${"a".repeat(65)}]`]: "1",
        "spending_controls[a]": "\0",
      };
      for (const [name, value] of Object.entries(faulty)) {
        const answer = await holder.update({ "pin[encrypted_number]": sealed, [name]: value });
        assert.deepEqual([answer.status, answer.body.error.type], [400, "invalid_request_error"], JSON.stringify(name));
      }
      assert.equal((await holder.update({ "pin[encrypted_number]": sealed })).status, 200);
      assert.ok(await matches(holder, "1928"));
    });

    it("refuses the 51st metadata before anything is opened", async () => {
      const holder = await create();
      const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`metadata[n${index}]`, "1"]));
      assert.equal((await holder.update(metadata)).status, 200);
      const former = { "pin[encrypted_number]": await holder.seal("1234"), "metadata[more]": "1" };
      assertRefused(await holder.update(former), [400, undefined, "metadata"]);
      const inTheirPlace = {
        "pin[encrypted_number]": await holder.seal("0471"),
        "metadata[n0]": "",
        "metadata[more]": "1",
      };
      assert.equal((await holder.update(inTheirPlace)).status, 200);
    });

    it("names no parameter that a caller made up, in an answer or the log", async () => {
      const holder = await create();
      const madeUp: [Record<string, string>, string | undefined][] = [
        [{ "metadata[k7391]": "x".repeat(501) }, "metadata"],
        [{ "metadata[k7391][a]": "x" }, "metadata"],
        [{ [`spending_controls[k7391${"a".repeat(64)}]`]: "x" }, "spending_controls"],
        [{ "pin[k7391]": "x", "pin[encrypted_number]": "x" }, "pin"],
        [{ "k7391[a]": "x" }, undefined],
        [{ "k7391[a": "x" }, undefined],
      ];
      for (const [parameters, param] of madeUp) {
        const { status, body } = await holder.update(parameters);
        assert.deepEqual([status, body.error.param], [400, param], JSON.stringify(body));
        assert.ok(!JSON.stringify(body).includes("k7391"));
      }
      assert.match(log, /"field":"metadata"/);
      assert.ok(!log.includes("k7391"));
    });

    it("and metadata are kept, changed by name and sent back", async () => {
      const holder = await create();
      await holder.update({ "metadata[a]": "1", "metadata[b]": "2", status: "inactive" });
      const limits = { "spending_controls[spending_limits][0][amount]": "500" };
      const { body } = await holder.update({ "metadata[a]": "", "metadata[c]": "3", ...limits });
      assert.deepEqual([body.metadata, body.status], [{ b: "2", c: "3" }, "inactive"]);
      assert.deepEqual(body.spending_controls, { spending_limits: [{ amount: 500 }] });
      assert.deepEqual((await holder.update({ metadata: "" })).body.metadata, {});
    });
  });

  describe("a card is created", () => {
    const given = { currency: "usd", type: "virtual" };
    const createCard = (holder: StripeCardholder, more: Record<string, string>, headers?: Record<string, string>) =>
      holder.partner("POST", "/v1/issuing/cards", { ...given, ...more }, headers);
    /** Of the card that was made last. */
    const isItsPin = async (holder: StripeCardholder, digits: string) => {
      const { cardId } = (await issuer.events()).at(-1) as unknown as { cardId: string };
      return (await holder.verify(digits, cardId)).body.result === "match";
    };

    it("with a PIN, inactive until it is activated, for a cardholder or for a new person", async () => {
      const holder = await create();
      const pin = { "pin[encrypted_number]": await holder.seal("0471") };
      const made = await createCard(holder, { ...pin, "metadata[a]": "1" });
      assert.equal(made.status, 200, JSON.stringify(made.body));
      const { id, status, currency, type, metadata, cardholder } = made.body;
      assert.match(id, /^ic_[0-9a-f]{32}$/);
      assert.deepEqual([status, currency, type, metadata], ["inactive", "usd", "virtual", { a: "1" }]);
      assert.deepEqual((await holder.partner("GET", `/v1/issuing/cards/${id}`)).body, made.body);
      assert.ok(await isItsPin(holder, "0471"));
      const second = await createCard(holder, { cardholder: cardholder.id, status: "active" });
      assert.deepEqual([second.body.status, second.body.cardholder.id], ["active", cardholder.id]);
      assert.ok(await isItsPin(holder, "0000"), "the sandbox's PIN until one is set");
    });

    it("not with a PIN that is refused, a stranger's cardholder, or without what is required", async () => {
      const holder = await create();
      const other = await holder.atAnotherPartner();
      const sealed = await holder.seal("0471");
      assert.equal((await holder.sendPin(sealed)).status, 200);
      const cases: [Record<string, string>, number, string | undefined, string | undefined][] = [
        [{ "pin[encrypted_number]": sealed }, 400, "pin_already_used", "pin[encrypted_number]"],
        [{ "pin[encrypted_number]": await holder.seal("1234") }, 400, "pin_not_allowed", "pin[encrypted_number]"],
        [{ "pin[encrypted_number]": "0471" }, 400, "pin_encryption_invalid", "pin[encrypted_number]"],
        [{ cardholder: (await createCard(other, {})).body.cardholder.id }, 404, "resource_missing", "cardholder"],
        [{ currency: "" }, 400, undefined, "currency"],
        [{ type: "plastic" }, 400, undefined, "type"],
        [{ status: "canceled" }, 400, undefined, "status"],
      ];
      for (const [more, status, code, param] of cases)
        assertRefused(await createCard(holder, more), [status, code, param]);
      const missing = await holder.partner("POST", "/v1/issuing/cards", { type: "virtual" });
      assertRefused(missing, [400, "parameter_missing", "currency"]);
    });

    it("once for one idempotency key", async () => {
      const holder = await create();
      const headers = { "idempotency-key": crypto.randomUUID() };
      const [one, two] = [await createCard(holder, {}, headers), await createCard(holder, {}, headers)];
      assert.deepEqual(two.body, one.body);
      assert.notEqual((await createCard(holder, {})).body.id, one.body.id);
    });
  });

  describe("an idempotency key", () => {
    it("answers a repeated change as the first, before the replay mark is looked at", async () => {
      const holder = await create();
      const headers = { "idempotency-key": crypto.randomUUID() };
      const sealed = await holder.seal("0471");
      const first = await holder.sendPin(sealed, headers);
      await holder.changePin("8264");
      const again = await holder.sendPin(sealed, headers);
      assert.deepEqual([again.status, again.body], [200, first.body]);
      assert.equal(again.headers.get("idempotent-replayed"), "true");
      assert.ok(await matches(holder, "8264"));
      assert.equal((await holder.card()).pin.version, 2);
    });

    it("keeps a refusal, and not one of validation", async () => {
      const holder = await create();
      const refused = { "idempotency-key": crypto.randomUUID() };
      const sealed = await holder.seal("1234");
      const one = await holder.sendPin(sealed, refused);
      assert.deepEqual((await holder.sendPin(sealed, refused)).body, one.body);
      const invalid = { "idempotency-key": crypto.randomUUID() };
      assertRefused(await holder.update({ status: "blocked" }, invalid), [400, undefined, "status"]);
      assert.equal((await holder.update({ status: "inactive" }, invalid)).status, 200);
      const inClear = { "idempotency-key": crypto.randomUUID() };
      assertRefused(await holder.sendPin("0471", inClear), [400, "pin_encryption_invalid", "pin[encrypted_number]"]);
      assert.equal((await holder.sendPin(await holder.seal("0471"), inClear)).status, 200);
    });

    it("is refused with other parameters, for another card, and when it is too long", async () => {
      const [holder, other] = [await create(), await create()];
      const headers = { "idempotency-key": crypto.randomUUID() };
      assert.equal((await holder.update({ status: "inactive" }, headers)).status, 200);
      for (const answer of [
        await holder.update({ status: "active" }, headers),
        await other.update({ status: "inactive" }, headers),
      ])
        assertRefused(answer, [400, undefined, undefined, "idempotency_error"]);
      const long = { "idempotency-key": "k".repeat(256) };
      assertRefused(await holder.update({ status: "active" }, long), [400, undefined]);
    });

    it("is another partner's own, and is forgotten after a day", async () => {
      const holder = await create();
      const other = await holder.atAnotherPartner();
      const headers = { "idempotency-key": crypto.randomUUID() };
      assert.equal((await holder.update({ status: "inactive" }, headers)).status, 200);
      assert.equal((await other.update({ "metadata[a]": "b" }, headers)).status, 200);
      now = new Date(now.getTime() + 25 * 60 * 60 * 1000);
      assert.equal((await holder.update({ status: "active" }, headers)).body.status, "active");
    });

    it("of ten requests at once lets one act", async () => {
      const holder = await create();
      const headers = { "idempotency-key": crypto.randomUUID() };
      const sealed = await holder.seal("0471");
      const answers = await Promise.all(Array.from({ length: 10 }, () => holder.sendPin(sealed, headers)));
      for (const answer of answers) if (answer.status !== 200) assertRefused(answer, [409, "idempotency_key_in_use"]);
      assert.ok(answers.some(({ status }) => status === 200));
      assert.equal((await holder.card()).pin.version, 1);
    });
  });
});
