import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { openRevealedPan, openRevealedPin } from "@linchpin/protocols/adyen/device";
import { PanRevealReply, PinRevealReply } from "@linchpin/protocols/adyen/wire";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { wrapByHand } from "@linchpin/test-fixtures/messages/hand-made-adyen";
import { AdyenCardholder, assertAdyenError } from "@linchpin/testing/adyen";
import { type Answer, call } from "@linchpin/testing/call";
import { Value } from "typebox/value";

describe("an Adyen reveal", () => {
  let issuer: SandboxIssuer;
  let holder: AdyenCardholder;
  const clock = { aheadMs: 0 };

  before(async () => {
    issuer = await startSandboxIssuer({ clock: () => new Date(Date.now() + clock.aheadMs) });
    holder = await AdyenCardholder.create(issuer.url);
    assert.deepEqual((await holder.changePin("0480")).body, { status: "completed" });
  });
  after(() => issuer.stop());

  const publicKey = async (purpose: string) =>
    (await holder.partner("GET", `/publicKey?purpose=${purpose}`)).body.publicKey as string;
  const revealOf = (encryptedKey: string) => ({ paymentInstrumentId: holder.paymentInstrumentId, encryptedKey });

  async function assertRefused(answer: Answer, errorCode: string, from = holder): Promise<void> {
    assertAdyenError(answer, 422, errorCode);
    const event = (await from.auditEvents()).at(-1);
    assert.equal(event.outcome, "refused");
    assert.match(event.operation, /^adyen\.(pins|paymentInstruments)\.reveal$/);
  }

  it("of a PIN goes out in a block of its own, and is written down", async () => {
    const { request, sessionKey } = await holder.makeReveal();
    const answer = await holder.sendReveal(request);
    assert.equal(answer.status, 200);
    assert.ok(Value.Check(PinRevealReply, answer.body));
    assert.match(answer.body.encryptedPinBlock, /^[0-9A-F]{32}$/);
    assert.match(answer.body.token, /^[1-9]{16}$/);
    assert.equal(answer.headers.get("cache-control"), "no-store");
    const pin = await openRevealedPin(primitives, { reply: answer.body, sessionKey });
    assert.ok(pin.equals(new Pin(utf8("0480"))));
    const event = (await holder.auditEvents()).at(-1);
    assert.deepEqual([event.operation, event.outcome, event.pinVersion], ["adyen.pins.reveal", "done", 1]);
    assert.ok(!JSON.stringify(event).includes(answer.body.encryptedPinBlock));
  });

  it("of the same PIN again is another block under another token", async () => {
    const blocks = new Set<string>();
    for (let count = 0; count < 3; count++) {
      const { body } = await holder.sendReveal((await holder.makeReveal()).request);
      blocks.add(body.encryptedPinBlock).add(body.token);
    }
    assert.equal(blocks.size, 6);
  });

  it("of PAN and CVC shows what the operator gave the card", async () => {
    const data = { pan: "5555341244441115", cvv2: "136", expiration: { month: 8, year: 2031 } };
    assert.equal((await holder.operator("PUT", `/cards/${holder.cardId}/data`, data)).status, 204);
    const { request, sessionKey } = await holder.makeReveal("panReveal");
    const { status, body } = await holder.sendPanReveal(request);
    assert.equal(status, 200);
    assert.ok(Value.Check(PanRevealReply, body));
    assert.match(body.encryptedData, /^[0-9A-F]+$/);
    assert.deepEqual(await openRevealedPan(primitives, { reply: body, sessionKey }), {
      pan: "5555341244441115",
      cvc: "136",
      expiration: { month: "08", year: "2031" },
    });
    assert.equal((await holder.auditEvents()).at(-1).operation, "adyen.paymentInstruments.reveal");
  });

  it("takes hex in either case", async () => {
    const { request, sessionKey } = await holder.makeReveal();
    const { body } = await holder.sendReveal({ ...request, encryptedKey: request.encryptedKey.toLowerCase() });
    const pin = await openRevealedPin(primitives, { reply: body, sessionKey });
    assert.ok(pin.equals(new Pin(utf8("0480"))));
  });

  describe("under a session key that can not be unwrapped answers the same, and opens nothing", () => {
    const sessionKey = randomBytes(32);
    const wrong: Record<string, () => Promise<string>> = {
      "a session key of 31 bytes": async () => wrapByHand(await publicKey("pinReveal"), sessionKey.subarray(1)),
      "a session key of 33 bytes": async () =>
        wrapByHand(await publicKey("pinReveal"), Buffer.concat([Buffer.alloc(1), sessionKey])),
      "a key of the purpose pinChange": async () => wrapByHand(await publicKey("pinChange"), sessionKey),
      "a key of the purpose panReveal": async () => wrapByHand(await publicKey("panReveal"), sessionKey),
      "an altered encrypted key": async () => {
        const encryptedKey = wrapByHand(await publicKey("pinReveal"), sessionKey);
        return encryptedKey.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"));
      },
      zeros: async () => "0".repeat(512),
      "a number above the modulus": async () => "F".repeat(512),
    };
    for (const [what, make] of Object.entries(wrong))
      it(what, async () => {
        const request = revealOf(await make());
        const { status, body } = await holder.sendReveal(request);
        assert.equal(status, 200);
        assert.ok(Value.Check(PinRevealReply, body));
        for (const key of [sessionKey, new Uint8Array(32)])
          await assert.rejects(openRevealedPin(primitives, { reply: body, sessionKey: key }), {
            code: "decryption_failed",
          });
        await assertRefused(await holder.sendReveal(request), "31_022");
      });

    it("a PAN neither", async () => {
      const { status, body } = await holder.sendPanReveal(
        revealOf(wrapByHand(await publicKey("pinReveal"), sessionKey)),
      );
      assert.equal(status, 200);
      await assert.rejects(openRevealedPan(primitives, { reply: body, sessionKey }), { code: "decryption_failed" });
    });
  });

  describe("refuses a session key that was used", () => {
    it("in the same request again, on this card, on another, and for a PAN", async () => {
      const { request } = await holder.makeReveal();
      assert.equal((await holder.sendReveal(request)).status, 200);
      await assertRefused(await holder.sendReveal(request), "31_022");
      const lower = { ...request, encryptedKey: request.encryptedKey.toLowerCase() };
      await assertRefused(await holder.sendReveal(lower), "31_022");
      await assertRefused(await holder.sendPanReveal(request), "31_022");
      const other = await AdyenCardholder.create(issuer.url);
      await other.changePin("2846");
      const moved = { ...request, paymentInstrumentId: other.paymentInstrumentId };
      await assertRefused(await other.sendReveal(moved), "31_022", other);
    });

    it("wrapped again, also to another key, and by a change", async () => {
      const { request, sessionKey } = await holder.makeReveal();
      assert.equal((await holder.sendReveal(request)).status, 200);
      const again = async (purpose: string) => wrapByHand(await publicKey(purpose), Buffer.from(sessionKey));
      await assertRefused(await holder.sendReveal(revealOf(await again("pinReveal"))), "31_022");
      await assertRefused(await holder.sendPanReveal(revealOf(await again("panReveal"))), "31_022");
    });

    for (const [what, encryptedKeyOf] of Object.entries({
      "twenty at once: one is done": async () => (await holder.makeReveal()).request.encryptedKey,
      "twenty at once that can not be unwrapped: one is answered": async () => "1".repeat(512),
    }))
      it(`of ${what}`, async () => {
        const request = revealOf(await encryptedKeyOf());
        const answers = await Promise.all(Array.from({ length: 20 }, () => holder.sendReveal(request)));
        assert.equal(answers.filter(({ status }) => status === 200).length, 1);
        for (const answer of answers.filter(({ status }) => status !== 200)) assertAdyenError(answer, 422, "31_022");
      });

    it("after a restart", async () => {
      const dataFolder = await mkdtemp(join(tmpdir(), "linchpin-adyen-"));
      const first = await startSandboxIssuer({ dataFolder });
      const before = await AdyenCardholder.create(first.url);
      await before.changePin("2846");
      const { request } = await before.makeReveal();
      assert.equal((await before.sendReveal(request)).status, 200);
      await first.stop();
      const second = await startSandboxIssuer({ dataFolder });
      const after = before.at(second.url);
      assertAdyenError(await after.sendReveal(request), 422, "31_022");
      assert.equal(await after.revealedPin(), "2846");
      await second.stop();
      await rm(dataFolder, { recursive: true });
    });
  });

  describe("refuses a card", () => {
    it("without a PIN; and of no PAN where none was given", async () => {
      const fresh = await AdyenCardholder.create(issuer.url);
      const { request } = await fresh.makeReveal();
      await assertRefused(await fresh.sendReveal(request), "31_003", fresh);
      await fresh.changePin("2846");
      assert.equal((await fresh.sendReveal(request)).status, 200, "and the refusal did not use the session key");
      const bare = await holder.inProgram({});
      await assertRefused(await bare.sendPanReveal((await bare.makeReveal("panReveal")).request), "31_005", bare);
    });

    it("whose PIN is blocked, but shows its PAN", async () => {
      const other = await AdyenCardholder.create(issuer.url);
      await other.changePin("2846");
      for (let count = 0; count < 3; count++) await other.verify("0000");
      await assertRefused(await other.sendReveal((await other.makeReveal()).request), "31_004", other);
      assert.match((await other.revealedPan()).pan, /^999999\d{10}$/);
      await other.operator("POST", `/cards/${other.cardId}/pin/unblock`);
      assert.equal(await other.revealedPin(), "2846");
    });

    it("that is blocked or terminated", async () => {
      const other = await AdyenCardholder.create(issuer.url);
      await other.changePin("2846");
      for (const [state, errorCode] of [
        ["blocked", "31_001"],
        ["terminated", "31_002"],
      ] as const) {
        await other.operator("PATCH", `/cards/${other.cardId}`, { state });
        await assertRefused(await other.sendReveal((await other.makeReveal()).request), errorCode, other);
        await assertRefused(await other.sendPanReveal((await other.makeReveal("panReveal")).request), errorCode, other);
      }
    });

    it("that is not there, or is another partner's", async () => {
      const stranger = await holder.atAnotherPartner();
      await stranger.changePin("2846");
      const { request } = await holder.makeReveal();
      for (const paymentInstrumentId of ["PI3227C223222B5CMD2778FKG", stranger.paymentInstrumentId]) {
        assertAdyenError(await holder.sendReveal({ ...request, paymentInstrumentId }), 422, "30_031");
        assertAdyenError(await holder.sendPanReveal({ ...request, paymentInstrumentId }), 422, "30_031");
      }
      assert.equal(await stranger.revealedPin(), "2846");
    });
  });

  describe("refuses a request", () => {
    const operations = [
      ["/pins/reveal", "pin_reveal"],
      ["/paymentInstruments/reveal", "pan_reveal"],
    ] as const;
    for (const [path, role] of operations) {
      it(`without the role: ${path}`, async () => {
        const { request } = await holder.makeReveal();
        const others = ["pin_change", "pin_reveal", "pan_reveal"].filter((other) => other !== role);
        for (const roles of [[], others]) {
          const limited = holder.withApiKey(await holder.makeApiKey(roles));
          assertAdyenError(await limited.partner("POST", path, request), 403, "00_403");
        }
        const limited = holder.withApiKey(await holder.makeApiKey([role]));
        assert.equal((await limited.partner("POST", path, request)).status, 200);
      });

      it(`without an API key, or with one that nobody has: ${path}`, async () => {
        const { request: body } = await holder.makeReveal();
        const url = `${holder.baseUrl}${path}`;
        assertAdyenError(await call("POST", url, { body }), 401, "00_401");
        assertAdyenError(await call("POST", url, { body, headers: { "x-api-key": "wrong" } }), 401, "00_401");
      });

      it(`of another shape: ${path}`, async () => {
        const { request } = await holder.makeReveal();
        const { encryptedKey, paymentInstrumentId } = request;
        const send = (body: unknown) => holder.partner("POST", path, body);
        assertAdyenError(await send({ encryptedKey }), 422, "00_422", "paymentInstrumentId");
        assertAdyenError(await send({ paymentInstrumentId }), 422, "00_422", "encryptedKey");
        assertAdyenError(await send({ ...request, token: "8374188662676926" }), 422, "00_422");
        for (const wrong of [encryptedKey.slice(2), `${encryptedKey}00`, "", 5, randomBytes(256).toString("base64")])
          assertAdyenError(await send({ ...request, encryptedKey: wrong }), 422, "00_422", "encryptedKey");
        assert.equal((await send(request)).status, 200);
      });
    }
  });

  it("takes a session key to the key before a rotation, and to one of a year ago no more", async () => {
    const sessionKey = randomBytes(32);
    const older = await publicKey("pinReveal");
    const late = revealOf(wrapByHand(older, randomBytes(32)));
    assert.equal((await holder.operator("POST", "/keys/adyen-pin-reveal/rotate")).status, 201);
    assert.notEqual(await publicKey("pinReveal"), older);
    const { body } = await holder.sendReveal(revealOf(wrapByHand(older, sessionKey)));
    const pin = await openRevealedPin(primitives, { reply: body, sessionKey });
    assert.ok(pin.equals(new Pin(utf8("0480"))));
    clock.aheadMs = 366 * 24 * 3_600_000;
    assertAdyenError(await holder.sendReveal(late), 422, "31_023");
    assert.notEqual(await publicKey("pinReveal"), older);
    const answer = await holder.sendReveal(late);
    clock.aheadMs = 0;
    assert.equal(answer.status, 200);
    await assert.rejects(openRevealedPin(primitives, { reply: answer.body, sessionKey }), {
      code: "decryption_failed",
    });
  });
});
