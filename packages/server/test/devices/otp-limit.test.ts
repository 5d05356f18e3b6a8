import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, beforeEach, describe, test } from "node:test";
import { makeSandboxFactory } from "@linchpin/sandbox";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import type { Answer } from "@linchpin/testing/call";
import { assertSolarisError, SolarisCardholder } from "@linchpin/testing/solaris";
import type { FastifyInstance } from "fastify";
import { createApp } from "../../src/app.ts";
import type { Context } from "../../src/context/context.ts";
import { protocolTable } from "../../src/protocol-table.ts";
import { readSettings } from "../../src/read-settings.ts";

const hourMs = 60 * 60 * 1000;

describe("three OTPs an hour", { timeout: 60_000 }, () => {
  let opened: Awaited<ReturnType<typeof openOwnContext>>;
  let app: FastifyInstance;
  let origin = "";
  let now: Date;
  let holder: SolarisCardholder;

  before(async () => {
    now = new Date("2026-11-22T12:30:00Z");
    opened = await openOwnContext(() => now);
    const context: Context = { ...opened.context, maxOtpsPerHour: 3, publicUrl: () => origin };
    app = await createApp(context, {
      protocols: protocolTable,
      settings: readSettings({ LINCHPIN_MODE: "sandbox" }),
      sandbox: await makeSandboxFactory().open(context, { protocols: protocolTable, masterKey: randomBytes(32) }),
    });
    origin = await app.listen({ port: 0 });
  });
  after(async () => {
    await app.close();
    await opened.close();
  });
  beforeEach(async () => {
    holder = await SolarisCardholder.create(origin);
  });

  const person = () => holder.sandbox.solaris.personId;
  const activation = (): Promise<Answer> =>
    holder.partner("POST", "/v1/mfa/challenges/activation", {
      person_id: person(),
      origin: "MOBILE_APP",
      purpose: "DEVICE_BINDING",
      delivery_method: "SNAILMAIL",
      invalidate_existing_code: true,
    });
  const authorize = (requestId: string, delivery_method = "mobile_number"): Promise<Answer> =>
    holder.partner("POST", `/v1/change_requests/${requestId}/authorize`, { person_id: person(), delivery_method });
  const bind = async (): Promise<Answer> => {
    const key = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296".concat(
      "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    );
    return holder.partner("POST", "/v1/mfa/devices", { person_id: person(), key_type: "ecdsa-p256", key });
  };
  const assertLimited = (answer: Answer) => assertSolarisError(answer, 429, "too_many_requests");

  test("bindings, letters and TANs count together; what is refused sends nothing and ends nothing", async () => {
    const change = (await holder.requestChange("2846")).body;
    assert.equal((await bind()).status, 202);
    assert.equal((await authorize(change.id)).status, 201);
    const tan = await holder.newestOtp();
    assert.equal((await activation()).status, 201);
    const code = await holder.newestOtp();

    assertLimited(await bind());
    assertLimited(await authorize(change.id));
    assertLimited(await activation());
    assert.equal((await holder.messages()).length, 3);
    const { operation, outcome, code: refusal } = (await holder.auditEvents()).at(-1);
    assert.deepEqual([operation, outcome, refusal], ["solaris.change_requests.authorize", "refused", "rate_limited"]);

    const { challengeId, key } = await holder.beginBinding({ challenge_type: "activation_code" });
    assert.equal((await holder.proveBinding(challengeId, key, code)).status, 204);
    const confirmation = { person_id: person(), tan };
    assert.equal((await holder.partner("POST", `/v1/change_requests/${change.id}/confirm`, confirmation)).status, 200);
  });

  test("mobile numbers count too, and the last OTP stays good", async () => {
    const { body } = await holder.operator("POST", "/persons", { partnerId: "sandbox" });
    const path = `/v1/persons/${body.id}/mobile_number`;
    const number = `+1558${Date.now().toString().slice(-9)}`;
    assert.equal((await holder.partner("POST", path, { number })).status, 201);
    const send = () => holder.partner("POST", `${path}/authorize`, { number });
    for (let count = 0; count < 3; count++) assert.equal((await send()).status, 201);
    assertLimited(await send());
    const token = await holder.newestOtp(number);
    assert.equal((await holder.partner("POST", `${path}/confirm`, { number, token })).status, 201);
  });

  test("what sends nothing does not count", async () => {
    const change = (await holder.requestChange("2846")).body;
    for (let count = 0; count < 3; count++) assert.equal((await bind()).status, 202);
    assert.equal((await authorize(change.id, "static")).status, 201);
    assertLimited(await authorize(change.id));
  });

  test("of twelve at once three go out, in the next hour three more, and another person's are not fewer", async () => {
    const bindTwelve = async () => {
      const answers = await Promise.all(Array.from({ length: 12 }, bind));
      return answers.filter(({ status }) => status === 202).length;
    };
    assert.equal(await bindTwelve(), 3);
    assert.equal((await holder.messages()).length, 3);
    now = new Date(now.getTime() + hourMs / 2);
    assert.equal(await bindTwelve(), 3);
    assert.equal((await holder.messages()).length, 6);
    holder = await SolarisCardholder.create(origin);
    assert.equal((await bind()).status, 202);
  });
});
