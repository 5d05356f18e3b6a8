import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { AdyenCardholder } from "@linchpin/testing/adyen";
import { call } from "@linchpin/testing/call";
import { NativeCardholder } from "@linchpin/testing/native";
import { PlumeryClient } from "@linchpin/testing/plumery";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { cardEvents, deviceEvents, issuerEvents } from "../../src/outbox/events.ts";

describe("events that are about no PIN", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    const environment = { LINCHPIN_KEY_ROTATION: "adyen-pin-reveal=30d" };
    issuer = await startSandboxIssuer({ environment });
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

  const ofCard = async (id: string) => {
    const { body } = await call("GET", `${issuer.url}/sandbox/outbox-events`);
    const events = body.filter(({ cardId }: { cardId?: string }) => cardId === id);
    return events.map(({ id: _, occurredAt, cardId, ...event }: Record<string, unknown>) => event);
  };
  const changed = { type: "pin.changed", pinVersion: 1 };

  it("tell of what was revealed by Adyen's protocol, and not of a reveal that was refused", async () => {
    const holder = await AdyenCardholder.create(issuer.url);
    assert.equal((await holder.sendReveal((await holder.makeReveal()).request)).status, 422);
    await holder.changePin("7391");
    assert.equal(await holder.revealedPin(), "7391");
    await holder.revealedPan();
    const { request } = await holder.makeReveal();
    assert.equal((await holder.sendReveal(request)).status, 200);
    assert.equal((await holder.sendReveal(request)).status, 422);
    const revealed = { type: "pin.revealed", pinVersion: 1 };
    assert.deepEqual(await ofCard(holder.cardId), [changed, revealed, { type: "card.data_revealed" }, revealed]);
  });

  it("tell of what was revealed by Plumery's protocol", async () => {
    const adyen = await AdyenCardholder.create(issuer.url);
    const { body: sandbox } = await call("POST", `${issuer.url}/sandbox/cards`, { body: { pin: "7391" } });
    const client = await PlumeryClient.create(sandbox);
    assert.deepEqual(await client.revealedPin(), { pin: "7391" });
    assert.equal((await client.card()).status, 200);
    assert.deepEqual(await ofCard(sandbox.issuer.cardId), [
      { type: "pin.revealed", pinVersion: 1 },
      { type: "card.data_revealed" },
    ]);
    assert.deepEqual(await ofCard(adyen.cardId), []);
  });

  it("tell of what was revealed to a native device, once for a message", async () => {
    const holder = await NativeCardholder.create(issuer.url);
    const key = await holder.bind();
    await holder.changePin("7391", key);
    const { cardId } = holder.sandbox.issuer;
    const before = await ofCard(cardId);
    assert.equal(await holder.revealedPin(key), "7391");
    await holder.revealedCard(key);
    assert.deepEqual((await ofCard(cardId)).slice(before.length), [
      { type: "pin.revealed", pinVersion: 1 },
      { type: "card.data_revealed" },
    ]);
  });

  it("tell of a key that was rotated because it was due, once", async () => {
    const advance = () => call("POST", `${issuer.url}/sandbox/clock`, { body: { advance: "30d" } });
    const rotated = async () => {
      const { body } = await call("GET", `${issuer.url}/sandbox/outbox-events`);
      const events = body.filter((event: Record<string, unknown>) => event["purpose"] === "adyen-pin-reveal");
      return events.map(({ id, occurredAt, ...event }: Record<string, unknown>) => event);
    };
    assert.deepEqual(await rotated(), []);
    assert.equal((await advance()).status, 200);
    const holder = await SolarisCardholder.create(issuer.url);
    const { body: keys } = await holder.operator("GET", "/keys");
    const current = keys.find(
      (key: Record<string, unknown>) => key["purpose"] === "adyen-pin-reveal" && key["state"] === "current",
    );
    const { id: keyId, purpose, version } = current;
    assert.deepEqual([await rotated(), version], [[{ type: "key.rotated", purpose, keyId, version }], 2]);
  });
});

describe("an event of an issuer whose events nobody receives", () => {
  it("is no entry of the outbox, so that what it would say of costs no more", () => {
    const emitter = { emitsEvents: false, clock: () => assert.fail("no time is asked for") };
    const key = { purpose: "adyen-pin-reveal", keyId: "1", version: 2 };
    const device = { personId: "1", deviceId: "2", protocol: "solaris" };
    assert.deepEqual(cardEvents(emitter, { id: "card" }, "pin.revealed", { pinVersion: 1 }), []);
    assert.deepEqual(deviceEvents(emitter, "device.bound", device), []);
    assert.deepEqual(issuerEvents(emitter, "key.rotated", key), []);
  });
});
