import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { LinchpinError, Pin, utf8 } from "@linchpin/core";
import { type AuditAndOutbox, openPostgresStore } from "@linchpin/store";
import { openTestPostgres, type TestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { testFacts } from "@linchpin/test-fixtures/issuer/test-facts";
import { SoftwareVault } from "@linchpin/vault";
import { auditDone } from "../../src/audit/index.ts";
import { sealCardData, withStoredCardData } from "../../src/cards/stored-card-data.ts";
import type { Caller, Context } from "../../src/context/context.ts";
import { destroyKey } from "../../src/keys/destroy-key.ts";
import { makeKey } from "../../src/keys/make-key.ts";
import { makeKeyring } from "../../src/keys/make-keyring.ts";
import { resealBatch } from "../../src/keys/reseal.ts";
import { retireKey } from "../../src/keys/retire-key.ts";
import { rotateKey } from "../../src/keys/rotate-key.ts";
import { runMaintenance } from "../../src/maintenance.ts";
import { messageAssociatedData, openMessage } from "../../src/outbox/message.ts";
import { changePin } from "../../src/pin/change-pin.ts";
import { withStoredPin } from "../../src/pin/stored-pin.ts";
import { protocolTable } from "../../src/protocol-table.ts";
import { readSettings } from "../../src/read-settings.ts";
import { compareValue, macOfValue } from "../../src/signing/stored-signing-method.ts";

const caller: Caller = { kind: "operator", name: "alice" };

describe("the keys of an issuer", { timeout: 60_000 }, () => {
  let opened: Awaited<ReturnType<typeof openOwnContext>>;
  let context: Context;
  let postgres: TestPostgres;
  let now = new Date("2026-11-22T12:00:00Z");
  const about = (cardId?: string): AuditAndOutbox => ({
    audit: auditDone(context, cardId === undefined ? { id: "test" } : { cardId }, testFacts),
    outbox: [],
  });

  before(async () => {
    opened = await openOwnContext(() => now, { keyRotation: new Map([["solaris-pin", 90 * 86_400_000]]) });
    ({ context } = opened);
    const createdAt = now;
    const { store } = context;
    await store.addPartner({ id: "partner", name: "Partner", mayRegisterMobileNumbers: false, createdAt }, about());
    const settings = { policy: { formerPins: 4 } };
    await store.addProgram({ id: "program", name: "Program", settings, createdAt }, about());
    await store.addPerson({ id: "person", partnerId: "partner", mobileNumber: null, createdAt }, about());
    postgres = await openTestPostgres();
  });
  after(async () => {
    await opened.close();
    await postgres.stop();
  });

  const addCard = async (id: string, ...pins: string[]) => {
    await context.store.addCard({ id, personId: "person", programId: "program", names: {}, createdAt: now }, about(id));
    for (const digits of pins) {
      const card = (await context.store.findCard(id)) ?? assert.fail();
      const pin = new Pin(utf8(digits));
      await changePin(context, { card, pin, mark: null, facts: testFacts });
    }
  };
  const keyOf = async (purpose: string) => (await context.keyring.current(purpose)).id;
  const stateOf = async (id: string) => (await context.keyring.list()).find((key) => key.id === id)?.state;
  const toldOf = async (keyId: string) => {
    const shards = await context.store.listAuditShards();
    const events = await Promise.all(
      shards.map(({ shard }) => context.store.listShardAuditEvents(shard, { afterSequence: 0n, limit: 1000 })),
    );
    const contents = events.flat().map(({ content }) => JSON.parse(content));
    return contents.filter((content) => content.keyId === keyId);
  };
  const resealAll = async (purpose: string) => {
    let total = 0;
    for (let batch = await resealBatch(context, purpose); batch.found > 0; batch = await resealBatch(context, purpose))
      total += batch.resealed;
    return total;
  };

  it("are those of the settings, each audited as made by the issuer itself", async () => {
    const purposes = new Set((await context.keyring.list()).map(({ purpose }) => purpose));
    assert.ok(purposes.has("adyen-pin-change") && !purposes.has("adyen-pin-change-oaep"));
    const [made] = await toldOf(await keyOf("card-pin"));
    assert.equal(made.operation, "issuer.key.make");
    assert.deepEqual(made.caller, { kind: "house" });
  });

  it("seal anew what earlier ones sealed; then, and not before, these are retired and destroyed", async () => {
    await addCard("card", "1928", "3719", "4826");
    const data = { pan: utf8("4111111111111111"), cvv2: utf8("737"), expiration: { month: 9, year: 2031 } };
    await context.store.setCardData("card", await sealCardData(context, "card", data), about("card"));
    const former = await keyOf("card-pin");
    const { id: current } = await rotateKey(context, caller, "card-pin");
    const kept = await retireKey(context, caller, { keyId: former, forceRecovery: false });
    assert.deepEqual([kept?.pins, kept?.formerPins, kept?.cardData], [1, 2, 0]);
    assert.equal(await stateOf(former), "accepted");
    await assert.rejects(destroyKey(context, caller, former), { code: "conflict" });

    assert.equal(await resealAll("card-pin"), 3);
    const card = (await context.store.findCard("card")) ?? assert.fail();
    const pins = [
      { version: card.pin.version, sealed: card.pin.sealed },
      ...(await context.store.listPinHistory("card", 9)),
    ];
    for (const [index, digits] of ["4826", "3719", "1928"].entries()) {
      const { version = 0, sealed } = pins[index] ?? assert.fail();
      assert.equal(sealed?.keyId, current);
      const isSame = (pin: Pin) => pin.equals(new Pin(utf8(digits)));
      assert.equal(await withStoredPin(context, card, { version, sealed: sealed ?? assert.fail() }, isSame), true);
    }
    assert.equal(await resealAll("card-pin"), 0);

    assert.equal(await retireKey(context, caller, { keyId: former, forceRecovery: false }), null);
    assert.equal(await destroyKey(context, caller, former), null);
    assert.equal(await stateOf(former), "destroyed");
    assert.deepEqual(
      (await toldOf(former)).map(({ operation, outcome }) => [operation, outcome]),
      [
        ["issuer.key.make", "done"],
        ["issuer.key.retire", "refused"],
        ["issuer.key.destroy", "refused"],
        ["issuer.key.retire", "done"],
        ["issuer.key.destroy", "done"],
      ],
    );
  });

  it("seal anew PAN, CVV2 and secrets, each for its own place", async () => {
    await rotateKey(context, caller, "card-data");
    assert.equal(await resealAll("card-data"), 1);
    const stored = (await context.store.findCardData("card")) ?? assert.fail();
    assert.equal(stored.sealed.keyId, await keyOf("card-data"));
    const pan = await withStoredCardData(context, "card", stored, async (data) => Buffer.from(data.pan).toString());
    assert.equal(pan, "4111111111111111");
  });

  it("leave what does not open as it is, and go on with the rest", async () => {
    await addCard("whole", "1928");
    await addCard("spoilt", "1928");
    const spoilt = (await context.store.findCard("spoilt"))?.pin ?? assert.fail();
    const sealed = spoilt.sealed ?? assert.fail();
    const of = { id: "spoilt", version: spoilt.version, expiration: null, sealed };
    const bytes = sealed.bytes.toReversed();
    await context.store.replaceSealed("pins", [{ stored: of, sealed: { ...sealed, bytes } }]);
    const former = await keyOf("card-pin");
    await rotateKey(context, caller, "card-pin");
    // A batch begins at a random place: one may find nothing but what does not open, while others still wait.
    while ((await context.store.countProtected(former)).pins > 1) await resealBatch(context, "card-pin");
    assert.deepEqual(await resealBatch(context, "card-pin"), { found: 1, resealed: 0 });
    const after = (await context.store.findCard("spoilt"))?.pin.sealed;
    assert.deepEqual(after, { keyId: former, bytes });
    assert.equal((await retireKey(context, caller, { keyId: former, forceRecovery: true }))?.pins, 1);
  });

  it("seal nothing anew that is only compared", async () => {
    for (const purpose of ["venly-signing-method", "solaris-pin", "nothing"])
      await assert.rejects(resealBatch(context, purpose), { code: "conflict" });
  });

  it("of signing methods stay until the last has moved, or is given up with the count", async () => {
    const identity = { id: "method", type: "PIN", physicalDeviceId: null } as const;
    const value = utf8("192837");
    const mac = await macOfValue(context, identity, value);
    const method = { ...identity, mac, createdAt: now };
    const user = { id: "user", partnerId: "partner", reference: "r", method, createdAt: now };
    await context.store.addSigningUser(user, null, about());
    const former = mac.keyId;
    await rotateKey(context, caller, "venly-signing-method");
    assert.equal((await retireKey(context, caller, { keyId: former, forceRecovery: false }))?.signingMethods, 1);
    const right = await compareValue(context, identity, mac, value);
    assert.equal(right.matched, true);
    assert.equal(right.renewedMac?.keyId, await keyOf("venly-signing-method"));

    assert.equal(await retireKey(context, caller, { keyId: former, forceRecovery: true }), null);
    assert.equal((await toldOf(former)).at(-1).signingMethodsToRecover, 1);
    assert.equal((await context.store.findSigningMethod("method"))?.needsRecovery, true);
    assert.deepEqual((await compareValue(context, identity, mac, value)).matched, false);
    assert.equal(await destroyKey(context, caller, former), null);
    assert.deepEqual((await compareValue(context, identity, mac, value)).matched, false);
  });

  it("are retired before their time, and let no message in from then on", async () => {
    const former = await keyOf("solaris-pin");
    await rotateKey(context, caller, "solaris-pin");
    assert.equal(await retireKey(context, caller, { keyId: former, forceRecovery: false }), null);
    await assert.rejects(context.keyring.find("solaris-pin", former), { code: "key_expired" });
  });

  it("rotate by the schedule of the settings, audited as done by the issuer itself", async () => {
    const before = await context.keyring.current("solaris-pin");
    now = new Date(now.getTime() + 90 * 86_400_000);
    await runMaintenance(context, "sandbox");
    const after = await context.keyring.current("solaris-pin");
    assert.equal(after.version, before.version + 1);
    assert.deepEqual(
      (await toldOf(after.id)).map(({ operation, caller }) => [operation, caller.kind]),
      [
        ["issuer.key.make", "house"],
        ["issuer.key.rotate", "house"],
      ],
    );
  });

  it("are refused by a name that none has, and the refusal is audited", async () => {
    const unknown = { code: "not_found" };
    await assert.rejects(makeKey(context, caller, "nothing"), unknown);
    await assert.rejects(retireKey(context, caller, { keyId: "nothing", forceRecovery: true }), unknown);
    await assert.rejects(destroyKey(context, caller, "nothing"), unknown);
    assert.deepEqual(
      (await toldOf("nothing")).map(({ operation, code }) => [operation, code]),
      [
        ["issuer.key.retire", "not_found"],
        ["issuer.key.destroy", "not_found"],
      ],
    );
  });

  it("move to another vault, with all that they sealed, while the one before is reachable", async () => {
    const url = await postgres.createDatabase();
    const store = await openPostgresStore({ url });
    const masterKey = randomBytes(32);
    const settings = readSettings({ LINCHPIN_MODE: "sandbox", LINCHPIN_DATABASE_URL: url });
    const inSoftware = makeKeyring(
      { store, protocols: protocolTable, vault: new SoftwareVault(masterKey), clock: () => now },
      settings,
    );
    await inSoftware.ensure();
    const mac = await inSoftware.mac("venly-signing-method", utf8("value"));
    const sealed = await inSoftware.seal("secret", utf8("text"), messageAssociatedData("message"));
    const entry = { id: "message", orderingKey: "to", topic: "message", recipient: "to", channel: "sms" } as const;
    await store.addOutboxEntry({ ...entry, payload: null, sealedText: sealed, createdAt: now });

    // As `openVault` would hand them over: here both compute in this process.
    const moved = { ...settings, vault: "pkcs11:token=new?module-path=/m.so", formerVault: "software" };
    const vaults = { vault: new SoftwareVault(randomBytes(32)), formerVault: new SoftwareVault(masterKey) };
    const keyring = makeKeyring({ store, protocols: protocolTable, ...vaults, clock: () => now }, moved);
    await keyring.ensure();
    const there = { ...context, store, keyring };
    for (const purpose of ["secret", "venly-signing-method"]) await rotateKey(there, caller, purpose);
    assert.deepEqual(await resealBatch(there, "secret"), { found: 1, resealed: 1 });
    const [message = assert.fail()] = await store.listMessages("to", 1);
    const current = await keyring.current("secret");
    assert.deepEqual([message.sealedText?.keyId, current.vault], [current.id, "pkcs11:token=new"]);
    assert.deepEqual(Buffer.from(await openMessage(there, message)).toString(), "text");
    assert.deepEqual(await keyring.mac("venly-signing-method", utf8("value"), mac.keyId), mac);

    const withoutFormer = makeKeyring(
      { store, protocols: protocolTable, vault: vaults.vault, clock: () => now },
      { ...moved, formerVault: null },
    );
    await assert.rejects(withoutFormer.ensure(), { code: "settings_invalid", reason: /LINCHPIN_FORMER_VAULT/ });
    await store.close();
  });

  it("are for the purposes there are", async () => {
    const keyRotation = new Map([["solaris-pni", 1]]);
    await assert.rejects(
      openOwnContext(() => now, { keyRotation }),
      (error) => error instanceof LinchpinError && /LINCHPIN_KEY_ROTATION names solaris-pni/.test(error.reason ?? ""),
    );
  });
});
