import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { handMadeJwe } from "@linchpin/test-fixtures/messages/hand-made-jwe";
import { withoutIdentifiers } from "@linchpin/test-fixtures/messages/without-identifiers";
import { assertSolarisError, SolarisCardholder } from "@linchpin/testing/solaris";

describe("Solaris' requests", () => {
  let issuer: SandboxIssuer;
  let holder: SolarisCardholder;
  let pinKey: { kid: string; n: string; e: string };

  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await SolarisCardholder.create(issuer.url);
    pinKey = (await holder.partner("GET", "/v1/cards/pin_keys/latest")).body;
  });
  after(() => issuer.stop());

  const sca = (body: unknown, of = holder) =>
    of.partner("POST", `/v1/cards/${of.sandbox.solaris.cardAccountId}/sca_pin_update_requests`, body);

  it("are answered with every fault of their shape, a wrong type by its own code", async () => {
    const { body, status } = await sca({ encrypted_pin: 1928, extra: "1928" });
    assert.equal(status, 400);
    assert.deepEqual(
      body.errors.map(({ code, source }: { code: string; source?: { field: string } }) => [code, source?.field]).sort(),
      [
        ["type_error", "encrypted_pin"],
        ["validation_error", undefined],
        ["validation_error", "key_id"],
      ].sort(),
    );
    assert.ok(!withoutIdentifiers(body).includes("1928"));
    for (const { id, status: ofError } of body.errors) {
      assert.match(id, /^[0-9a-f]{32}ex$/);
      assert.equal(ofError, 400);
    }
  });

  it("may send null for what is optional, and for nothing else", async () => {
    const person_id = holder.sandbox.solaris.personId;
    const { body: made } = await sca(await holder.seal("1928"));
    const path = `/v1/change_requests/${made.id}`;
    const authorization = { person_id, delivery_method: "mobile_number", device_id: null, device_data: null };
    assert.equal((await holder.partner("POST", `${path}/authorize`, authorization)).status, 201);
    const confirmation = { person_id, tan: await holder.newestOtp(), device_id: null, signature: null };
    const confirmed = await holder.partner("POST", `${path}/confirm`, { ...confirmation, device_data: null });
    assert.deepEqual(confirmed.body.response_body, {
      id: holder.sandbox.solaris.cardAccountId,
      status: "ACTIVE",
      person_id,
    });
    assert.equal(confirmed.body.response_code, 204);
    assertSolarisError(await sca({ encrypted_pin: null, key_id: pinKey.kid }), 400, "type_error", "encrypted_pin");
    const bind = { person_id, key_type: null, key: "04", challenge_type: null };
    assertSolarisError(await holder.partner("POST", "/v1/mfa/devices", bind), 400, "type_error", "key_type");
  });

  it("may authorize with device_data, which the audit keeps as a hash", async () => {
    const person_id = holder.sandbox.solaris.personId;
    const { body: made } = await sca(await holder.seal("2846"));
    const body = { person_id, delivery_method: "mobile_number", device_data: "Web;179ac839" };
    assert.equal((await holder.partner("POST", `/v1/change_requests/${made.id}/authorize`, body)).status, 201);
    const event = (await holder.auditEvents()).find(
      ({ changeRequestId, deliveryMethod }) => changeRequestId === made.id && deliveryMethod,
    );
    assert.match(event.deviceDataHmac.hmacSha256, /^[0-9a-f]{64}$/);
  });

  it("may seal a JWE without a kid to the key that key_id names", async () => {
    const header = { alg: "RSA-OAEP-256", enc: "A256CBC-HS512" };
    const jwe = handMadeJwe(pinKey, '{"pin":"1357"}', { header });
    assert.equal((await sca({ encrypted_pin: jwe, key_id: pinKey.kid })).status, 200);
    const unknown = handMadeJwe(pinKey, '{"pin":"1357"}', { header });
    assertSolarisError(await sca({ encrypted_pin: unknown, key_id: "another" }), 422, "invalid_key_id");
  });

  it("are refused by the rule of digits where the PIN has too few or too many, and the JWE is not spent", async () => {
    for (const digits of ["1", "123", "19283", "1928374650192"]) {
      const encrypted_pin = handMadeJwe(pinKey, `{"pin":"${digits}"}`);
      for (let time = 0; time < 2; time++)
        assertSolarisError(await sca({ encrypted_pin, key_id: pinKey.kid }), 422, "invalid_pin", "pin");
    }
    const [last] = (await holder.auditEvents()).slice(-1);
    assert.deepEqual([last.outcome, last.code], ["refused", "pin_length"]);
    for (const text of ['{"pin":"19e8"}', '{"pin":""}', '{"pin":123}']) {
      const encrypted_pin = handMadeJwe(pinKey, text);
      assertSolarisError(await sca({ encrypted_pin, key_id: pinKey.kid }), 422, "invalid_encrypted_pin");
    }
  });

  it("list devices by the vendor's filters and pages, with the time at which one was deleted", async () => {
    const owner = await SolarisCardholder.create(issuer.url);
    const personId = owner.sandbox.solaris.personId;
    const ids = [(await owner.bindDevice()).deviceId, (await owner.bindDevice()).deviceId];
    const list = async (query: string) => {
      const { status, body } = await owner.partner("GET", `/v1/mfa/devices${query}`);
      assert.equal(status, 200, JSON.stringify(body));
      return body;
    };
    const idsOf = (devices: { id: string }[]) => devices.map(({ id }) => id);
    const filter = `filter[person_id]=${personId}`;
    assert.deepEqual(idsOf(await list(`?${filter}`)), ids);
    assert.deepEqual(await list(`?${filter}`), await list(`?person_id=${personId}`));
    assert.deepEqual(idsOf(await list(`?${filter}&page[size]=1&page[number]=2`)), ids.slice(1));
    assert.ok(idsOf(await list("?page[size]=1000")).includes(ids[0] ?? ""), "all of the partner's");
    assert.equal((await owner.partner("DELETE", `/v1/mfa/devices/${ids[0]}`)).status, 204);
    assert.deepEqual(idsOf(await list(`?${filter}`)), ids.slice(1));
    assert.deepEqual(idsOf(await list(`?${filter}&filter[include_deleted]=false`)), ids.slice(1));
    const all = await list(`?${filter}&filter[include_deleted]=true`);
    assert.deepEqual(idsOf(all), ids);
    assert.match(all[0].deleted_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    assert.equal(all[1].deleted_at, null);
    for (const query of ["?page[size]=0", "?page[size]=1001", "?page[number]=0", "?filter[include_deleted]=yes"])
      assertSolarisError(await owner.partner("GET", `/v1/mfa/devices${query}`), 400, "validation_error");
    const another = await SolarisCardholder.createAtAnotherPartner(issuer.url);
    assertSolarisError(await another.partner("GET", `/v1/mfa/devices?${filter}`), 404, "model_not_found");
    assert.deepEqual((await another.partner("GET", "/v1/mfa/devices")).body, []);
  });

  it("at the deprecated path are answered with the day of its deprecation, by RFC 9745", async () => {
    const { headers } = await holder.partner(
      "GET",
      `/v1/cards/${holder.sandbox.solaris.cardAccountId}/pin_keys/latest`,
    );
    assert.match(headers.get("deprecation") ?? "", /^@\d+$/);
    assert.equal((await holder.partner("GET", "/v1/cards/pin_keys/latest")).headers.get("deprecation"), null);
  });
});
