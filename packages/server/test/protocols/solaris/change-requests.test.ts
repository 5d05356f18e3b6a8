import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { makeAddDeviceKeyRequest, readStringToSign } from "@linchpin/protocols/solaris/device";
import { openEmbeddedStore } from "@linchpin/store";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { vaultUnderTest } from "@linchpin/test-fixtures/issuer/vault-under-test";
import { signByHand } from "@linchpin/test-fixtures/messages/sign-by-hand";
import { type Answer, call } from "@linchpin/testing/call";
import { assertSolarisError, type BoundDevice, SolarisCardholder } from "@linchpin/testing/solaris";
import type { FastifyInstance } from "fastify";
import pino from "pino";
import { createApp } from "../../../src/app.ts";
import type { Context } from "../../../src/context/context.ts";
import { makeOtp } from "../../../src/identifiers.ts";
import { makeKeyring } from "../../../src/keys/make-keyring.ts";
import { openVault } from "../../../src/keys/open-vault.ts";
import { cardNameMakersOf } from "../../../src/protocol.ts";
import { protocolTable } from "../../../src/protocol-table.ts";
import { readSettings } from "../../../src/read-settings.ts";

const minuteMs = 60_000;
const wrongTan = (tan: string) => (tan === "000000" ? "000001" : "000000");

/** A PIN change that waits for its cardholder's word. */
class WaitingChange {
  readonly holder: SolarisCardholder;
  readonly id: string;

  private constructor(holder: SolarisCardholder, id: string) {
    this.holder = holder;
    this.id = id;
  }

  static async make(holder: SolarisCardholder, digits: string): Promise<WaitingChange> {
    const { status, body } = await holder.requestChange(digits);
    assert.deepEqual([status, body.status], [200, "AUTHORIZATION_REQUIRED"]);
    assert.equal(body.url, `${holder.sandbox.solaris.baseUrl}/v1/change_requests/${body.id}/authorize`);
    return new WaitingChange(holder, body.id);
  }

  authorize(body: unknown, by: SolarisCardholder = this.holder): Promise<Answer> {
    return by.partner("POST", `/v1/change_requests/${this.id}/authorize`, body);
  }

  confirm(body: unknown, by: SolarisCardholder = this.holder): Promise<Answer> {
    return by.partner("POST", `/v1/change_requests/${this.id}/confirm`, body);
  }

  get byTan() {
    return { person_id: this.personId, delivery_method: "mobile_number" };
  }

  /** The TAN that went out. */
  async authorizeByTan(): Promise<string> {
    assert.equal((await this.authorize(this.byTan)).status, 201);
    return this.holder.newestOtp();
  }

  /** The string that the device is to sign. */
  async authorizeByDevice({ deviceId }: BoundDevice): Promise<string> {
    const { status, body } = await this.authorize({ device_id: deviceId, delivery_method: "device_signing" });
    assert.equal(status, 201);
    return body.string_to_sign;
  }

  confirmByTan(tan: string): Promise<Answer> {
    return this.confirm({ person_id: this.personId, tan });
  }

  async confirmByDevice({ deviceId, key }: BoundDevice, text: string): Promise<Answer> {
    return this.confirm({ device_id: deviceId, ...(await signByHand(key, text)) });
  }

  get personId(): string {
    return this.holder.sandbox.solaris.personId;
  }
}

