import assert from "node:assert/strict";
import { constants, createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { hexFromBytes, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { makeAddDeviceKeyRequest } from "@linchpin/protocols/solaris/device";
import type { PinUpdateRequest } from "@linchpin/protocols/solaris/wire";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { isVaultOpenToSandbox } from "@linchpin/test-fixtures/issuer/vault-under-test";
import { handMadeJwe } from "@linchpin/test-fixtures/messages/hand-made-jwe";
import { signByHand } from "@linchpin/test-fixtures/messages/sign-by-hand";
import { withoutIdentifiers } from "@linchpin/test-fixtures/messages/without-identifiers";
import { type Answer, call } from "@linchpin/testing/call";
import { type BoundDevice, SolarisCardholder } from "@linchpin/testing/solaris";

describe("a Solaris PIN change, signed by a device", () => {
  let issuer: SandboxIssuer;
  let holder: SolarisCardholder;
  let device: BoundDevice;
  let pinKey: { kid: string; n: string; e: string };
  const clock = { aheadMs: 0 };

  before(async () => {
    issuer = await startSandboxIssuer({ clock: () => new Date(Date.now() + clock.aheadMs) });
    holder = await SolarisCardholder.create(issuer.url);
    device = await holder.bindDevice();
    pinKey = (await holder.partner("GET", "/v1/cards/pin_keys/latest")).body;
    assert.equal((await holder.changePin("1928", device)).status, 204);
  });
  after(() => issuer.stop());

  /** Signs whatever JWE is given, as the device would. */
  async function signed(encrypted_pin: string, key_id = pinKey.kid): Promise<PinUpdateRequest> {
    const { signature } = await signByHand(device.key, encrypted_pin);
    return { device_id: device.deviceId, encrypted_pin, key_id, signature };
  }

  /** The request is refused in these words, the card is as it was, and the audit says so. */
  async function assertRefused(request: unknown, status: number, code: string): Promise<Answer> {
    const versionBefore = (await holder.card()).pin.version;
    const eventsBefore = (await holder.auditEvents()).length;
    const answer = await holder.sendChange(request);
    assert.deepEqual([answer.status, answer.body.errors[0].code], [status, code]);
    assert.match(answer.body.errors[0].id, /^[0-9a-f]{32}ex$/);
    assert.equal((await holder.card()).pin.version, versionBefore, "nothing changed");
    const events = await holder.auditEvents();
    assert.equal(events.length, eventsBefore + 1, "an audit event");
    assert.equal(events.at(-1).outcome, "refused");
    return answer;
  }

  const explanationOf = (answer: Answer): string => answer.body.errors[0].detail;
  const assertWrappingSaid = (answer: Answer, what: RegExp) => {
    if (isVaultOpenToSandbox) assert.match(explanationOf(answer), what);
    else assert.doesNotMatch(explanationOf(answer), /wrapped/);
  };

  it("is answered 204 without content, and the new PIN verifies", async () => {
    const answer = await holder.changePin("2846", device);
    assert.deepEqual([answer.status, answer.body], [204, null]);
    assert.deepEqual((await holder.verify("2846")).body, { result: "match", remainingAttempts: 3 });
    assert.equal((await holder.verify("1928")).body.result, "mismatch");
    assert.deepEqual((await holder.card()).pin, {
      status: "active",
      remainingAttempts: 2,
      version: 2,
      chip: "in_sync",
    });
  });

  it("takes hex in either case, device_data, and a request whose PIN JSON has white space", async () => {
    const request = await signed(handMadeJwe(pinKey, '\n{ "pin" : "5082" }\t'));
    const answer = await holder.sendChange({
      ...request,
      signature: request.signature.toUpperCase(),
      device_data: "Web;fingerprint",
    });
    assert.equal(answer.status, 204);
    const event = (await holder.auditEvents()).at(-1);
    assert.match(event.deviceDataHmac.hmacSha256, /^[0-9a-f]{64}$/);
    assert.notEqual(event.deviceDataHmac.hmacSha256, createHash("sha256").update("Web;fingerprint").digest("hex"));
    assert.ok(!JSON.stringify(event).includes("fingerprint;"));
  });

  describe("refuses by policy", () => {
    for (const [digits, rule] of [
      ["1234", "sequence"],
      ["4321", "sequence"],
      ["0123", "sequence"],
      ["1112", "repeats"],
      ["1111", "sequence|repeats"],
      ["192", "number of digits"],
      ["19283", "number of digits"],
      ["192837465564", "number of digits"],
    ] as const)
      it(`${digits} (${rule})`, async () => {
        const request = await signed(handMadeJwe(pinKey, `{"pin":"${digits}"}`));
        const answer = await assertRefused(request, 422, "invalid_pin");
        assert.match(explanationOf(answer), new RegExp(rule));
        assert.ok(!withoutIdentifiers(answer.body).includes(digits), "the PIN is not in the answer");
        assert.deepEqual(answer.body.errors[0].source.field, "pin");
      });

    it("but takes 1122, and wrap-around, which nobody forbids", async () => {
      for (const digits of ["1122", "1123", "7890", "0987"])
        assert.equal((await holder.changePin(digits, device)).status, 204, digits);
    });

    it("and the same JWE is good once the policy lets it pass: a refusal spends nothing", async () => {
      const request = await holder.sealAndSign("3819", device);
      await assertRefused({ ...request, signature: "30060201010201" }, 422, "invalid_signature");
      assert.equal((await holder.sendChange(request)).status, 204);
    });
  });

  describe("refuses what does not open", () => {
    for (const [what, plaintext] of [
      ["a PIN as a JSON number", '{"pin":1928}'],
      ["a PIN with spaces", '{"pin":"19 28"}'],
      ["Arabic-Indic digits", '{"pin":"١٩٢٨"}'],
      ["full-width digits", '{"pin":"１９２８"}'],
      ["escaped digits", '{"pin":"\\u0031928"}'],
      ["duplicate members", '{"pin":"1928","pin":"3719"}'],
      ["a member beside pin", '{"pin":"1928","x":1}'],
      ["another member", '{"PIN":"1928"}'],
      ["an array", '["1928"]'],
      ["bare digits", "1928"],
      ["a byte order mark", '\uFEFF{"pin":"1928"}'],
      ["something behind the object", '{"pin":"1928"}{}'],
      ["nothing", ""],
    ] as const)
      it(what, async () => {
        const answer = await assertRefused(await signed(handMadeJwe(pinKey, plaintext)), 422, "invalid_encrypted_pin");
        assert.match(explanationOf(answer), /it opened, but/);
      });

    for (const [index, segment] of ["header", "encrypted key", "IV", "ciphertext", "tag"].entries())
      it(`an altered ${segment}`, async () => {
        const segments = handMadeJwe(pinKey, '{"pin":"1928"}').split(".");
        const bytes = Buffer.from(segments[index] ?? "", "base64url");
        const middle = Math.floor(bytes.length / 2);
        bytes[middle] = (bytes[middle] ?? 0) ^ 1;
        segments[index] = bytes.toString("base64url");
        const answer = await holder.sendChange(await signed(segments.join(".")));
        assert.equal(answer.status, 422);
        assert.match(
          answer.body.errors[0].code,
          index === 0 ? /^invalid_(encrypted_pin|key_id)$/ : /^invalid_encrypted_pin$/,
        );
      });

    it("a key wrapped with OAEP SHA-1, and says so", async () => {
      const jwe = handMadeJwe(pinKey, '{"pin":"1928"}', { oaepHash: "sha1" });
      assertWrappingSaid(await assertRefused(await signed(jwe), 422, "invalid_encrypted_pin"), /OAEP SHA-1/);
    });

    it("a key wrapped with PKCS#1 v1.5, and says so", async () => {
      const jwe = handMadeJwe(pinKey, '{"pin":"1928"}', { padding: constants.RSA_PKCS1_PADDING });
      assertWrappingSaid(await assertRefused(await signed(jwe), 422, "invalid_encrypted_pin"), /PKCS#1/);
    });

    const right = { alg: "RSA-OAEP-256", enc: "A256CBC-HS512" };
    for (const [what, header] of [
      ["another alg", { ...right, alg: "RSA-OAEP" }],
      ["alg dir", { ...right, alg: "dir" }],
      ["another enc", { ...right, enc: "A256GCM" }],
      ["zip", { ...right, zip: "DEF" }],
      ["crit", { ...right, crit: ["exp"], exp: 1 }],
      ["a key in the header", { ...right, jwk: {} }],
      ["a header that is no object", "[]"],
      ["a header that is no JSON", "{"],
    ] as const)
      it(what, async () => {
        const withKid = typeof header === "string" ? header : { ...header, kid: pinKey.kid };
        const jwe = handMadeJwe(pinKey, '{"pin":"1928"}', { header: withKid });
        await assertRefused(await signed(jwe), 422, "invalid_encrypted_pin");
      });

    for (const [what, spoil] of [
      ["base64url padding", (jwe: string) => `${jwe}=`],
      ["the standard alphabet", (jwe: string) => jwe.replaceAll("-", "+").replaceAll("_", "/").replace(/$/, "+")],
      ["a sixth segment", (jwe: string) => `${jwe}.`],
      ["four segments", (jwe: string) => jwe.split(".").slice(0, 4).join(".")],
      ["white space", (jwe: string) => `${jwe} `],
      ["a truncated tag", (jwe: string) => jwe.slice(0, -8)],
    ] as const)
      it(what, async () => {
        await assertRefused(await signed(spoil(handMadeJwe(pinKey, '{"pin":"1928"}'))), 422, "invalid_encrypted_pin");
      });
  });

  describe("refuses by key id", () => {
    it("one that is not the JWE's kid", async () => {
      const request = await signed(handMadeJwe(pinKey, '{"pin":"1928"}'), "another");
      await assertRefused(request, 422, "invalid_key_id");
    });

    it("one that nobody knows", async () => {
      const kid = "7ad91cad-8544-4fd2-be48-4729570a394a";
      const jwe = handMadeJwe({ ...pinKey, kid }, '{"pin":"1928"}');
      const answer = await assertRefused(await signed(jwe, kid), 422, "invalid_key_id");
      assert.match(explanationOf(answer), /fetch the latest/);
    });

    it("one of another purpose, and says so", async () => {
      const { body: keys } = await holder.operator("GET", "/keys");
      const kid = keys.find((key: { purpose: string }) => key.purpose === "card-pin").id;
      const jwe = handMadeJwe({ ...pinKey, kid }, '{"pin":"1928"}');
      const answer = await assertRefused(await signed(jwe, kid), 422, "invalid_key_id");
      assert.match(explanationOf(answer), /another purpose/);
    });
  });

  describe("refuses by signature", () => {
    let request: PinUpdateRequest;
    before(async () => {
      request = await holder.sealAndSign("1928", device);
    });

    it("of another device", async () => {
      const other = await holder.bindDevice();
      const { signature } = await signByHand(other.key, request.encrypted_pin);
      await assertRefused({ ...request, signature }, 422, "invalid_signature");
    });

    it("of a device of another person", async () => {
      const stranger = await SolarisCardholder.create(issuer.url);
      const { deviceId, key } = await stranger.bindDevice();
      const { signature } = await signByHand(key, request.encrypted_pin);
      await assertRefused({ ...request, device_id: deviceId, signature }, 403, "unauthorized_action");
    });

    it("of a device that nobody knows", async () => {
      await assertRefused({ ...request, device_id: "d3768ef3-b26b-4746-9ee0-94f527184830" }, 404, "model_not_found");
    });

    it("by the unrestricted key of a device that has a restricted one too, and says so", async () => {
      const unrestricted = await primitives.makeSigningKey();
      const addKey = await makeAddDeviceKeyRequest({
        newKey: unrestricted,
        newKeyPurpose: "unrestricted",
        knownKey: device.key,
        knownKeyPurpose: "restricted",
      });
      assert.equal((await holder.partner("POST", `/v1/mfa/devices/${device.deviceId}/keys`, addKey)).status, 201);
      const { signature } = await signByHand(unrestricted, request.encrypted_pin);
      const answer = await assertRefused({ ...request, signature }, 422, "invalid_signature");
      assert.match(explanationOf(answer), /by the unrestricted key over the compact JWE/);
    });

    it("of a device that has an unrestricted key alone", async () => {
      const unrestricted = await holder.bindDevice("unrestricted");
      const { signature } = await signByHand(unrestricted.key, request.encrypted_pin);
      await assertRefused({ ...request, device_id: unrestricted.deviceId, signature }, 422, "device_key_missing");
    });

    it("over the clear JSON, and says so", async () => {
      const { signature } = await signByHand(device.key, '{"pin":"1928"}');
      const answer = await assertRefused({ ...request, signature }, 422, "invalid_signature");
      assert.match(explanationOf(answer), /over the clear JSON/);
    });

    it("over the JWE's hash, hashed again, and says so", async () => {
      const hash = createHash("sha256").update(request.encrypted_pin).digest();
      const { derFromSignature } = await import("@linchpin/core");
      const signature = hexFromBytes(derFromSignature(await device.key.sign(hash)));
      assert.match(
        explanationOf(await assertRefused({ ...request, signature }, 422, "invalid_signature")),
        /hashed twice/,
      );
    });

    it("in r‖s form, and says so", async () => {
      const signature = hexFromBytes(await device.key.sign(utf8(request.encrypted_pin)));
      assert.match(explanationOf(await assertRefused({ ...request, signature }, 422, "invalid_signature")), /r‖s/);
    });

    it("that is not minimal DER", async () => {
      const rLength = Number.parseInt(request.signature.slice(6, 8), 16);
      const padded = `02${(rLength + 1).toString(16).padStart(2, "0")}00${request.signature.slice(8)}`;
      const signature = `30${(padded.length / 2).toString(16)}${padded}`;
      await assertRefused({ ...request, signature }, 422, "invalid_signature");
    });

    it("cut short, or empty of meaning", async () => {
      await assertRefused({ ...request, signature: request.signature.slice(0, -2) }, 422, "invalid_signature");
      await assertRefused({ ...request, signature: "3006020100020100" }, 422, "invalid_signature");
    });

    it("and none of these spent the JWE", async () => {
      assert.equal((await holder.sendChange(request)).status, 204);
    });
  });

  describe("refuses a replay", () => {
    it("on the same card and on another", async () => {
      const request = await holder.sealAndSign("6482", device);
      assert.equal((await holder.sendChange(request)).status, 204);
      await assertRefused(request, 409, "encrypted_pin_already_used");

      const other = await SolarisCardholder.create(issuer.url);
      const otherDevice = await other.bindDevice();
      const { signature } = await signByHand(otherDevice.key, request.encrypted_pin);
      const answer = await other.sendChange({ ...request, device_id: otherDevice.deviceId, signature });
      assert.equal(answer.status, 409);
      assert.equal((await other.card()).pin.status, "not_set");
    });

    it("of a JWE that a verification or a change request spent", async () => {
      const verified = await holder.seal("6482");
      const path = `/cards/${holder.sandbox.issuer.cardId}/pin/verify`;
      assert.equal((await holder.operator("POST", path, verified)).status, 200);
      assert.equal((await holder.operator("POST", path, verified)).status, 409);
      await assertRefused(await signed(verified.encrypted_pin), 409, "encrypted_pin_already_used");
    });

    it("of twenty at once: one is done", async () => {
      const request = await holder.sealAndSign("7391", device);
      const versionBefore = (await holder.card()).pin.version;
      const answers = await Promise.all(Array.from({ length: 20 }, () => holder.sendChange(request)));
      assert.equal(answers.filter(({ status }) => status === 204).length, 1);
      assert.equal(answers.filter(({ status }) => status === 409).length, 19);
      assert.equal((await holder.card()).pin.version, versionBefore + 1);
    });
  });

  describe("refuses a request", () => {
    const change = () => holder.sealAndSign("1928", device);
    const path = () =>
      `${holder.sandbox.solaris.baseUrl}/v1/cards/${holder.sandbox.solaris.cardAccountId}/pin_update_requests`;

    it("with a member too many, too few, or of another type", async () => {
      const request = await change();
      const { signature: _signature, ...unsigned } = request;
      for (const wrong of [{ ...request, "1928": 1 }, unsigned, { ...request, device_id: 5 }, [], null, "text"]) {
        const answer = await holder.sendChange(wrong === "text" ? '"1928"' : wrong);
        assert.equal(answer.status, 400);
        assert.ok(!withoutIdentifiers(answer.body).includes("1928"), "what was sent is not in the answer");
      }
    });

    it("that is not JSON, of another content type, or of 10 MB", async () => {
      const bearer = holder.token;
      const notJson = await call("POST", path(), { bearer, body: '{"device_id": "1928' });
      assert.deepEqual([notJson.status, notJson.body.errors[0].code], [400, "invalid_json"]);
      assert.ok(!withoutIdentifiers(notJson.body).includes("1928"));
      const text = await call("POST", path(), { bearer, body: "x", headers: { "content-type": "text/plain" } });
      assert.equal(text.status, 415);
      const large = await call("POST", path(), {
        bearer,
        body: JSON.stringify({ device_data: "x".repeat(10_000_000) }),
      });
      assert.deepEqual([large.status, large.body.errors[0].code], [413, "payload_too_large"]);
    });

    it("without a token, with a wrong one, with another audience's, with an expired one", async () => {
      const body = await change();
      const none = await call("POST", path(), { body });
      assert.deepEqual([none.status, none.body.errors[0].code], [401, "token_required"]);
      const { issuer: operator, adyen, plumery } = holder.sandbox;
      const venlyToken = await fetchVenlyToken(holder.sandbox.venly);
      for (const bearer of ["wrong", operator.apiKey, adyen.apiKey, plumery.bearerToken, venlyToken]) {
        const answer = await call("POST", path(), { bearer, body });
        assert.deepEqual([answer.status, answer.body.errors[0].code], [401, "invalid_token"]);
      }
      assert.equal((await holder.sendChange(body)).status, 204, "and none of these spent the JWE");
      clock.aheadMs = 3_600_000;
      const expired = await holder.sendChange(await signed(handMadeJwe(pinKey, '{"pin":"1928"}')));
      clock.aheadMs = 0;
      assert.deepEqual([expired.status, expired.body.errors[0].code], [401, "invalid_token"]);
    });

    it("for a card that is not there, or is blocked", async () => {
      const body = await change();
      const unknown = await holder.partner(
        "POST",
        "/v1/cards/1fe8caa4bf1f49d87b2d63c14bb565f0mcrd/pin_update_requests",
        body,
      );
      assert.deepEqual([unknown.status, unknown.body.errors[0].code], [404, "model_not_found"]);
      const card = `/cards/${holder.sandbox.issuer.cardId}`;
      assert.equal((await holder.operator("PATCH", card, { state: "blocked" })).status, 200);
      await assertRefused(body, 409, "card_blocked");
      assert.equal((await holder.operator("PATCH", card, { state: "active" })).status, 200);
      assert.equal((await holder.sendChange(body)).status, 204);
    });
  });

  it("takes a JWE sealed before a rotation until the overlap ends, then says that the key has expired", async () => {
    const before = await holder.sealAndSign("8264", device);
    const late = await holder.sealAndSign("9375", device);
    assert.equal((await holder.operator("POST", "/keys/solaris-pin/rotate")).status, 201);
    const latest = await holder.partner("GET", "/v1/cards/pin_keys/latest");
    assert.notEqual(latest.body.kid, before.key_id);
    assert.equal((await holder.sendChange(before)).status, 204);
    clock.aheadMs = 24 * 3_600_000 + 1000;
    const later = await SolarisCardholder.create(issuer.url);
    const path = `/v1/cards/${holder.sandbox.solaris.cardAccountId}/pin_update_requests`;
    const refused = await later.partner("POST", path, late);
    clock.aheadMs = 0;
    assert.deepEqual([refused.status, refused.body.errors[0].code], [422, "expired_key_id"]);
  });
});

async function fetchVenlyToken(venly: { tokenUrl: string; clientId: string; clientSecret: string }): Promise<string> {
  const form = { grant_type: "client_credentials", client_id: venly.clientId, client_secret: venly.clientSecret };
  const { status, body } = await call("POST", venly.tokenUrl, {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
  });
  assert.equal(status, 200);
  return body.access_token;
}
