import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { assertSolarisError, type BoundDevice, SolarisCardholder } from "@linchpin/testing/solaris";

describe("a program that refuses former PINs", () => {
  let issuer: SandboxIssuer;
  let holder: SolarisCardholder;
  let device: BoundDevice;

  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await SolarisCardholder.create(issuer.url);
    const settings = { policy: { formerPins: 2 } };
    const { body: program } = await holder.operator("POST", "/programs", { name: "No former PINs", settings });
    const { personId } = holder.sandbox.solaris;
    const { body: card } = await holder.operator("POST", "/cards", { personId, programId: program.id });
    holder.sandbox.issuer.cardId = card.id;
    holder.sandbox.solaris.cardAccountId = card.names.solaris;
    device = await holder.bindDevice();
    assert.equal((await holder.changePin("1928", device)).status, 204);
  });
  after(() => issuer.stop());

  it("refuses the current one and the one before it, and takes the one before those", async () => {
    assertSolarisError(await holder.changePin("1928", device), 422, "invalid_pin", "pin");
    assert.equal((await holder.changePin("2846", device)).status, 204);
    assertSolarisError(await holder.changePin("1928", device), 422, "invalid_pin", "pin");
    assert.equal((await holder.changePin("3719", device)).status, 204);
    assert.equal((await holder.changePin("1928", device)).status, 204);
  });

  it("reveals nothing of them to whoever requests a change before the person has confirmed it", async () => {
    const { version } = (await holder.card()).pin;
    const answers = [await holder.requestChange("1928"), await holder.requestChange("5082")];
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.status]),
      [
        [200, "AUTHORIZATION_REQUIRED"],
        [200, "AUTHORIZATION_REQUIRED"],
      ],
    );

    const person_id = holder.sandbox.solaris.personId;
    const path = `/v1/change_requests/${answers[0]?.body.id}`;
    const asked = { person_id, delivery_method: "mobile_number" };
    assert.equal((await holder.partner("POST", `${path}/authorize`, asked)).status, 201);
    const word = { person_id, tan: await holder.newestOtp() };
    assertSolarisError(await holder.partner("POST", `${path}/confirm`, word), 422, "invalid_pin", "pin");
    assertSolarisError(await holder.partner("POST", `${path}/confirm`, word), 422, "unprocessable_entity");
    assertSolarisError(await holder.partner("POST", `${path}/authorize`, asked), 422, "unprocessable_entity");
    assert.equal((await holder.card()).pin.version, version);
  });
});
