import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { utf8 } from "@linchpin/core";
import {
  type AuditAndOutbox,
  type Challenge,
  type ChangeRequest,
  type Store,
  verifyCheckpointedChain,
} from "@linchpin/store";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { testFacts } from "@linchpin/test-fixtures/issuer/test-facts";
import pino from "pino";
import { auditDone } from "../src/audit/index.ts";
import type { Context } from "../src/context/context.ts";
import { runMaintenance, startMaintenance } from "../src/maintenance.ts";
import { messageEntry, openMessage } from "../src/outbox/message.ts";

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

describe("housekeeping", { timeout: 60_000 }, () => {
  let opened: Awaited<ReturnType<typeof openOwnContext>>;
  let context: Context;
  let store: Store;
  let now: Date;
  const start = new Date("2026-11-22T12:00:00Z");
  const later = (ms: number) => new Date(start.getTime() + ms);
  const sealed = { keyId: "key", bytes: new Uint8Array([1]) };
  const about = (): AuditAndOutbox => ({
    audit: auditDone(context, { id: "test" }, testFacts),
    outbox: [],
  });

  before(async () => {
    now = start;
    opened = await openOwnContext(() => now);
    ({ context } = opened);
    ({ store } = context);
    const partner = { partnerId: "partner", createdAt: start };
    await store.addPartner(
      { id: "partner", name: "Partner", mayRegisterMobileNumbers: false, createdAt: start },
      about(),
    );
    const credential = { kind: "solaris", clientId: "client", secretHash: randomBytes(32), roles: [], ...partner };
    await store.addCredential(credential, about());
    await store.addProgram({ id: "program", name: "Program", settings: {}, createdAt: start }, about());
    await store.addPerson({ id: "person", mobileNumber: null, ...partner }, about());
    await store.addCard({ id: "card", personId: "person", programId: "program", names: {}, createdAt: start }, about());
  });
  after(() => opened.close());
  beforeEach(() => {
    now = start;
  });

  const clearAwayAt = async (at: Date, mode: "sandbox" | "production" = "production") => {
    now = at;
    await runMaintenance(context, mode);
  };

  test("access tokens go a day after they expired, and not before", async () => {
    const tokenHash = randomBytes(32);
    const token = { tokenHash, clientId: "client", partnerId: "partner", audience: "solaris" };
    await store.addAccessToken({ ...token, expiresAt: later(hourMs) });
    await clearAwayAt(later(hourMs + dayMs));
    assert.notEqual(await store.findAccessToken(tokenHash), null);
    await clearAwayAt(later(hourMs + dayMs + 1));
    assert.equal(await store.findAccessToken(tokenHash), null);
  });

  test("challenges go a day after they expired, and not before", async () => {
    const challenge: Challenge = {
      id: randomUUID(),
      kind: "mobile_number",
      personId: "person",
      partnerId: "partner",
      deviceId: null,
      keyPurpose: null,
      sealedSecret: sealed,
      state: "open",
      tries: 0,
      createdAt: start,
      expiresAt: later(hourMs),
    };
    await store.addChallenge(challenge, about());
    await clearAwayAt(later(hourMs + dayMs));
    assert.notEqual(await store.findChallenge(challenge.id), null);
    await clearAwayAt(later(hourMs + dayMs + 1));
    assert.equal(await store.findChallenge(challenge.id), null);
  });

  test("a change request fails when it expires, and lets its PIN go; the request stays", async () => {
    const request: ChangeRequest = {
      id: randomUUID(),
      cardId: "card",
      personId: "person",
      partnerId: "partner",
      status: "AUTHORIZATION_REQUIRED",
      sealedPin: sealed,
      deliveryMethod: null,
      deviceId: null,
      sealedSecret: null,
      tries: 0,
      createdAt: start,
      updatedAt: start,
      expiresAt: later(hourMs),
    };
    await store.addChangeRequest(request, { mark: randomBytes(32), keyId: "key" }, about());
    await clearAwayAt(later(hourMs - 1));
    assert.deepEqual((await store.findChangeRequest(request.id))?.sealedPin, sealed);
    await clearAwayAt(later(hourMs));
    const failed = await store.findChangeRequest(request.id);
    assert.deepEqual([failed?.status, failed?.sealedPin], ["FAILED", null]);
  });

  test("an ended change request goes 90 days later, and not before", async () => {
    const request: ChangeRequest = {
      id: randomUUID(),
      cardId: "card",
      personId: "person",
      partnerId: "partner",
      status: "FAILED",
      sealedPin: null,
      deliveryMethod: null,
      deviceId: null,
      sealedSecret: null,
      tries: 0,
      createdAt: start,
      updatedAt: start,
      expiresAt: later(hourMs),
    };
    await store.addChangeRequest(request, { mark: randomBytes(32), keyId: "key" }, about());
    await clearAwayAt(later(90 * dayMs));
    assert.notEqual(await store.findChangeRequest(request.id), null);
    await clearAwayAt(later(90 * dayMs + 1));
    assert.equal(await store.findChangeRequest(request.id), null);
  });

  test("a device that never proved its binding goes a day later, and not before", async () => {
    const publicPoint = new Uint8Array(65).fill(4);
    const key = { id: randomUUID(), purpose: "restricted", publicPoint, createdAt: start } as const;
    const device = { id: randomUUID(), personId: "person", name: null, key, createdAt: start };
    const isKept = async () => (await store.findDevice(device.id, { includeUnverified: true })) !== null;
    await store.addDevice(device);
    await clearAwayAt(later(dayMs));
    assert.equal(await isKept(), true);
    await clearAwayAt(later(dayMs + 1));
    assert.equal(await isKept(), false);
  });

  test("replay marks go an hour after their key's overlap, those of other keys stay", async () => {
    const before = await context.keyring.current("solaris-pin");
    const forEver = await context.keyring.current("secret");
    await context.keyring.rotate("secret");
    const current = await context.keyring.rotate("solaris-pin");
    const spend = async (keyId: string) => {
      const mark = randomBytes(32);
      await store.spend({ mark, keyId }, null);
      return mark;
    };
    const [ofBefore, ofCurrent] = [await spend(before.id), await spend(current.id)];
    const ofForEver = await spend(forEver.id);
    await clearAwayAt(later(dayMs + hourMs));
    assert.equal(await store.isReplayed(ofBefore), true);
    await clearAwayAt(later(dayMs + hourMs + 1));
    assert.equal(await store.isReplayed(ofBefore), false);
    assert.equal(await store.isReplayed(ofCurrent), true);
    await clearAwayAt(later(10_000 * dayMs));
    assert.equal(await store.isReplayed(ofForEver), true);
  });

  test("replay marks stay while an earlier version of their key is accepted", async () => {
    const { keyring } = context;
    const first = await keyring.current("adyen-pin-change");
    const { id } = await keyring.rotate("adyen-pin-change");
    await keyring.rotate("adyen-pin-change");
    const mark = randomBytes(32);
    await store.spend({ mark, keyId: id }, null);
    await keyring.retire(id);
    const end = first.acceptedUntil?.getTime() ?? assert.fail();
    await clearAwayAt(new Date(end + hourMs));
    assert.equal(await store.isReplayed(mark), true);
    await clearAwayAt(new Date(end + hourMs + 1));
    assert.equal(await store.isReplayed(mark), false);
  });

  test("the chain is signed when something happened, at most each five minutes, and at the end", async () => {
    const count = async () => (await store.listAuditCheckpoints({ afterSequence: 0n, limit: 1000 })).length;
    const happen = () => store.appendAuditEvent(about().audit);
    const at = later(20_000 * dayMs).getTime();
    await clearAwayAt(new Date(at));
    const before = await count();
    await happen();
    await clearAwayAt(new Date(at + 5 * 60_000 - 1));
    assert.equal(await count(), before);
    await clearAwayAt(new Date(at + 5 * 60_000));
    assert.equal(await count(), before + 1);
    await clearAwayAt(new Date(at + 10 * 60_000));
    assert.equal(await count(), before + 1);
    const running = startMaintenance(context, "sandbox");
    await happen();
    await running.stop();
    assert.equal(await count(), before + 2);
    const keys = (await context.keyring.list()).filter(({ purpose }) => purpose === "audit");
    const trusted = new Map(keys.map(({ id, publicKeySpki }) => [id, publicKeySpki ?? assert.fail()]));
    assert.equal((await verifyCheckpointedChain(store, trusted)).intact, true);
  });

  test("what an earlier key sealed is sealed anew in the background", async () => {
    const stored = await context.keyring.seal("secret", utf8("text"), utf8("other"));
    const message = await messageEntry(context, { to: randomUUID(), channel: "sms", text: utf8("text") });
    await store.addOutboxEntry(message);
    const former = message.sealedText?.keyId ?? assert.fail();
    assert.equal(stored.keyId, former);
    await context.keyring.rotate("secret");
    const running = startMaintenance(context, "sandbox");
    while ((await store.countProtected(former)).messages > 0) await sleep(10);
    await running.stop();
    const [entry = assert.fail()] = await store.listMessages(message.recipient, 1);
    assert.deepEqual(Buffer.from(await openMessage(context, entry)).toString(), "text");
  });

  const addMessage = async () => {
    const message = await messageEntry(context, { to: randomUUID(), channel: "sms", text: utf8("text") });
    await store.addOutboxEntry(message);
    return { ...message, isKept: async () => (await store.listMessages(message.recipient, 1)).length === 1 };
  };

  test("what was delivered goes a day later, in production alone", async () => {
    const message = await addMessage();
    await store.markDelivered(message.id, later(hourMs));
    await clearAwayAt(later(hourMs + dayMs));
    assert.equal(await message.isKept(), true);
    await clearAwayAt(later(hourMs + dayMs + 1), "sandbox");
    assert.equal(await message.isKept(), true);
    await clearAwayAt(later(hourMs + dayMs + 1));
    assert.equal(await message.isKept(), false);
  });

  test("what waits in the outbox stays; what is dead goes 30 days later, in production alone", async () => {
    const [waiting, dead] = [await addMessage(), await addMessage()];
    await store.markFailed(dead.id, { at: start, nextAttemptAt: null, reason: "answered 410" });
    await clearAwayAt(later(30 * dayMs));
    await clearAwayAt(later(30 * dayMs + 1), "sandbox");
    assert.deepEqual([await waiting.isKept(), await dead.isKept()], [true, true]);
    await clearAwayAt(later(30 * dayMs + 1));
    assert.deepEqual([await waiting.isKept(), await dead.isKept()], [true, false]);
  });

  test("what fails is logged, and hinders nothing else", async () => {
    const message = await addMessage();
    await store.markDelivered(message.id, start);
    now = later(2 * dayMs);
    const failure = new Error("no database");
    const failing = async () => {
      throw failure;
    };
    const errors: unknown[] = [];
    const log = pino({ level: "silent" });
    log.error = (facts: unknown) => {
      errors.push(facts);
    };
    const broken = { ...store, deleteExpiredAccessTokens: failing, failExpiredChangeRequests: failing };
    await runMaintenance({ ...context, store: broken, log }, "production");
    assert.deepEqual(errors, [
      { err: failure, what: "access tokens" },
      { err: failure, what: "change requests" },
    ]);
    assert.equal(await message.isKept(), false);
  });

  test("runs at the start, and ends at a stop", async () => {
    const message = await addMessage();
    await store.markDelivered(message.id, start);
    now = later(2 * dayMs);
    await startMaintenance(context, "production").stop();
    assert.equal(await message.isKept(), false);
  });
});
