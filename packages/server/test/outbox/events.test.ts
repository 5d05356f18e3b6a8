import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";
import { NativeCardholder } from "@linchpin/testing/native";
import { SolarisCardholder } from "@linchpin/testing/solaris";

describe("events that are about no PIN", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  /** As the sandbox shows them, without what differs each time. */
  const newest = async (count: number) => {
    const { body } = await call("GET", `${issuer.url}/sandbox/outbox-events`);
    return body.slice(-count).map(({ id, occurredAt, ...event }: Record<string, unknown>) => event);
  };

  it("tell of a device of Solaris' that was bound, and deleted; not of one that was not proven", async () => {
    const holder = await SolarisCardholder.create(issuer.url);
    const { personId } = holder.sandbox.solaris;
    await holder.beginBinding();
    const { deviceId } = await holder.bindDevice();
    assert.equal((await holder.partner("DELETE", `/v1/mfa/devices/${deviceId}`)).status, 204);
    const facts = { personId, deviceId, protocol: "solaris" };
    const { body: all } = await call("GET", `${issuer.url}/sandbox/outbox-events`);
    assert.equal(all.filter(({ personId: of }: { personId?: string }) => of === personId).length, 2);
    assert.deepEqual(await newest(2), [
      { type: "device.bound", ...facts },
      { type: "device.deleted", ...facts },
    ]);
  });

  it("tell of a key that a native device bound", async () => {
    const holder = await NativeCardholder.create(issuer.url);
    await holder.bind();
    const [{ deviceId, ...event }] = await newest(1);
    assert.match(deviceId, /^[A-Za-z0-9_-]{43}$/);
    const { personId } = holder.sandbox.native;
    assert.deepEqual(event, { type: "device.bound", personId, protocol: "native" });
    const path = `/persons/${personId}/keys/${deviceId}`;
    assert.equal((await holder.operator("DELETE", path)).status, 204);
    assert.deepEqual(await newest(1), [{ ...event, type: "device.deleted", deviceId }]);
  });

  it("tell of a key that an operator rotated", async () => {
    const holder = await SolarisCardholder.create(issuer.url);
    const { body: key } = await holder.operator("POST", "/keys/adyen-pin-change/rotate");
    const { id: keyId, purpose, version } = key;
    assert.deepEqual(await newest(1), [{ type: "key.rotated", purpose, keyId, version }]);
  });
});
