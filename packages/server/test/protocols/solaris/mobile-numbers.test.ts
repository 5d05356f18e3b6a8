import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hexFromBytes, LinchpinError } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { type Answer, call } from "@linchpin/testing/call";
import { assertSolarisError, SolarisCardholder } from "@linchpin/testing/solaris";
import fc from "fast-check";
import { parseMobileNumber } from "../../../src/persons/mobile-number.ts";

const minuteMs = 60_000;
const wrongToken = (token: string) => (token === "000000" ? "000001" : "000000");

describe("Solaris mobile numbers", () => {
  let issuer: SandboxIssuer;
  let partner: SolarisCardholder;
  let lastNumber = 4_915_200_000_000;
  const clock = { aheadMs: 0 };

  before(async () => {
    issuer = await startSandboxIssuer({ clock: () => new Date(Date.now() + clock.aheadMs) });
    partner = await SolarisCardholder.create(issuer.url);
  });
  after(() => issuer.stop());

  /** A person without a number, and a number that nobody had before. */
  async function freshPerson() {
    const { id } = (await partner.operator("POST", "/persons", { partnerId: "sandbox" })).body;
    lastNumber += 1;
    const path = `/v1/persons/${id}/mobile_number`;
    return {
      number: `+${lastNumber}`,
      read: () => partner.partner("GET", path),
      remove: (body?: unknown) => partner.partner("DELETE", path, body),
      register: (body: unknown) => partner.partner("POST", path, body),
      authorize: (body: unknown) => partner.partner("POST", `${path}/authorize`, body),
      confirm: (body: unknown) => partner.partner("POST", `${path}/confirm`, body),
      path,
    };
  }

  /** Registered and authorized: the OTP is out. */
  async function authorizedPerson() {
    const person = await freshPerson();
    const { number } = person;
    assert.equal((await person.register({ number })).status, 201);
    assert.equal((await person.authorize({ number })).status, 201);
    return { ...person, token: await partner.newestOtp(number) };
  }

  async function isVerified({ read }: { read: () => Promise<Answer> }): Promise<boolean> {
    return (await read()).body.verified;
  }

  it("are registered, authorized by an OTP and confirmed", async () => {
    const { number, register, authorize, confirm, read } = await freshPerson();
    assertSolarisError(await read(), 404, "model_not_found");
    const registered = await register({ number, device_data: "Web;fingerprint" });
    const { id } = registered.body;
    assert.match(id, /^[0-9a-f]{32}cmno$/);
    assert.deepEqual([registered.status, registered.body], [201, { id, number, verified: false }]);
    assert.deepEqual(await partner.messages(number), []);
    const authorized = await authorize({ number });
    assert.deepEqual([authorized.status, authorized.body], [201, { id, number, verified: false }]);
    const [message] = await partner.messages(number);
    assert.equal(message.channel, "sms");
    const confirmed = await confirm({ number, token: await partner.newestOtp(number) });
    assert.deepEqual([confirmed.status, confirmed.body], [201, { id, number, verified: true }]);
    assert.deepEqual((await read()).body, { id, number, verified: true });
  });

  it("knows the sandbox's number and its OTP, and takes a token without a number", async () => {
    const { register, authorize, confirm } = await freshPerson();
    await register({ number: "+15550101" });
    await authorize({ number: "+15550101" });
    assert.equal((await confirm({ token: "212212" })).body.verified, true);
  });

  it("are cleaned of what people put between digits, wherever they are named", async () => {
    const { number, register, authorize, confirm } = await freshPerson();
    const written = `${number.slice(0, 3)} ${number.slice(3, 6)}-${number.slice(6, 8)}_${number.slice(8, 10)}/${number.slice(10)}`;
    assert.equal((await register({ number: written })).body.number, number);
    assert.equal((await authorize({ number: written })).status, 201);
    assert.equal((await confirm({ number: written, token: await partner.newestOtp(number) })).status, 201);
  });

  it("are by E.164 or none", () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 6, maxLength: 14 });
    const filler = fc.constantFrom("", " ", "-", "_", "/", " - ");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), digits, filler, (first, rest, between) => {
        const number = `+${first}${rest.join("")}`;
        assert.equal(parseMobileNumber([...number].join(between)), number);
      }),
    );
    for (const text of [
      "",
      "+",
      "15550101",
      "0049151234567",
      "+0151234567",
      "+123456",
      `+1${"0".repeat(15)}`,
      "+1555o101",
      "+1555.0101",
      "+1(555)0101",
      "+1555\u00a00101",
      "+١٥٥٥٠١٠١",
      "+15550101\n",
    ])
      assert.throws(
        () => parseMobileNumber(text),
        (error) => error instanceof LinchpinError && error.code === "request_invalid" && error.field === "number",
      );
  });

  describe("refuse", () => {
    it("another number beside a verified one", async () => {
      const { confirm, register, authorize, number, token, read } = await authorizedPerson();
      await confirm({ token });
      assertSolarisError(await register({ number: "+4915100000009" }), 409, "mobile_number_exists");
      assertSolarisError(await authorize({ number }), 409, "mobile_number_exists");
      assert.equal((await read()).body.number, number);
    });

    it("numbers that are none, and other members", async () => {
      const { register, authorize, confirm, read } = await freshPerson();
      for (const number of ["0151234567", "+49 (0) 151", "+"])
        assertSolarisError(await register({ number }), 400, "validation_error", "number");
      assertSolarisError(await register({ number: 15550101 }), 400, "type_error", "number");
      assertSolarisError(await register({ number: "+15550101", more: 1 }), 400, "validation_error");
      assertSolarisError(await authorize({}), 400, "validation_error", "number");
      assertSolarisError(await confirm({ number: "+15550101" }), 400, "validation_error", "token");
      assertSolarisError(await read(), 404, "model_not_found");
    });

    it("to authorize or confirm another number than the one that is registered", async () => {
      const { authorize, confirm, token } = await authorizedPerson();
      const number = "+4915100000008";
      assertSolarisError(await authorize({ number }), 404, "model_not_found", "number");
      assertSolarisError(await confirm({ number, token }), 404, "model_not_found", "number");
      assert.deepEqual(await partner.messages(number), []);
      assertSolarisError(await (await freshPerson()).authorize({ number }), 404, "model_not_found", "number");
      assertSolarisError(await (await freshPerson()).confirm({ token }), 404, "model_not_found", "number");
    });

    it("wrong tokens, three of them, and then the right one, until another OTP is sent", async () => {
      const person = await authorizedPerson();
      const { token, number } = person;
      for (let count = 0; count < 3; count++)
        assertSolarisError(await person.confirm({ token: wrongToken(token) }), 422, "invalid_tan", "token");
      assertSolarisError(await person.confirm({ token }), 409, "challenge_ended");
      assert.equal(await isVerified(person), false);
      await person.authorize({ number });
      assert.equal((await person.confirm({ token: await partner.newestOtp(number) })).status, 201);
    });

    it("all but three of ten wrong tokens that come at once", async () => {
      const { confirm, token } = await authorizedPerson();
      const answers = await Promise.all(Array.from({ length: 10 }, () => confirm({ token: wrongToken(token) })));
      assert.equal(answers.filter(({ body }) => body.errors[0].code === "invalid_tan").length, 3);
      assert.equal(answers.filter(({ body }) => body.errors[0].code === "challenge_ended").length, 7);
    });

    it("a token that was used, that is older than five minutes, and one before any was sent", async () => {
      const used = await authorizedPerson();
      assert.equal((await used.confirm({ token: used.token })).status, 201);
      assertSolarisError(await used.confirm({ token: used.token }), 409, "challenge_ended");
      const expired = await authorizedPerson();
      clock.aheadMs += 5 * minuteMs;
      assertSolarisError(await expired.confirm({ token: expired.token }), 409, "challenge_ended");
      clock.aheadMs -= 5 * minuteMs;
      const unsent = await freshPerson();
      await unsent.register({ number: unsent.number });
      assertSolarisError(await unsent.confirm({ token: "212212" }), 409, "challenge_ended");
      assert.deepEqual([await isVerified(expired), await isVerified(unsent)], [false, false]);
    });

    it("to verify, by the OTP of one number, the one that replaced it", async () => {
      const person = await authorizedPerson();
      const number = "+4915100000007";
      assert.equal((await person.register({ number })).status, 201);
      assertSolarisError(await person.confirm({ token: person.token }), 404, "model_not_found", "number");
      assert.equal(await isVerified(person), false);
    });

    it("other content types, and no credentials", async () => {
      const { path } = await freshPerson();
      const url = `${partner.sandbox.solaris.baseUrl}${path}`;
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const body = "number=%2B15550101";
      assertSolarisError(
        await call("POST", url, { bearer: partner.token, body, headers }),
        415,
        "unsupported_media_type",
      );
      assertSolarisError(await call("GET", url), 401, "token_required");
    });
  });

  describe("are deleted", () => {
    it("while they are unverified", async () => {
      const { register, remove, read, number } = await freshPerson();
      assertSolarisError(await remove(), 404, "model_not_found", "number");
      await register({ number });
      assertSolarisError(await remove({ number: "+4915100000006" }), 404, "model_not_found", "number");
      const removed = await remove({ number });
      assert.deepEqual([removed.status, removed.body], [204, null]);
      assertSolarisError(await read(), 404, "model_not_found");
    });

    it("not once they are verified: that is where OTPs go", async () => {
      const person = await authorizedPerson();
      await person.confirm({ token: person.token });
      assertSolarisError(await person.remove(), 403, "unauthorized_action");
      assertSolarisError(await person.remove({ number: person.number }), 403, "unauthorized_action");
      assert.equal(await isVerified(person), true);
    });
  });

  describe("of a partner that may not register them", () => {
    let stranger: SolarisCardholder;
    let partnerId: string;
    before(async () => {
      stranger = await SolarisCardholder.createAtAnotherPartner(issuer.url);
      partnerId = (await stranger.operator("GET", `/persons/${stranger.sandbox.solaris.personId}`)).body.partnerId;
    });
    const allow = (mayRegisterMobileNumbers: boolean) =>
      stranger.operator("PATCH", `/partners/${partnerId}`, { mayRegisterMobileNumbers });
    const number = "+4915100000004";

    /** A person of the stranger's without a number, and a card. */
    async function strangersPerson() {
      const { id } = (await stranger.operator("POST", "/persons", { partnerId })).body;
      const card = (await stranger.operator("POST", "/cards", { personId: id, programId: "sandbox" })).body;
      const path = `/v1/persons/${id}/mobile_number`;
      return {
        id,
        cardId: card.id,
        on: (below: string, body: unknown) => stranger.partner("POST", path + below, body),
      };
    }

    it("are registered by the operator alone: the partner gets no code for a person without a number", async () => {
      assert.equal((await stranger.operator("GET", `/partners/${partnerId}`)).body.mayRegisterMobileNumbers, false);
      const { id, on } = await strangersPerson();
      assertSolarisError(await on("", { number }), 403, "unauthorized_action");
      assertSolarisError(await on("/authorize", { number }), 404, "model_not_found", "number");
      assertSolarisError(await on("/confirm", { token: "212212" }), 404, "model_not_found", "number");
      assert.deepEqual(await stranger.messages(number), []);
      const key = hexFromBytes((await webCryptoPrimitives.makeSigningKey()).publicPoint);
      const binding = { person_id: id, key_type: "ecdsa-p256", key };
      assertSolarisError(await stranger.partner("POST", "/v1/mfa/devices", binding), 403, "mobile_number_missing");
    });

    it("are not confirmed once it may no longer", async () => {
      const { on } = await strangersPerson();
      assert.equal((await allow(true)).body.mayRegisterMobileNumbers, true);
      assert.equal((await on("", { number })).status, 201);
      assert.equal((await on("/authorize", { number })).status, 201);
      const token = await stranger.newestOtp(number);
      await allow(false);
      assertSolarisError(await on("/confirm", { number, token }), 403, "unauthorized_action");
    });

    it("get no letter, neither an activation code nor a PIN", async () => {
      const { id, cardId, on } = await strangersPerson();
      const number = "+4915100000003";
      await allow(true);
      await on("", { number });
      await on("/authorize", { number });
      assert.equal((await on("/confirm", { number, token: await stranger.newestOtp(number) })).status, 201);
      await allow(false);
      const letter = {
        person_id: id,
        origin: "MOBILE_APP",
        purpose: "DEVICE_BINDING",
        delivery_method: "SNAILMAIL",
        invalidate_existing_code: false,
      };
      const askForLetter = () => stranger.partner("POST", "/v1/mfa/challenges/activation", letter);
      const generate = () => stranger.operator("POST", `/cards/${cardId}/pin/generate`);
      assertSolarisError(await askForLetter(), 403, "mobile_number_missing");
      assert.equal((await generate()).body.code, "mobile_number_missing");
      assert.deepEqual(
        (await stranger.messages(number)).map(({ channel }) => channel),
        ["sms"],
      );
      await stranger.operator("PATCH", `/persons/${id}`, { mobileNumber: number });
      assert.equal((await askForLetter()).status, 201);
      assert.equal((await generate()).status, 200);
    });
  });

  it("another partner finds nothing, nor does anyone of a person who is not there", async () => {
    const stranger = await SolarisCardholder.createAtAnotherPartner(issuer.url);
    const { path, number, token, confirm } = await authorizedPerson();
    for (const [method, below, body] of [
      ["GET", "", undefined],
      ["DELETE", "", undefined],
      ["POST", "", { number: "+4915100000005" }],
      ["POST", "/authorize", { number }],
      ["POST", "/confirm", { token }],
    ] as const) {
      assertSolarisError(await stranger.partner(method, `${path}${below}`, body), 404, "model_not_found", "person_id");
      const nobody = `/v1/persons/nobody/mobile_number${below}`;
      assertSolarisError(await partner.partner(method, nobody, body), 404, "model_not_found", "person_id");
    }
    assert.equal((await confirm({ token })).status, 201);
  });
});
