import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hexFromBytes, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { makeAddDeviceKeyRequest, makeBindDeviceRequest, readStringToSign } from "@linchpin/protocols/solaris/device";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { signByHand } from "@linchpin/test-fixtures/messages/sign-by-hand";
import { type Answer, call } from "@linchpin/testing/call";
import { assertSolarisError, type BoundDevice, SolarisCardholder } from "@linchpin/testing/solaris";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/;

describe("Solaris devices", () => {
  let issuer: SandboxIssuer;
  let stranger: SolarisCardholder;
  const clock = { aheadMs: 0 };

  before(async () => {
    issuer = await startSandboxIssuer({ clock: () => new Date(Date.now() + clock.aheadMs) });
    stranger = await SolarisCardholder.createAtAnotherPartner(issuer.url);
  });
  after(() => issuer.stop());

  const freshHolder = () => SolarisCardholder.create(issuer.url);

  async function later<Result>(ms: number, work: () => Promise<Result>): Promise<Result> {
    clock.aheadMs += ms;
    try {
      return await work();
    } finally {
      clock.aheadMs -= ms;
    }
  }

  /** How many events the audit has, of whatever they are. */
  async function auditLength(holder: SolarisCardholder): Promise<number> {
    const shards = (await holder.operator("GET", "/audit-shards")).body;
    return shards.reduce((sum: number, { sequence }: { sequence: number | string }) => sum + Number(sequence), 0);
  }

  async function bindRequest(holder: SolarisCardholder, options: Record<string, unknown> = {}) {
    const key = await primitives.makeSigningKey();
    return { ...makeBindDeviceRequest({ personId: holder.sandbox.solaris.personId, key }), ...options };
  }

  describe("binding by SMS", () => {
    it("answers 202 with a challenge, sends an OTP, and binds when the new key signs it", async () => {
      const holder = await freshHolder();
      const key = await primitives.makeSigningKey();
      const { personId } = holder.sandbox.solaris;
      const request = makeBindDeviceRequest({ personId, key, name: "Phone", device_data: "Web;fingerprint" });
      const bound = await holder.partner("POST", "/v1/mfa/devices", request);
      assert.equal(bound.status, 202);
      const { id, challenge } = bound.body;
      assert.deepEqual(Object.keys(challenge), ["id", "type", "created_at", "expires_at"]);
      assert.equal(challenge.type, "signature");
      assert.match(challenge.created_at, timestamp);
      assert.equal(Date.parse(challenge.expires_at) - Date.parse(challenge.created_at), 5 * minuteMs);
      const path = `/v1/mfa/challenges/signatures/${challenge.id}`;
      assert.deepEqual((await holder.partner("GET", path)).body, challenge);
      assertSolarisError(await holder.partner("GET", `/v1/mfa/devices/${id}`), 403, "device_not_verified");

      const proved = await holder.proveBinding(challenge.id, key, await holder.newestOtp());
      assert.deepEqual([proved.status, proved.body], [204, null]);
      const device = (await holder.partner("GET", `/v1/mfa/devices/${id}`)).body;
      assert.deepEqual(device, {
        id,
        person_id: personId,
        name: "Phone",
        created_at: device.created_at,
        deleted_at: null,
      });
      assert.match(device.created_at, timestamp);
      assert.deepEqual((await holder.partner("GET", `/v1/mfa/devices?person_id=${personId}`)).body, [device]);
      const [bindingKey] = (await holder.partner("GET", `/v1/mfa/devices/${id}/keys`)).body;
      assert.deepEqual([bindingKey.key_type, bindingKey.key_purpose], ["ecdsa-p256", "unrestricted"]);
    });

    it("sends one six-digit word, in the language that was asked for", async () => {
      const holder = await freshHolder();
      const words = { de: "Ihr Code", en: "your code", fr: "votre code" } as const;
      for (const language of ["de", "en", "fr"] as const) {
        await holder.beginBinding({ language });
        const message = (await holder.messages()).at(-1);
        assert.equal(message.channel, "sms");
        assert.ok(message.text.includes(words[language]), message.text);
        assert.equal(message.text.match(/\b\d{6}\b/g).length, 1);
      }
    });

    it("says nothing of the caller's in the message", async () => {
      const holder = await freshHolder();
      const sms_challenge = { app_signature: "123456+call" };
      assert.equal(
        (await holder.partner("POST", "/v1/mfa/devices", await bindRequest(holder, { sms_challenge }))).status,
        202,
      );
      assert.ok(!(await holder.messages()).at(-1).text.includes("call"));
    });

    it("knows the sandbox's number and its OTP", async () => {
      const holder = await SolarisCardholder.create(issuer.url, { fresh: false });
      assert.equal(holder.sandbox.solaris.mobileNumber, "+15550101");
      const { key, challengeId } = await holder.beginBinding();
      assert.equal((await holder.proveBinding(challengeId, key, "212212")).status, 204);
    });

    for (const [what, change, status, code, field] of [
      ["a person nobody knows", { person_id: "nobody" }, 404, "model_not_found", "person_id"],
      ["a key that is no point", { key: `04${"11".repeat(64)}` }, 422, "invalid_key", "key"],
      ["a compressed key", { key: `02${"11".repeat(32)}` }, 422, "invalid_key", "key"],
      ["a key that is no hex", { key: "04zz" }, 400, "validation_error", "key"],
      ["another type of key", { key_type: "rsa" }, 400, "validation_error", "key_type"],
      ["another purpose", { key_purpose: "any" }, 400, "validation_error", "key_purpose"],
      ["another language", { language: "nl" }, 400, "validation_error", "language"],
      ["an unknown member", { more: 1 }, 400, "validation_error", undefined],
      ["device_data beyond its bounds", { device_data: "x".repeat(16_385) }, 400, "validation_error", "device_data"],
    ] as const)
      it(`refuses ${what}`, async () => {
        const holder = await freshHolder();
        const request = await bindRequest(holder, change);
        assertSolarisError(await holder.partner("POST", "/v1/mfa/devices", request), status, code, field);
        assert.deepEqual(await holder.messages(), []);
      });

    it("refuses a person without a verified number", async () => {
      const holder = await freshHolder();
      const person = (await holder.operator("POST", "/persons", { partnerId: "sandbox" })).body;
      const path = `/v1/persons/${person.id}/mobile_number`;
      const request = await bindRequest(holder, { person_id: person.id });
      assertSolarisError(await holder.partner("POST", "/v1/mfa/devices", request), 403, "mobile_number_missing");
      assert.equal((await holder.partner("POST", path, { number: "+4915100000001" })).status, 201);
      assertSolarisError(await holder.partner("POST", "/v1/mfa/devices", request), 403, "mobile_number_missing");
    });

    it("refuses other content types, and no credentials", async () => {
      const holder = await freshHolder();
      const url = `${holder.sandbox.solaris.baseUrl}/v1/mfa/devices`;
      const body = JSON.stringify(await bindRequest(holder));
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      assertSolarisError(
        await call("POST", url, { bearer: holder.token, body, headers }),
        415,
        "unsupported_media_type",
      );
      assertSolarisError(await call("POST", url, { body }), 401, "token_required");
      assertSolarisError(await call("POST", url, { bearer: holder.token, body: "{" }), 400, "invalid_json");
    });
  });

  describe("proving the binding", () => {
    let holder: SolarisCardholder;
    let binding: BoundDevice & { challengeId: string };
    let otp: string;
    before(async () => {
      holder = await freshHolder();
    });
    const begin = async () => {
      binding = await holder.beginBinding({ key_purpose: "restricted" });
      otp = await holder.newestOtp();
    };
    const put = (body: unknown) => holder.partner("PUT", `/v1/mfa/challenges/signatures/${binding.challengeId}`, body);
    const isBound = async () => (await holder.partner("GET", `/v1/mfa/devices/${binding.deviceId}`)).status === 200;

    it("comes before all else that a device can do", async () => {
      const holder = await freshHolder();
      const { deviceId, key } = await holder.beginBinding({ key_purpose: "restricted" });
      assertSolarisError(await holder.changePin("2846", { deviceId, key }), 403, "device_not_verified", "device_id");
      assert.equal((await holder.auditEvents()).at(-1).code, "device_unverified");
      const asked = { device_id: deviceId, key_purpose: "restricted" };
      assertSolarisError(await holder.partner("POST", "/v1/mfa/challenges/devices", asked), 403, "device_not_verified");
      assertSolarisError(await holder.partner("GET", `/v1/mfa/devices/${deviceId}`), 403, "device_not_verified");
    });

    it("refuses a signature over another OTP, by another key, in r‖s form, and what is no signature", async () => {
      const wrongOtp = async () => (await signByHand(binding.key, otp === "000000" ? "000001" : "000000")).signature;
      const wrongKey = async () => (await signByHand(await primitives.makeSigningKey(), otp)).signature;
      const rawForm = async () => hexFromBytes(await binding.key.sign(utf8(otp)));
      for (const sign of [wrongOtp, wrongKey, rawForm, async () => "00"]) {
        await begin();
        assertSolarisError(await put({ signature: await sign() }), 422, "invalid_signature", "signature");
        assert.equal(await isBound(), false);
      }
    });

    it("gives three tries, after which the right answer is too late", async () => {
      await begin();
      for (let count = 0; count < 3; count++)
        assertSolarisError(await put({ signature: "00" }), 422, "invalid_signature");
      assertSolarisError(await put(await signByHand(binding.key, otp)), 409, "challenge_ended");
      assert.equal(await isBound(), false);
    });

    it("gives three tries to ten that come at once", async () => {
      await begin();
      const answers = await Promise.all(Array.from({ length: 10 }, () => put({ signature: "00" })));
      assert.equal(answers.filter(({ status }) => status === 422).length, 3);
      assert.equal(answers.filter(({ status }) => status === 409).length, 7);
    });

    it("ends after five minutes", async () => {
      await begin();
      const answer = await signByHand(binding.key, otp);
      assertSolarisError(await later(5 * minuteMs, () => put(answer)), 409, "challenge_ended");
      assert.equal((await put(answer)).status, 204);
    });

    it("takes a right answer once, also of several that come at once", async () => {
      await begin();
      const answer = await signByHand(binding.key, otp);
      const statuses = (await Promise.all([put(answer), put(answer), put(answer)])).map(({ status }) => status);
      assert.deepEqual(statuses.sort(), [204, 409, 409]);
      assertSolarisError(await put(answer), 409, "challenge_ended");
      await holder.partner("DELETE", `/v1/mfa/devices/${binding.deviceId}`);
    });

    it("is not done by another person's challenge or in another kind of challenge", async () => {
      await begin();
      const answer = await signByHand(binding.key, otp);
      const path = `/v1/mfa/challenges/devices/${binding.challengeId}`;
      assertSolarisError(await holder.partner("PUT", path, answer), 404, "model_not_found");
      const other = await (await freshHolder()).beginBinding();
      const wrong = await holder.proveBinding(other.challengeId, binding.key, otp);
      assertSolarisError(wrong, 422, "invalid_signature");
    });

    it("refuses unknown members and unknown challenges", async () => {
      await begin();
      const answer = await signByHand(binding.key, otp);
      assertSolarisError(await put({ ...answer, otp }), 400, "validation_error");
      assertSolarisError(await put({}), 400, "validation_error", "signature");
      const unknown = await holder.partner("PUT", "/v1/mfa/challenges/signatures/unknown", answer);
      assertSolarisError(unknown, 404, "model_not_found");
    });

    it("leaves an audit event of each refusal", async () => {
      await begin();
      const eventsBefore = await auditLength(holder);
      assertSolarisError(await put({ signature: "00" }), 422, "invalid_signature");
      assert.equal(await auditLength(holder), eventsBefore + 1);
    });
  });

  describe("at most five a person", () => {
    it("refuses the sixth, early and late, and takes another once one is deleted", async () => {
      const holder = await freshHolder();
      const sixth = await holder.beginBinding();
      const sixthOtp = await holder.newestOtp();
      const devices: BoundDevice[] = [];
      for (let count = 0; count < 5; count++) devices.push(await holder.bindDevice());
      const request = await bindRequest(holder);
      assertSolarisError(await holder.partner("POST", "/v1/mfa/devices", request), 409, "too_many_devices");
      assertSolarisError(await holder.proveBinding(sixth.challengeId, sixth.key, sixthOtp), 409, "too_many_devices");
      assert.equal((await holder.partner("DELETE", `/v1/mfa/devices/${devices[0]?.deviceId}`)).status, 204);
      assert.equal((await holder.proveBinding(sixth.challengeId, sixth.key, sixthOtp)).status, 204);
    });

    it("holds when eight are proved at once", async () => {
      const holder = await freshHolder();
      const bindings = [];
      for (let count = 0; count < 8; count++)
        bindings.push({ ...(await holder.beginBinding()), otp: await holder.newestOtp() });
      const answers = await Promise.all(
        bindings.map(({ challengeId, key, otp }) => holder.proveBinding(challengeId, key, otp)),
      );
      assert.equal(answers.filter(({ status }) => status === 204).length, 5);
      for (const answer of answers.filter(({ status }) => status !== 204))
        assertSolarisError(answer, 409, "too_many_devices");
      const { personId } = holder.sandbox.solaris;
      assert.equal((await holder.partner("GET", `/v1/mfa/devices?person_id=${personId}`)).body.length, 5);
    });
  });

  describe("deleting", () => {
    it("makes the device's keys useless at once", async () => {
      const holder = await freshHolder();
      const device = await holder.bindDevice();
      const path = `/v1/mfa/devices/${device.deviceId}`;
      const change = await holder.sealAndSign("2846", device);
      const challenge = await challengeOf(holder, device);
      assert.equal((await holder.partner("DELETE", path)).status, 204);
      assertSolarisError(await holder.sendChange(change), 404, "model_not_found", "device_id");
      assertSolarisError(await challenge.answerBy(device), 404, "model_not_found");
      assertSolarisError(await holder.partner("GET", path), 404, "model_not_found");
      assertSolarisError(await holder.partner("GET", `${path}/keys`), 404, "model_not_found");
      assertSolarisError(await holder.partner("DELETE", path), 404, "model_not_found");
      assert.equal((await holder.card()).pin.version, 0);
    });

    it("is not for a device that has not proved its binding", async () => {
      const holder = await freshHolder();
      const { deviceId } = await holder.beginBinding();
      const path = `/v1/mfa/devices/${deviceId}`;
      assertSolarisError(await holder.partner("DELETE", path), 403, "device_not_verified", "device_id");
      assertSolarisError(await stranger.partner("DELETE", path), 404, "model_not_found", "device_id");
    });
  });

  describe("device keys", () => {
    let holder: SolarisCardholder;
    before(async () => {
      holder = await freshHolder();
    });
    type Purpose = "restricted" | "unrestricted";

    async function keyRequest(device: BoundDevice, from: Purpose, to: Purpose) {
      const newKey = await primitives.makeSigningKey();
      const request = await makeAddDeviceKeyRequest({
        newKey,
        newKeyPurpose: to,
        knownKey: device.key,
        knownKeyPurpose: from,
      });
      return { newKey, request };
    }
    const post = (device: BoundDevice, request: unknown) =>
      holder.partner("POST", `/v1/mfa/devices/${device.deviceId}/keys`, request);
    const unbind = (device: BoundDevice) => holder.partner("DELETE", `/v1/mfa/devices/${device.deviceId}`);

    it("are added by the signature of a restricted one, and both are listed", async () => {
      const device = await holder.bindDevice("restricted");
      const { request } = await keyRequest(device, "restricted", "unrestricted");
      const added = await later(20 * minuteMs, () => post(device, request));
      assert.deepEqual([added.status, Object.keys(added.body)], [201, ["id"]]);
      const keys = (await holder.partner("GET", `/v1/mfa/devices/${device.deviceId}/keys`)).body;
      assert.deepEqual(keys.map((key: { key_purpose: string }) => key.key_purpose).sort(), [
        "restricted",
        "unrestricted",
      ]);
      assert.ok(keys.some(({ id }: { id: string }) => id === added.body.id));
      await unbind(device);
    });

    it("an unrestricted one vouches for a restricted one just after the binding: its signature changes the PIN", async () => {
      const device = await holder.bindDevice("unrestricted");
      const { request, newKey } = await keyRequest(device, "unrestricted", "restricted");
      assertSolarisError(await holder.changePin("2846", device), 422, "device_key_missing");
      assert.equal((await post(device, request)).status, 201);
      assertSolarisError(await holder.changePin("2846", device), 422, "invalid_signature");
      assert.equal((await holder.changePin("2846", { ...device, key: newKey })).status, 204);
      await unbind(device);
    });

    it("an unrestricted one vouches for no restricted one later", async () => {
      const device = await holder.bindDevice("unrestricted");
      const { request } = await keyRequest(device, "unrestricted", "restricted");
      const refused = await later(10 * minuteMs, () => post(device, request));
      assertSolarisError(refused, 403, "unauthorized_action", "device_signature.signature_key_purpose");
      const keys = (await holder.partner("GET", `/v1/mfa/devices/${device.deviceId}/keys`)).body;
      assert.equal(keys.length, 1);
      await unbind(device);
    });

    it("refuses another signature, a second key of a purpose, the same key again, a purpose that is not there", async () => {
      const device = await holder.bindDevice("restricted");
      const { request } = await keyRequest(device, "restricted", "unrestricted");
      const upper = { ...request, key: request.key.toUpperCase() };
      assertSolarisError(await post(device, upper), 422, "invalid_signature");
      const foreign = await keyRequest(
        { ...device, key: await primitives.makeSigningKey() },
        "restricted",
        "unrestricted",
      );
      assertSolarisError(await post(device, foreign.request), 422, "invalid_signature");
      const second = await keyRequest(device, "restricted", "restricted");
      assertSolarisError(await post(device, second.request), 409, "device_key_exists", "key_purpose");
      const missing = await keyRequest(device, "unrestricted", "unrestricted");
      assertSolarisError(await post(device, missing.request), 422, "device_key_missing");
      const own = hexFromBytes(device.key.publicPoint);
      const { signature } = await signByHand(device.key, own);
      const device_signature = { signature_key_purpose: "restricted", signature };
      assertSolarisError(await post(device, { ...request, key: own, device_signature }), 422, "invalid_key", "key");
      assertSolarisError(await post(device, { ...request, key: "04" }), 422, "invalid_key", "key");
      assertSolarisError(await post(device, { ...request, more: 1 }), 400, "validation_error");
      await unbind(device);
    });
  });

  async function challengeOf(holder: SolarisCardholder, device: BoundDevice, key_purpose = "restricted") {
    const made = await holder.partner("POST", "/v1/mfa/challenges/devices", {
      device_id: device.deviceId,
      key_purpose,
    });
    assert.equal(made.status, 201);
    const path = `/v1/mfa/challenges/devices/${made.body.id}`;
    const answerBy = async (
      { key }: Pick<BoundDevice, "key">,
      text: string = made.body.string_to_sign,
    ): Promise<Answer> => holder.partner("PUT", path, await signByHand(key, text));
    return { ...made.body, path, answerBy };
  }

  describe("signing challenges", () => {
    let holder: SolarisCardholder;
    let device: BoundDevice;
    before(async () => {
      holder = await freshHolder();
      device = await holder.bindDevice("restricted");
    });

    it("are answered by the key that was asked for, once", async () => {
      const challenge = await challengeOf(holder, device);
      assert.equal(challenge.type, "device");
      const { at, ...authorized } = readStringToSign(challenge.string_to_sign);
      assert.deepEqual(authorized, { operation: "answer_challenge", device: device.deviceId });
      assert.ok(Math.abs(at.getTime() - Date.now()) < minuteMs);
      assert.equal(Date.parse(challenge.expires_at) - Date.parse(challenge.created_at), 5 * minuteMs);
      const answer = await challenge.answerBy(device);
      assert.deepEqual([answer.status, answer.body], [204, null]);
      assertSolarisError(await challenge.answerBy(device), 409, "challenge_ended");
    });

    it("never ask for the same string twice", async () => {
      const challenges = await Promise.all(Array.from({ length: 3 }, () => challengeOf(holder, device)));
      assert.equal(new Set(challenges.map((challenge) => challenge.string_to_sign)).size, 3);
    });

    it("refuse another device's signature, another string, and after three of them the right one", async () => {
      const challenge = await challengeOf(holder, device);
      const other = await (await freshHolder()).bindDevice();
      assertSolarisError(await challenge.answerBy(other), 422, "invalid_signature");
      assertSolarisError(
        await challenge.answerBy(device, (await challengeOf(holder, device)).string_to_sign),
        422,
        "invalid_signature",
      );
      assertSolarisError(await challenge.answerBy(device, "another"), 422, "invalid_signature");
      assertSolarisError(await challenge.answerBy(device), 409, "challenge_ended");
    });

    it("refuse the unrestricted key where the restricted one is asked for", async () => {
      const newKey = await primitives.makeSigningKey();
      const request = await makeAddDeviceKeyRequest({
        newKey,
        newKeyPurpose: "unrestricted",
        knownKey: device.key,
        knownKeyPurpose: "restricted",
      });
      assert.equal((await holder.partner("POST", `/v1/mfa/devices/${device.deviceId}/keys`, request)).status, 201);
      const restricted = await challengeOf(holder, device, "restricted");
      assertSolarisError(await restricted.answerBy({ key: newKey }), 422, "invalid_signature");
      const unrestricted = await challengeOf(holder, device, "unrestricted");
      assertSolarisError(await unrestricted.answerBy(device), 422, "invalid_signature");
      assert.equal((await unrestricted.answerBy({ key: newKey })).status, 204);
    });

    it("end after five minutes", async () => {
      const challenge = await challengeOf(holder, device);
      assertSolarisError(await later(5 * minuteMs, () => challenge.answerBy(device)), 409, "challenge_ended");
    });

    it("are not made for a key that is not there, nor for an unknown device", async () => {
      const fresh = await freshHolder();
      const { deviceId } = await fresh.bindDevice("unrestricted");
      const ask = (body: unknown) => fresh.partner("POST", "/v1/mfa/challenges/devices", body);
      assertSolarisError(await ask({ device_id: deviceId, key_purpose: "restricted" }), 422, "device_key_missing");
      assertSolarisError(await ask({ device_id: "nothing", key_purpose: "restricted" }), 404, "model_not_found");
      assertSolarisError(await ask({ device_id: deviceId }), 400, "validation_error", "key_purpose");
    });
  });

  describe("activation codes", () => {
    const activation = (holder: SolarisCardholder, more: Record<string, unknown> = {}) =>
      holder.partner("POST", "/v1/mfa/challenges/activation", {
        person_id: holder.sandbox.solaris.personId,
        origin: "MOBILE_APP",
        purpose: "DEVICE_BINDING",
        delivery_method: "SNAILMAIL",
        ...more,
      });
    const bindByCode = (holder: SolarisCardholder) => holder.beginBinding({ challenge_type: "activation_code" });

    it("go out by letter and bind one device", async () => {
      const holder = await freshHolder();
      const made = await activation(holder, { invalidate_existing_code: false });
      assert.equal(made.status, 201);
      assert.deepEqual(Object.keys(made.body), ["id", "created_at", "expires_at"]);
      assert.equal(Date.parse(made.body.expires_at) - Date.parse(made.body.created_at), 30 * dayMs);
      const [letter, ...others] = await holder.messages();
      assert.equal(letter.channel, "letter");
      assert.equal(others.length, 0);
      const code = await holder.newestOtp();
      const [first, second] = [await bindByCode(holder), await bindByCode(holder)];
      assert.equal((await holder.messages()).length, 1, "no SMS goes out");
      assert.equal((await holder.proveBinding(first.challengeId, first.key, code)).status, 204);
      assertSolarisError(await holder.proveBinding(second.challengeId, second.key, code), 409, "challenge_ended");
      const request = await bindRequest(holder, { challenge_type: "activation_code" });
      assertSolarisError(await holder.partner("POST", "/v1/mfa/devices", request), 409, "activation_code_missing");
    });

    it("bind one device of two that come at once", async () => {
      const holder = await freshHolder();
      await activation(holder);
      const code = await holder.newestOtp();
      const bindings = [await bindByCode(holder), await bindByCode(holder)];
      const answers = await Promise.all(
        bindings.map(({ challengeId, key }) => holder.proveBinding(challengeId, key, code)),
      );
      assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 409]);
    });

    it("exist once, unless the request invalidates the one there is", async () => {
      const holder = await freshHolder();
      assert.equal((await activation(holder)).status, 201);
      const oldCode = await holder.newestOtp();
      const { challengeId, key } = await bindByCode(holder);
      assertSolarisError(await activation(holder), 409, "activation_code_exists");
      assert.equal((await holder.messages()).length, 1);
      assert.equal((await activation(holder, { invalidate_existing_code: true })).status, 201);
      assertSolarisError(await holder.proveBinding(challengeId, key, oldCode), 409, "challenge_ended");
      const binding = await bindByCode(holder);
      assert.equal((await holder.proveBinding(binding.challengeId, binding.key, await holder.newestOtp())).status, 204);
    });

    it("take five wrong answers in all, over any number of bindings", async () => {
      const holder = await freshHolder();
      await activation(holder);
      const code = await holder.newestOtp();
      const wrongCode = code === "000000" ? "000001" : "000000";
      const [first, second, third] = [await bindByCode(holder), await bindByCode(holder), await bindByCode(holder)];
      for (const { challengeId, key } of [first, first, first, second, second])
        assertSolarisError(await holder.proveBinding(challengeId, key, wrongCode), 422, "invalid_signature");
      assertSolarisError(await holder.proveBinding(third.challengeId, third.key, code), 409, "challenge_ended");
      const request = await bindRequest(holder, { challenge_type: "activation_code" });
      assertSolarisError(await holder.partner("POST", "/v1/mfa/devices", request), 409, "activation_code_missing");
      assert.equal((await activation(holder)).status, 201, "a code that can not be used does not stand in the way");
    });

    it("are good for thirty days", async () => {
      const holder = await freshHolder();
      await activation(holder);
      await later(30 * dayMs, async () => {
        const renewed = await holder.renewed();
        const request = await bindRequest(renewed, { challenge_type: "activation_code" });
        assertSolarisError(await renewed.partner("POST", "/v1/mfa/devices", request), 409, "activation_code_missing");
      });
      const { challengeId, key } = await bindByCode(holder);
      assert.equal((await holder.proveBinding(challengeId, key, await holder.newestOtp())).status, 204);
    });

    it("are refused without one, for unknown persons, other purposes and other members", async () => {
      const holder = await freshHolder();
      const request = await bindRequest(holder, { challenge_type: "activation_code" });
      assertSolarisError(await holder.partner("POST", "/v1/mfa/devices", request), 409, "activation_code_missing");
      assertSolarisError(await activation(holder, { person_id: "nobody" }), 404, "model_not_found", "person_id");
      assertSolarisError(
        await activation(holder, { delivery_method: "SMS" }),
        400,
        "validation_error",
        "delivery_method",
      );
      assertSolarisError(await activation(holder, { more: true }), 400, "validation_error");
      const person = (await holder.operator("POST", "/persons", { partnerId: "sandbox" })).body;
      assertSolarisError(await activation(holder, { person_id: person.id }), 403, "mobile_number_missing");
    });
  });

  it("another partner finds nothing of all this", async () => {
    const holder = await freshHolder();
    const device = await holder.bindDevice("restricted");
    const binding = await holder.beginBinding();
    const otp = await holder.newestOtp();
    const challenge = await challengeOf(holder, device);
    const newKey = await primitives.makeSigningKey();
    const keyRequest = await makeAddDeviceKeyRequest({
      newKey,
      newKeyPurpose: "unrestricted",
      knownKey: device.key,
      knownKeyPurpose: "restricted",
    });
    const { personId } = holder.sandbox.solaris;
    const deviceChallenge = { device_id: device.deviceId, key_purpose: "restricted" };
    const activation = {
      person_id: personId,
      origin: "MOBILE_APP",
      purpose: "DEVICE_BINDING",
      delivery_method: "SNAILMAIL",
    };
    for (const [method, path, body] of [
      ["POST", "/v1/mfa/devices", await bindRequest(holder)],
      ["GET", `/v1/mfa/devices?person_id=${personId}`, undefined],
      ["GET", `/v1/mfa/devices/${device.deviceId}`, undefined],
      ["DELETE", `/v1/mfa/devices/${device.deviceId}`, undefined],
      ["GET", `/v1/mfa/devices/${device.deviceId}/keys`, undefined],
      ["POST", `/v1/mfa/devices/${device.deviceId}/keys`, keyRequest],
      ["GET", `/v1/mfa/challenges/signatures/${binding.challengeId}`, undefined],
      ["PUT", `/v1/mfa/challenges/signatures/${binding.challengeId}`, await signByHand(binding.key, otp)],
      ["POST", "/v1/mfa/challenges/devices", deviceChallenge],
      ["PUT", challenge.path, await signByHand(device.key, challenge.string_to_sign)],
      ["POST", "/v1/mfa/challenges/activation", activation],
    ] as const)
      assertSolarisError(await stranger.partner(method, path, body), 404, "model_not_found");
    assert.equal((await holder.proveBinding(binding.challengeId, binding.key, otp)).status, 204);
    assert.equal((await challenge.answerBy(device)).status, 204);
  });

  it("a list of nobody's devices is refused", async () => {
    const holder = await freshHolder();
    assertSolarisError(await holder.partner("GET", "/v1/mfa/devices?person_id=nobody"), 404, "model_not_found");
  });
});