describe("a Solaris PIN change by change request", () => {
  let issuer: SandboxIssuer;
  let holder: SolarisCardholder;
  const clock = { aheadMs: 0 };

  before(async () => {
    issuer = await startSandboxIssuer({ clock: () => new Date(Date.now() + clock.aheadMs) });
    holder = await freshHolder();
  });
  after(() => issuer.stop());

  const freshHolder = () => SolarisCardholder.create(issuer.url);
  const version = async (of: SolarisCardholder = holder) => (await of.card()).pin.version;

  async function later<Result>(ms: number, work: () => Promise<Result>): Promise<Result> {
    clock.aheadMs += ms;
    try {
      return await work();
    } finally {
      clock.aheadMs -= ms;
    }
  }

  /** Refused in these words; the card is as it was, and its audit says so. */
  async function assertRefused(work: () => Promise<Answer>, status: number, code: string, field?: string) {
    const versionBefore = await version();
    const eventsBefore = await holder.auditEvents();
    assertSolarisError(await work(), status, code, field);
    assert.equal(await version(), versionBefore);
    const events = await holder.auditEvents();
    const fresh = events.slice(eventsBefore.length);
    assert.equal(fresh.filter(({ outcome }) => outcome === "refused").length, 1);
  }

  describe("is read", () => {
    const read = (id: string, by = holder) => by.partner("GET", `/v1/change_requests/${id}`);
    const status = async (id: string, by = holder) => (await read(id, by)).body.status;

    it("with its status, as the request was answered, at every moment of its life", async () => {
      const fresh = await freshHolder();
      const { body: made } = await fresh.requestChange("2846");
      assert.deepEqual((await read(made.id, fresh)).body, made);
      const completed = await WaitingChange.make(fresh, "5937");
      const tan = await completed.authorizeByTan();
      assert.equal(await status(completed.id, fresh), "CONFIRMATION_REQUIRED");
      assert.equal((await completed.confirm({ person_id: completed.personId, tan })).status, 200);
      assert.equal(await status(completed.id, fresh), "COMPLETED");
      const failed = await WaitingChange.make(fresh, "5082");
      const right = await failed.authorizeByTan();
      for (let wrong = 0; wrong < 3; wrong++)
        await failed.confirm({ person_id: failed.personId, tan: wrongTan(right) });
      assert.equal(await status(failed.id, fresh), "FAILED");
    });

    it("as FAILED once it has expired", async () => {
      const change = await WaitingChange.make(await freshHolder(), "2846");
      assert.equal(await status(change.id, change.holder), "AUTHORIZATION_REQUIRED");
      assert.equal(await later(6 * minuteMs, async () => status(change.id, await change.holder.renewed())), "FAILED");
    });

    it("by its partner alone", async () => {
      const change = await WaitingChange.make(await freshHolder(), "2846");
      const another = await SolarisCardholder.createAtAnotherPartner(issuer.url);
      assertSolarisError(await read(change.id, another), 404, "model_not_found");
      assertSolarisError(await read("0".repeat(35)), 404, "model_not_found");
      assertSolarisError(await read("0".repeat(65)), 400, "validation_error", "id");
    });
  });

  describe("by TAN", () => {
    it("goes from AUTHORIZATION_REQUIRED by CONFIRMATION_REQUIRED to COMPLETED, and only then the PIN is another", async () => {
      const fresh = await freshHolder();
      const change = await WaitingChange.make(fresh, "2846");
      const authorized = await change.authorize(change.byTan);
      assert.equal(authorized.status, 201);
      assert.deepEqual(Object.keys(authorized.body), ["id", "status", "updated_at"]);
      assert.deepEqual([authorized.body.id, authorized.body.status], [change.id, "CONFIRMATION_REQUIRED"]);
      assert.equal(await version(fresh), 0);
      const message = (await fresh.messages()).at(-1);
      assert.equal(message.channel, "sms");
      assert.equal(message.text.match(/\b\d{6}\b/g).length, 1);

      const tan = await fresh.newestOtp();
      const confirmed = await change.confirm({ person_id: change.personId, tan, device_data: "Web;fingerprint" });
      assert.equal(confirmed.status, 200);
      const { updated_at, ...rest } = confirmed.body;
      assert.match(updated_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
      const { cardAccountId, personId } = fresh.sandbox.solaris;
      const response_body = { id: cardAccountId, status: "ACTIVE", person_id: personId };
      assert.deepEqual(rest, { id: change.id, status: "COMPLETED", response_body, response_code: 204 });
      assert.equal((await fresh.verify("2846")).body.result, "match");

      const [, , event] = await fresh
        .auditEvents()
        .then((events) => events.filter(({ operation }) => /solaris/.test(operation)));
      assert.deepEqual([event.outcome, event.changeRequestId, event.pinVersion], ["done", change.id, 1]);
      assert.match(event.deviceDataHmac.hmacSha256, /^[0-9a-f]{64}$/);
      assert.notEqual(event.deviceDataHmac.hmacSha256, createHash("sha256").update("Web;fingerprint").digest("hex"));
    });

    it("knows the sandbox's number and its TAN", async () => {
      const fixed = await SolarisCardholder.create(issuer.url, { fresh: false });
      const change = await WaitingChange.make(fixed, "2846");
      assert.equal((await change.authorize(change.byTan)).status, 201);
      assert.equal((await change.confirmByTan("212212")).status, 200);
    });

    it("may be authorized again: the last TAN counts, and tries that were taken stay taken", async () => {
      const change = await WaitingChange.make(holder, "2846");
      const [first, second] = [await change.authorizeByTan(), await change.authorizeByTan()];
      if (first !== second) await assertRefused(() => change.confirmByTan(first), 422, "invalid_tan", "tan");
      else await assertRefused(() => change.confirmByTan(wrongTan(second)), 422, "invalid_tan", "tan");
      await assertRefused(() => change.confirmByTan(wrongTan(second)), 422, "invalid_tan", "tan");
      const third = await change.authorizeByTan();
      await assertRefused(() => change.confirmByTan(wrongTan(third)), 422, "invalid_tan", "tan");
      await assertRefused(() => change.confirmByTan(third), 422, "unprocessable_entity");
      await assertRefused(() => change.authorize(change.byTan), 422, "unprocessable_entity");
    });

    it("takes the right TAN after two wrong ones, and fails with the third wrong one", async () => {
      const lucky = await WaitingChange.make(holder, "2846");
      const tan = await lucky.authorizeByTan();
      for (let count = 0; count < 2; count++)
        await assertRefused(() => lucky.confirmByTan(wrongTan(tan)), 422, "invalid_tan");
      assert.equal((await lucky.confirmByTan(tan)).status, 200);

      const failed = await WaitingChange.make(holder, "5082");
      const otherTan = await failed.authorizeByTan();
      for (let count = 0; count < 3; count++)
        await assertRefused(() => failed.confirmByTan(wrongTan(otherTan)), 422, "invalid_tan");
      assert.ok(
        (await holder.auditEvents()).some(
          (event) => event.changeRequestId === failed.id && event.change === "change request failed",
        ),
      );
      await assertRefused(() => failed.confirmByTan(otherTan), 422, "unprocessable_entity");
    });

    it("counts ten wrong ones that come at once as three at most", async () => {
      const change = await WaitingChange.make(holder, "2846");
      const tan = await change.authorizeByTan();
      const answers = await Promise.all(Array.from({ length: 10 }, () => change.confirmByTan(wrongTan(tan))));
      const codes = answers.map(({ body }) => body.errors[0].code);
      assert.equal(codes.filter((code) => code === "invalid_tan").length, 3);
      assert.equal(codes.filter((code) => code === "unprocessable_entity").length, 7);
      await assertRefused(() => change.confirmByTan(tan), 422, "unprocessable_entity");
    });

    it("completes once, of eight right ones that come at once", async () => {
      const change = await WaitingChange.make(holder, "5082");
      const tan = await change.authorizeByTan();
      const versionBefore = await version();
      const answers = await Promise.all(Array.from({ length: 8 }, () => change.confirmByTan(tan)));
      assert.equal(answers.filter(({ status }) => status === 200).length, 1);
      for (const answer of answers.filter(({ status }) => status !== 200))
        assertSolarisError(answer, 422, "unprocessable_entity");
      assert.equal(await version(), versionBefore + 1);
      await assertRefused(() => change.confirmByTan(tan), 422, "unprocessable_entity");
    });

    it("two requests at once each change the PIN once", async () => {
      const changes = [await WaitingChange.make(holder, "2846"), await WaitingChange.make(holder, "5082")];
      const tans: string[] = [];
      for (const change of changes) tans.push(await change.authorizeByTan());
      const versionBefore = await version();
      const answers = await Promise.all(changes.map((change, index) => change.confirmByTan(tans[index] ?? "")));
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200],
      );
      assert.equal(await version(), versionBefore + 2);
    });
  });

  describe("by device", () => {
    let device: BoundDevice;
    before(async () => {
      device = await holder.bindDevice("restricted");
    });

    it("gives a string to sign under both its names, and takes the signature of the restricted key", async () => {
      const change = await WaitingChange.make(holder, "2846");
      const versionBefore = await version();
      const messagesBefore = (await holder.messages()).length;
      const { body } = await change.authorize({ device_id: device.deviceId, delivery_method: "device_signing" });
      assert.deepEqual(Object.keys(body), ["id", "status", "updated_at", "string_to_sign", "text_to_sign"]);
      assert.equal(body.string_to_sign, body.text_to_sign);
      const { at, ...authorized } = readStringToSign(body.string_to_sign);
      assert.deepEqual(authorized, { operation: "change_pin", card: holder.sandbox.solaris.cardAccountId });
      assert.ok(Math.abs(at.getTime() - Date.now()) < 60_000);
      assert.equal((await holder.messages()).length, messagesBefore);
      assert.equal((await change.confirmByDevice(device, body.string_to_sign)).status, 200);
      assert.equal(await version(), versionBefore + 1);
      assert.equal((await holder.verify("2846")).body.result, "match");
    });

    it("refuses the unrestricted key, before and after it is asked", async () => {
      const fresh = await freshHolder();
      const unrestricted = await fresh.bindDevice("unrestricted");
      const change = await WaitingChange.make(fresh, "2846");
      const asked = { device_id: unrestricted.deviceId, delivery_method: "device_signing" };
      assertSolarisError(await change.authorize(asked), 422, "device_key_missing");
      const newKey = await primitives.makeSigningKey();
      const request = await makeAddDeviceKeyRequest({
        newKey,
        newKeyPurpose: "restricted",
        knownKey: unrestricted.key,
        knownKeyPurpose: "unrestricted",
      });
      const added = await fresh.partner("POST", `/v1/mfa/devices/${unrestricted.deviceId}/keys`, request);
      assert.equal(added.status, 201);
      const text = await change.authorizeByDevice(unrestricted);
      assertSolarisError(await change.confirmByDevice(unrestricted, text), 422, "invalid_signature", "signature");
      assert.equal((await change.confirmByDevice({ ...unrestricted, key: newKey }, text)).status, 200);
    });

    it("refuses signatures over other texts, three of them, and then the right one", async () => {
      const change = await WaitingChange.make(holder, "5082");
      const text = await change.authorizeByDevice(device);
      const earlier = await (await WaitingChange.make(holder, "5082")).authorizeByDevice(device);
      for (const other of [change.id, earlier, text.toUpperCase()])
        await assertRefused(() => change.confirmByDevice(device, other), 422, "invalid_signature");
      await assertRefused(() => change.confirmByDevice(device, text), 422, "unprocessable_entity");
    });

    it("refuses a signature that was replaced by another authorization", async () => {
      const change = await WaitingChange.make(holder, "5082");
      const replaced = await change.authorizeByDevice(device);
      const text = await change.authorizeByDevice(device);
      await assertRefused(() => change.confirmByDevice(device, replaced), 422, "invalid_signature");
      assert.equal((await change.confirmByDevice(device, text)).status, 200);
    });

    it("refuses devices that are not the cardholder's, not the one that was asked, or gone", async () => {
      const change = await WaitingChange.make(holder, "2846");
      const foreign = await (await freshHolder()).bindDevice();
      const asked = (device_id: string) => ({ device_id, delivery_method: "device_signing" });
      await assertRefused(() => change.authorize(asked(foreign.deviceId)), 403, "unauthorized_action", "device_id");
      await assertRefused(() => change.authorize(asked("unknown")), 404, "model_not_found", "device_id");
      const other = await holder.bindDevice();
      const text = await change.authorizeByDevice(other);
      await assertRefused(() => change.confirmByDevice(device, text), 400, "validation_error", "device_id");
      await assertRefused(() => change.confirmByDevice(foreign, text), 400, "validation_error", "device_id");
      assert.equal((await holder.partner("DELETE", `/v1/mfa/devices/${other.deviceId}`)).status, 204);
      await assertRefused(() => change.confirmByDevice(other, text), 404, "model_not_found", "device_id");
    });

    it("refuses the other delivery method's answer", async () => {
      const change = await WaitingChange.make(holder, "2846");
      const text = await change.authorizeByDevice(device);
      await assertRefused(() => change.confirmByTan("123456"), 400, "validation_error", "tan");
      const tan = await change.authorizeByTan();
      await assertRefused(() => change.confirmByDevice(device, text), 400, "validation_error", "device_id");
      await assertRefused(() => change.confirmByDevice(device, tan), 400, "validation_error", "device_id");
      assert.equal((await change.confirmByTan(tan)).status, 200);
    });
  });

  it("by static is the sandbox's own, with its well-known TAN and no message", async () => {
    const change = await WaitingChange.make(holder, "5082");
    const messagesBefore = (await holder.messages()).length;
    const authorized = await change.authorize({ person_id: change.personId, delivery_method: "static" });
    assert.equal(authorized.status, 201);
    assert.equal((await holder.messages()).length, messagesBefore);
    await assertRefused(() => change.confirmByTan("212213"), 422, "invalid_tan");
    assert.equal((await change.confirmByTan("212212")).status, 200);
  });

  describe("refuses", () => {
    it("to be confirmed before it is authorized", async () => {
      const change = await WaitingChange.make(holder, "2846");
      await assertRefused(() => change.confirmByTan("212212"), 422, "unprocessable_entity");
      assert.equal((await change.confirmByTan(await change.authorizeByTan())).status, 200);
    });

    it("what comes after five minutes", async () => {
      const [waiting, authorized] = [
        await WaitingChange.make(holder, "5082"),
        await WaitingChange.make(holder, "5082"),
      ];
      const tan = await authorized.authorizeByTan();
      const messagesBefore = (await holder.messages()).length;
      await later(5 * minuteMs, async () => {
        await assertRefused(() => waiting.authorize(waiting.byTan), 422, "unprocessable_entity");
        await assertRefused(() => authorized.confirmByTan(tan), 422, "unprocessable_entity");
      });
      assert.equal((await holder.messages()).length, messagesBefore);
    });

    it("another person's word", async () => {
      const change = await WaitingChange.make(holder, "5082");
      const { personId } = (await freshHolder()).sandbox.solaris;
      const asked = { person_id: personId, delivery_method: "mobile_number" };
      await assertRefused(() => change.authorize(asked), 404, "model_not_found", "person_id");
      const tan = await change.authorizeByTan();
      await assertRefused(() => change.confirm({ person_id: personId, tan }), 404, "model_not_found", "person_id");
    });

    it("answers of both kinds, of neither, and half ones, without taking a try", async () => {
      const change = await WaitingChange.make(holder, "5082");
      const tan = await change.authorizeByTan();
      const { personId: person_id } = change;
      for (const body of [
        { person_id },
        { tan },
        {},
        { person_id, tan, signature: "00" },
        { person_id, tan, device_id: "device" },
        { device_id: "device", tan },
        { signature: "00", person_id },
      ])
        await assertRefused(() => change.confirm(body), 400, "validation_error");
      assert.equal((await change.confirmByTan(tan)).status, 200);
    });

    it("delivery methods without their addressee, with the other's, and unknown ones", async () => {
      const change = await WaitingChange.make(holder, "5082");
      const { personId: person_id } = change;
      for (const body of [
        { delivery_method: "mobile_number" },
        { delivery_method: "static" },
        { delivery_method: "device_signing", person_id },
        { delivery_method: "mobile_number", device_id: "device" },
        { delivery_method: "mobile_number", person_id, device_id: "device" },
      ])
        await assertRefused(() => change.authorize(body), 400, "validation_error");
      for (const body of [{ delivery_method: "pigeon", person_id }, { ...change.byTan, more: 1 }, { person_id }])
        assertSolarisError(await change.authorize(body), 400, "validation_error");
    });

    it("unknown requests, unknown members, other content types and no credentials", async () => {
      const change = await WaitingChange.make(holder, "5082");
      const unknown = await holder.partner("POST", "/v1/change_requests/unknown/authorize", change.byTan);
      assertSolarisError(unknown, 404, "model_not_found");
      const body = { person_id: change.personId, tan: "123456" };
      assertSolarisError(
        await holder.partner("POST", "/v1/change_requests/unknown/confirm", body),
        404,
        "model_not_found",
      );
      assertSolarisError(await change.confirm({ ...body, tan: 123456 }), 400, "type_error", "tan");
      assertSolarisError(await change.confirm({ ...body, more: 1 }), 400, "validation_error");
      const url = `${holder.sandbox.solaris.baseUrl}/v1/change_requests/${change.id}/confirm`;
      const headers = { "content-type": "text/plain" };
      assertSolarisError(
        await call("POST", url, { bearer: holder.token, body: "{}", headers }),
        415,
        "unsupported_media_type",
      );
      assertSolarisError(await call("POST", url, { body }), 401, "token_required");
    });

    it("another partner, who finds nothing", async () => {
      const stranger = await SolarisCardholder.createAtAnotherPartner(issuer.url);
      const change = await WaitingChange.make(holder, "5082");
      assertSolarisError(await change.authorize(change.byTan, stranger), 404, "model_not_found");
      const tan = await change.authorizeByTan();
      for (const body of [{ person_id: change.personId, tan }, {}])
        assertSolarisError(await change.confirm(body, stranger), 404, "model_not_found");
      assert.equal((await change.confirmByTan(tan)).status, 200);
    });

    it("a card that was blocked meanwhile, and takes the TAN once it is not", async () => {
      const change = await WaitingChange.make(holder, "2846");
      const tan = await change.authorizeByTan();
      const setState = (state: string) => holder.operator("PATCH", `/cards/${holder.sandbox.issuer.cardId}`, { state });
      assert.equal((await setState("blocked")).status, 200);
      await assertRefused(() => change.authorize(change.byTan), 409, "card_blocked");
      await assertRefused(() => change.confirmByTan(tan), 409, "card_blocked");
      assert.equal((await setState("active")).status, 200);
      assert.equal((await change.confirmByTan(tan)).status, 200);
    });
  });

  it("spends its JWE when it is made, whatever comes of it", async () => {
    const sealed = await holder.seal("5082");
    const { cardAccountId } = holder.sandbox.solaris;
    const path = `/v1/cards/${cardAccountId}/sca_pin_update_requests`;
    assert.equal((await holder.partner("POST", path, sealed)).status, 200);
    await assertRefused(() => holder.partner("POST", path, sealed), 409, "encrypted_pin_already_used");
  });

  it("refuses a PIN by policy when it is made", async () => {
    await assertRefused(() => holder.requestChange("1234"), 422, "invalid_pin");
  });

  it("unblocks a PIN that wrong tries have blocked", async () => {
    const fresh = await freshHolder();
    const first = await WaitingChange.make(fresh, "2846");
    assert.equal((await first.confirmByTan(await first.authorizeByTan())).status, 200);
    for (let count = 0; count < 3; count++) await fresh.verify("5082");
    assert.equal((await fresh.card()).pin.status, "blocked");
    const second = await WaitingChange.make(fresh, "5082");
    assert.equal((await second.confirmByTan(await second.authorizeByTan())).status, 200);
    assert.deepEqual((await fresh.verify("5082")).body, { result: "match", remainingAttempts: 3 });
  });

  describe("through a restart", () => {
    let dataFolder: string;
    let change: WaitingChange;
    let tan: string;
    before(async () => {
      dataFolder = await mkdtemp(join(tmpdir(), "linchpin-restart-"));
      const first = await startSandboxIssuer({ dataFolder, embedded: true });
      change = await WaitingChange.make(await SolarisCardholder.create(first.url), "2846");
      tan = await change.authorizeByTan();
      for (let count = 0; count < 2; count++)
        assertSolarisError(await change.confirmByTan(wrongTan(tan)), 422, "invalid_tan");
      await first.stop();
    });
    after(() => rm(dataFolder, { recursive: true }));

    it("static is refused where there is no sandbox", async () => {
      const app = await startWithoutSandbox(dataFolder);
      const answer = await app.inject({
        method: "POST",
        url: `/solaris/v1/change_requests/${change.id}/authorize`,
        headers: { authorization: `Bearer ${change.holder.token}` },
        payload: { person_id: change.personId, delivery_method: "static" },
      });
      const [error] = answer.json().errors;
      assert.deepEqual(
        [answer.statusCode, error.code, error.source.field],
        [400, "validation_error", "delivery_method"],
      );
      await app.close();
    });

    it("the request lives, and the tries that were taken stay taken", async () => {
      const second = await startSandboxIssuer({ dataFolder, embedded: true });
      const holder = change.holder.at(second.url);
      const confirm = (tan: string) => change.confirm({ person_id: change.personId, tan }, holder);
      assertSolarisError(await confirm(wrongTan(tan)), 422, "invalid_tan");
      assertSolarisError(await confirm(tan), 422, "unprocessable_entity");
      assert.equal(await version(holder), 0);
      await second.stop();
    });
  });
});

/** What a sandbox left behind, served as production would: without anything of the sandbox's. */
async function startWithoutSandbox(dataFolder: string): Promise<FastifyInstance> {
  const store = await openEmbeddedStore({ folder: join(dataFolder, "store") });
  const log = pino({ level: "silent" });
  const settings = readSettings({ LINCHPIN_MODE: "sandbox", LINCHPIN_DATA: dataFolder, ...vaultUnderTest() });
  const { vault, close: closeVault } = await openVault(settings.vault, settings, log);
  const context: Context = {
    store,
    keyring: makeKeyring({ store, protocols: protocolTable, vault, clock: () => new Date() }, settings),
    primitives: nodeCryptoPrimitives,
    clock: () => new Date(),
    makeOtp,
    maxOtpsPerHour: 60,
    emitsEvents: true,
    cardNameMakers: cardNameMakersOf(protocolTable),
    webhooks: {},
    log,
    publicUrl: () => "",
  };
  const app = await createApp(context, { protocols: protocolTable, settings, sandbox: null });
  app.addHook("onClose", async () => {
    await closeVault();
    await store.close();
  });
  return app;
}
