import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { type Answer, call } from "@linchpin/testing/call";
import { assertVenlyError, transferBody, VenlyPartner, type VenlyUser } from "@linchpin/testing/venly";

describe("a signing method whose key is given up", () => {
  let issuer: SandboxIssuer;
  let operator: (method: string, path: string, body?: unknown) => Promise<Answer>;
  /** Each with a PIN under the key before; `mover` used it since, `careful` an emergency code. */
  let mover: VenlyUser;
  let careful: VenlyUser;
  let sleeper: VenlyUser;
  let code: { id: string; value: string };
  let former: string;

  before(async () => {
    issuer = await startSandboxIssuer({ embedded: true }); // With several servers, a retired key is destroyed only later.
    const { body: sandbox } = await call("GET", `${issuer.url}/sandbox`);
    operator = (method, path, body) =>
      call(method, `${sandbox.issuer.baseUrl}${path}`, { bearer: sandbox.issuer.apiKey, body });
    const partner = await VenlyPartner.create(issuer.url);
    [mover, careful, sleeper] = [await partner.makeUser(), await partner.makeUser(), await partner.makeUser()];
    code = await careful.addEmergencyCode();
    const keys = (await operator("GET", "/keys")).body;
    former = keys.find(({ purpose }: { purpose: string }) => purpose === "venly-signing-method").id;
    assert.equal((await operator("POST", "/keys/venly-signing-method/rotate")).status, 201);
    assert.equal((await mover.transfer()).status, 200);
    assert.equal((await careful.transfer(transferBody, code)).status, 200);
  });
  after(() => issuer.stop());

  const counted = async () => (await operator("GET", `/keys/${former}`)).body.protects.signingMethods;

  it("is not given up by a retirement, which is refused with the count", async () => {
    assert.equal(await counted(), 2);
    const refused = await operator("POST", `/keys/${former}/retire`);
    assert.deepEqual([refused.status, refused.body.code, refused.body.protects.signingMethods], [409, "conflict", 2]);
    const destroyed = await operator("POST", `/keys/${former}/destroy`);
    assert.deepEqual([destroyed.status, destroyed.body.code], [409, "conflict"]);
    const misspelt = await operator("POST", `/keys/${former}/retire`, { force: true });
    assert.deepEqual([misspelt.status, misspelt.body.code], [400, "request_invalid"]);
    assert.equal(await counted(), 2);
  });

  it("is locked once that is forced, whatever its value; one that moved is not", async () => {
    assert.equal((await operator("POST", `/keys/${former}/retire`, { forceRecovery: true })).status, 204);
    assert.equal(await counted(), 0);
    for (const value of [sleeper.pin.value, "000000"])
      assertVenlyError(await sleeper.transfer(transferBody, { ...sleeper.pin, value }), 403, "pincode.no-tries-left");
    const { signingMethods } = await sleeper.describe();
    assert.deepEqual(
      signingMethods.map((method: Record<string, unknown>) => [
        method["incorrectAttempts"],
        method["remainingAttempts"],
      ]),
      [[0, 0]],
    );
    assert.equal((await mover.transfer()).status, 200);
    assert.equal((await operator("POST", `/keys/${former}/destroy`)).status, 204);
    assertVenlyError(await sleeper.transfer(), 403, "pincode.no-tries-left");
  });

  it("is recovered by another method of its user", async () => {
    assertVenlyError(await careful.transfer(), 403, "pincode.no-tries-left");
    const recovered = await careful.updateMethod(careful.pin.id, "739164", code);
    assert.deepEqual([recovered.status, recovered.body.result?.remainingAttempts], [200, 10]);
    assert.equal((await careful.transfer(transferBody, { ...careful.pin, value: "739164" })).status, 200);
  });
});
