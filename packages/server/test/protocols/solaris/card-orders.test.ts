import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { handMadeJwe } from "@linchpin/test-fixtures/messages/hand-made-jwe";
import { withoutIdentifiers } from "@linchpin/test-fixtures/messages/without-identifiers";
import type { Answer } from "@linchpin/testing/call";
import { assertSolarisError, SolarisCardholder } from "@linchpin/testing/solaris";
import { auditTrail } from "@linchpin/testing/venly";

const accountId = "a5844f601567db9b59b3531245a58e96cacc";

describe("a card that a partner orders through Solaris' protocol", () => {
  let issuer: SandboxIssuer;
  let holder: SolarisCardholder;
  let pinKey: { kid: string; n: string; e: string };

  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await SolarisCardholder.create(issuer.url);
    pinKey = (await holder.partner("GET", "/v1/cards/pin_keys/latest")).body;
  });
  after(() => issuer.stop());

  const pathOf = (personId: string) => `/v1/persons/${personId}/accounts/${accountId}/cards`;
  const order = (body: object, by = holder) => by.partner("POST", pathOf(holder.sandbox.solaris.personId), body);
  const sealed = (digits: string) => ({
    encrypted_pin: handMadeJwe(pinKey, `{"pin":"${digits}"}`),
    key_id: pinKey.kid,
  });
  const requestChange = (cardName: string, body: object) =>
    holder.partner("POST", `/v1/cards/${cardName}/sca_pin_update_requests`, body);
  const orderEvents = async () =>
    (await auditTrail(issuer)).filter(({ operation }) => operation === "solaris.cards.order");
  const eventOf = async (cardName: string) =>
    (await orderEvents()).find(({ names, outcome }) => outcome === "done" && names.solaris === cardName);

  /** Refused in these words; no card is made, and the audit says so. */
  async function assertRefused(answer: () => Promise<Answer>, status: number, code: string, field?: string) {
    const before = new Set((await orderEvents()).map((event) => JSON.stringify(event)));
    assertSolarisError(await answer(), status, code, field);
    const added = (await orderEvents()).filter((event) => !before.has(JSON.stringify(event)));
    assert.deepEqual(
      added.map(({ outcome }) => outcome),
      ["refused"],
    );
  }

  it("has the PIN of the JWE, keeps the other members, and sends the operator's systems an event of the PIN", async () => {
    const request = { ...sealed("2846"), line_1: "ADAM AARON/SCHMIDT", type: "MASTERCARD_DEBIT", reference: "r-1" };
    const { status, body } = await order({ ...request, business_id: null });
    assert.equal(status, 201, JSON.stringify(body));
    assert.match(body.id, /^[0-9a-f]{32}mcrd$/);
    assert.deepEqual(body, {
      id: body.id,
      status: "ACTIVE",
      person_id: holder.sandbox.solaris.personId,
      account_id: accountId,
      business_id: null,
      reference: "r-1",
      type: "MASTERCARD_DEBIT",
      representation: { line_1: "ADAM AARON/SCHMIDT", line_2: null },
    });
    const event = await eventOf(body.id);
    assert.deepEqual([event.keyId, event.pinVersion, event.programId], [pinKey.kid, 1, "sandbox"]);
    assert.equal(event.caller.partnerId, "sandbox");
    const card = await holder.operator("GET", `/cards/${event.cardId}`);
    assert.deepEqual(card.body.pin, { status: "active", remainingAttempts: 3, version: 1, chip: "in_sync" });
    const verify = async (digits: string) =>
      (await holder.operator("POST", `/cards/${event.cardId}/pin/verify`, await holder.seal(digits))).body.result;
    assert.deepEqual([await verify("2846"), await verify("5937")], ["match", "mismatch"]);
  });

  it("is of the operator's program, whose PIN history begins with the first PIN", async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), "linchpin-orders-"));
    try {
      const first = await startSandboxIssuer({ dataFolder });
      const operator = await SolarisCardholder.create(first.url);
      const settings = { policy: { formerPins: 2 } };
      const { body: program } = await operator.operator("POST", "/programs", { name: "Ordered", settings });
      await first.stop();
      const environment = { LINCHPIN_SOLARIS_CARD_PROGRAM: program.id };
      const second = await startSandboxIssuer({ dataFolder, environment });
      try {
        const there = await SolarisCardholder.create(second.url);
        const { body: card } = await there.partner(
          "POST",
          pathOf(there.sandbox.solaris.personId),
          await there.seal("2846"),
        );
        const device = await there.bindDevice();
        const change = async (digits: string) =>
          there.partner("POST", `/v1/cards/${card.id}/pin_update_requests`, await there.sealAndSign(digits, device));
        assertSolarisError(await change("2846"), 422, "invalid_pin", "pin");
        assert.equal((await change("5937")).status, 204);
        assertSolarisError(await change("2846"), 422, "invalid_pin", "pin");
      } finally {
        await second.stop();
      }
    } finally {
      await rm(dataFolder, { recursive: true, force: true });
    }
  });

  it("is not made where the operator's setting names no program of the issuer", async () => {
    const other = await startSandboxIssuer({ environment: { LINCHPIN_SOLARIS_CARD_PROGRAM: "none" } });
    try {
      const there = await SolarisCardholder.create(other.url);
      const path = pathOf(there.sandbox.solaris.personId);
      assertSolarisError(await there.partner("POST", path, await there.seal("2846")), 404, "not_found");
      assertSolarisError(await there.partner("POST", path, {}), 404, "not_found");
    } finally {
      await other.stop();
    }
  });

  it("may come without a PIN", async () => {
    const { status, body } = await order({ line_1: "ADAM AARON/SCHMIDT" });
    assert.deepEqual([status, body.reference, body.type], [201, null, null]);
    const { cardId, keyId, pinVersion } = await eventOf(body.id);
    assert.deepEqual([keyId, pinVersion], [undefined, undefined]);
    assert.equal((await holder.operator("GET", `/cards/${cardId}`)).body.pin.status, "not_set");
  });

  it("is refused where its JWE was used before, by an order or by a change", async () => {
    const used = sealed("2846");
    const { body } = await order(used);
    await assertRefused(() => order(used), 409, "encrypted_pin_already_used");
    assertSolarisError(await requestChange(body.id, used), 409, "encrypted_pin_already_used");
    const changed = sealed("5937");
    assert.equal((await requestChange(body.id, changed)).status, 200);
    await assertRefused(() => order(changed), 409, "encrypted_pin_already_used");
  });

  it("is made once by one JWE, however many orders come at once", async () => {
    const request = sealed("5937");
    const answers = await Promise.all(Array.from({ length: 5 }, () => order(request)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409, 409]);
  });

  it("is refused by the rules of digits", async () => {
    for (const digits of ["1234", "4321", "1112", "123", "19283"])
      await assertRefused(() => order(sealed(digits)), 422, "invalid_pin", "pin");
  });

  it("is refused for a JWE that does not open, for another key, and for one of the two members without the other", async () => {
    await assertRefused(() => order({ ...sealed("2846"), key_id: "another" }), 422, "invalid_key_id");
    const unopened = handMadeJwe(pinKey, '{"pin":"2846"}', { oaepHash: "sha1" });
    await assertRefused(() => order({ encrypted_pin: unopened, key_id: pinKey.kid }), 422, "invalid_encrypted_pin");
    await assertRefused(() => order({ encrypted_pin: "2846", key_id: pinKey.kid }), 422, "invalid_encrypted_pin");
    const { encrypted_pin, key_id } = sealed("2846");
    await assertRefused(() => order({ encrypted_pin }), 400, "validation_error", "key_id");
    await assertRefused(() => order({ key_id }), 400, "validation_error", "encrypted_pin");
  });

  it("is refused with a PIN in clear, and with a line that the vendor does not allow", async () => {
    const clear = await order({ line_1: "ADAM/SCHMIDT", pin: "2846" });
    assertSolarisError(clear, 400, "validation_error");
    assert.ok(!withoutIdentifiers(clear.body).includes("2846"));
    for (const line_1 of ["A NAME THAT IS TOO LONG/FOR IT", "ADÄM/SCHMIDT", "adam/schmidt"])
      assertSolarisError(await order({ line_1 }), 400, "validation_error", "line_1");
    assertSolarisError(await order({ type: 5 }), 400, "type_error", "type");
  });

  it("is refused with characters that no text of a database holds, and for an account that is no name", async () => {
    for (const text of ["\u0000", "\ud800", "\udc00", "a\u0007"])
      for (const member of ["type", "reference", "business_id"])
        assertSolarisError(await order({ [member]: text }), 400, "validation_error", member);
    for (const account of ["a%00", "%2E%2E%2Fx", "a%20b", ""]) {
      const path = `/v1/persons/${holder.sandbox.solaris.personId}/accounts/${account}/cards`;
      assertSolarisError(await holder.partner("POST", path, {}), 400, "validation_error", "account_id");
    }
  });

  it("is refused for a person who is unknown, and for another partner's", async () => {
    assertSolarisError(await holder.partner("POST", pathOf("nobody"), sealed("2846")), 404, "model_not_found");
    const another = await SolarisCardholder.createAtAnotherPartner(issuer.url);
    assertSolarisError(await order(sealed("2846"), another), 404, "model_not_found");
    const { body } = await order(sealed("2846"));
    const strange = await another.partner("POST", `/v1/cards/${body.id}/sca_pin_update_requests`, sealed("5937"));
    assertSolarisError(strange, 404, "model_not_found");
  });
});
