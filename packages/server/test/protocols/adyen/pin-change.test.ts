import assert from "node:assert/strict";
import { constants, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { handMadePinChange, pinFieldOf, wrapByHand } from "@linchpin/test-fixtures/messages/hand-made-adyen";
import { withoutIdentifiers } from "@linchpin/test-fixtures/messages/without-identifiers";
import { AdyenCardholder, assertAdyenError } from "@linchpin/testing/adyen";
import { type Answer, call } from "@linchpin/testing/call";

describe("an Adyen PIN change", () => {
  let issuer: SandboxIssuer;
  let holder: AdyenCardholder;
  /** Base64 of the SPKI. */
  let publicKey: string;
  const clock = { aheadMs: 0 };

  before(async () => {
    issuer = await startSandboxIssuer({ clock: () => new Date(Date.now() + clock.aheadMs) });
    holder = await AdyenCardholder.create(issuer.url);
    publicKey = (await holder.partner("GET", "/publicKey?purpose=pinChange")).body.publicKey;
    assert.deepEqual((await holder.changePin("1928")).body, { status: "completed" });
  });
  after(() => issuer.stop());

  const handMade = (wrong: Parameters<typeof handMadePinChange>[2] = {}, from = holder) =>
    handMadePinChange(publicKey, from.paymentInstrumentId, wrong);

  /** The request is refused in these words, the card is as it was, and the audit says so. */
  async function assertRefused(request: unknown, status: number, code: string, from = holder): Promise<Answer> {
    const versionBefore = (await from.card()).pin.version;
    const eventsBefore = (await from.auditEvents()).length;
    const answer = await from.sendChange(request);
    assertAdyenError(answer, status, code, ...(code === "31_011" ? ["pin"] : []));
    assert.equal((await from.card()).pin.version, versionBefore, "nothing changed");
    const events = await from.auditEvents();
    assert.equal(events.length, eventsBefore + 1, "an audit event");
    assert.deepEqual([events.at(-1).operation, events.at(-1).outcome], ["adyen.pins.change", "refused"]);
    return answer;
  }

  it("is answered completed, and the new PIN verifies and is revealed", async () => {
    const answer = await holder.changePin("2846");
    assert.deepEqual([answer.status, answer.body], [200, { status: "completed" }]);
    assert.deepEqual((await holder.verify("2846")).body, { result: "match", remainingAttempts: 3 });
    assert.equal((await holder.verify("1928")).body.result, "mismatch");
    assert.equal(await holder.revealedPin(), "2846");
    assert.equal(answer.headers.get("cache-control"), "no-store");
  });

  it("takes hex in either case", async () => {
    for (const write of ["toLowerCase", "toUpperCase"] as const) {
      const request = handMade({ digits: "5082" });
      const { encryptedKey, encryptedPinBlock } = request;
      const written = { encryptedKey: encryptedKey[write](), encryptedPinBlock: encryptedPinBlock[write]() };
      assert.equal((await holder.sendChange({ ...request, ...written })).status, 200);
    }
    assert.equal(await holder.revealedPin(), "5082");
  });

  it("leaves an audit event that holds neither PIN nor key nor block", async () => {
    const request = handMade({ digits: "7391" });
    await holder.sendChange(request);
    const event = (await holder.auditEvents()).at(-1);
    assert.deepEqual([event.operation, event.outcome], ["adyen.pins.change", "done"]);
    const said = JSON.stringify(event).toUpperCase();
    for (const part of [request.encryptedKey, request.encryptedPinBlock, request.token, '"7391"'])
      assert.ok(!said.includes(part));
  });

  it("is pending where the chip keeps the PIN, until the chip is reported in sync", async () => {
    const other = await holder.inProgram({ chipKeepsPin: true });
    assert.deepEqual((await other.changePin("1928")).body, { status: "pending" });
    assert.equal((await other.card()).pin.chip, "pending");
    assert.equal((await other.operator("POST", `/cards/${other.cardId}/pin/chip-synced`)).status, 200);
    assert.equal((await other.card()).pin.chip, "in_sync");
    assert.deepEqual((await other.changePin("2846")).body, { status: "pending" });
    assert.equal(await other.revealedPin(), "2846");
  });

  it("takes other lengths than four where the program says so, and no others", async () => {
    const other = await holder.inProgram({ policy: { minLength: 5, maxLength: 12 } });
    for (const digits of ["19283", "928374", "192837465564"]) {
      assert.equal((await other.changePin(digits)).status, 200, digits);
      assert.equal(await other.revealedPin(), digits);
    }
    await assertRefused(handMadePinChange(publicKey, other.paymentInstrumentId), 422, "31_011", other);
  });

  it("unblocks a blocked PIN", async () => {
    for (let count = 0; count < 3; count++) await holder.verify("0000");
    assert.equal((await holder.card()).pin.status, "blocked");
    assert.equal((await holder.changePin("3719")).status, 200);
    assert.equal((await holder.card()).pin.status, "active");
  });

  describe("refuses by policy", () => {
    for (const digits of ["1234", "4321", "1112", "19283", "192837465564"])
      it(digits, async () => {
        const answer = await assertRefused(handMade({ digits }), 422, "31_011");
        assert.ok(!withoutIdentifiers(answer.body).includes(digits), "the PIN is not in the answer");
      });

    // The block has no tag: whether a rule refuses it depends on whether the session key was unwrapped.
    it("and the session key is used by that", async () => {
      const sessionKey = randomBytes(32);
      await assertRefused(handMade({ digits: "1234", sessionKey }), 422, "31_011");
      await assertRefused(handMade({ digits: "6482", sessionKey }), 422, "31_022");
    });
  });

  describe("refuses what does not open, always in the same words", () => {
    const right = randomBytes(32);
    const bodies = new Set<string>();
    const wrong: Record<string, () => Promise<object> | object> = {
      "a session key of 31 bytes": () => handMade({ wrapped: right.subarray(1) }),
      "a session key of 33 bytes": () => handMade({ wrapped: Buffer.concat([right, Buffer.alloc(1)]) }),
      "a session key of 16 bytes, and a block under it": () => handMade({ sessionKey: randomBytes(16) }),
      "an empty session key": () => handMade({ wrapped: Buffer.alloc(0) }),
      "another session key": () => handMade({ wrapped: right }),
      "no padding": () =>
        handMade({
          sessionKey: right,
          wrapped: Buffer.concat([Buffer.alloc(224), right]),
          padding: constants.RSA_NO_PADDING,
        }),
      "the padding of a signature": () =>
        handMade({
          sessionKey: right,
          wrapped: Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(221, 0xff), Buffer.alloc(1), right]),
          padding: constants.RSA_NO_PADDING,
        }),
      "a padding with a zero in it": () =>
        handMade({
          sessionKey: right,
          wrapped: Buffer.concat([Buffer.from([0, 2]), Buffer.alloc(100, 7), Buffer.alloc(122), right]),
          padding: constants.RSA_NO_PADDING,
        }),
      "OAEP with SHA-256": () => handMade({ padding: constants.RSA_PKCS1_OAEP_PADDING }),
      "a key for another use": async () => {
        const other = (await holder.partner("GET", "/publicKey?purpose=pinReveal")).body.publicKey;
        return handMadePinChange(other, holder.paymentInstrumentId);
      },
      "an encrypted key of zeros": () => ({ ...handMade(), encryptedKey: "0".repeat(512) }),
      "an encrypted key above the modulus": () => ({ ...handMade(), encryptedKey: "F".repeat(512) }),
      "an altered encrypted key": () => ({ ...handMade(), encryptedKey: alter(handMade().encryptedKey) }),
      "the encrypted key of another change": () => ({ ...handMade(), encryptedKey: handMade().encryptedKey }),
      "an altered block": () => ({ ...handMade(), encryptedPinBlock: alter(handMade().encryptedPinBlock) }),
      "the block of another change": () => ({ ...handMade(), encryptedPinBlock: handMade().encryptedPinBlock }),
      "an altered token": () => ({ ...handMade(), token: "8374188662676927" }),
      "a block of format 0": () => handMade({ pinField: `042846${"F".repeat(10)}${"0".repeat(16)}` }),
      "a block of format 3": () => handMade({ pinField: `342846${"A".repeat(10)}${"0".repeat(16)}` }),
      "a fill of F": () => handMade({ pinField: pinFieldOf("2846").replaceAll("A", "F") }),
      "one fill digit that is no A": () => handMade({ pinField: `442846AAAAAAAAAB${"1".repeat(16)}` }),
      "a length that is not the PIN's": () => handMade({ pinField: `452846AAAAAAAAAA${"1".repeat(16)}` }),
      "a PIN of three digits": () => handMade({ digits: "284" }),
      "a PIN of thirteen digits": () => handMade({ digits: "2846284628462" }),
      "a PIN with a letter": () => handMade({ digits: "284B" }),
      "the clear PIN field for a block": () => ({ ...handMade(), encryptedPinBlock: pinFieldOf("2846") }),
    };
    for (const [what, make] of Object.entries(wrong))
      it(what, async () => {
        const { body } = await assertRefused(await make(), 422, "31_021");
        // What stands behind the first sentence is the sandbox's alone.
        bodies.add(JSON.stringify({ ...body, detail: body.detail.split(". ")[0], requestId: "" }));
      });

    it("and nothing in the answers distinguishes one from the other", () => assert.equal(bodies.size, 1));

    it("and a session key that was right is used by that, and answered in the same words again", async () => {
      const request = handMade({ digits: "4827" });
      await assertRefused({ ...request, token: "1111111111111111" }, 422, "31_021");
      await assertRefused(request, 422, "31_021");
    });
  });

  describe("refuses a session key that was used", () => {
    it("in the same request again, on this card and on another", async () => {
      const request = handMade({ digits: "6482" });
      assert.equal((await holder.sendChange(request)).status, 200);
      await assertRefused(request, 422, "31_022");
      await assertRefused({ ...request, encryptedKey: request.encryptedKey.toLowerCase() }, 422, "31_022");
      const other = await AdyenCardholder.create(issuer.url);
      await assertRefused({ ...request, paymentInstrumentId: other.paymentInstrumentId }, 422, "31_022", other);
      assert.equal((await other.card()).pin.status, "not_set");
    });

    it("with another block, or wrapped again", async () => {
      const sessionKey = randomBytes(32);
      const request = handMade({ digits: "7391", sessionKey });
      assert.equal((await holder.sendChange(request)).status, 200);
      const { encryptedKey, ...another } = handMade({ digits: "2846", sessionKey });
      await assertRefused({ ...another, encryptedKey: request.encryptedKey }, 422, "31_022");
      await assertRefused({ ...another, encryptedKey }, 422, "31_022");
      await assertRefused({ ...request, encryptedKey: wrapByHand(publicKey, sessionKey) }, 422, "31_022");
    });

    it("of twenty at once: one is done", async () => {
      const request = handMade({ digits: "9173" });
      const versionBefore = (await holder.card()).pin.version;
      const answers = await Promise.all(Array.from({ length: 20 }, () => holder.sendChange(request)));
      assert.equal(answers.filter(({ status }) => status === 200).length, 1);
      for (const answer of answers.filter(({ status }) => status !== 200)) assertAdyenError(answer, 422, "31_022");
      assert.equal((await holder.card()).pin.version, versionBefore + 1);
    });

    it("after a restart", async () => {
      const dataFolder = await mkdtemp(join(tmpdir(), "linchpin-adyen-"));
      const first = await startSandboxIssuer({ dataFolder });
      const before = await AdyenCardholder.create(first.url);
      const request = await before.seal("2846");
      assert.equal((await before.sendChange(request)).status, 200);
      await first.stop();
      const second = await startSandboxIssuer({ dataFolder });
      const after = before.at(second.url);
      assertAdyenError(await after.sendChange(request), 422, "31_022");
      assert.equal((await after.changePin("6482")).status, 200);
      await second.stop();
      await rm(dataFolder, { recursive: true });
    });
  });

  describe("refuses a request", () => {
    const url = () => `${holder.baseUrl}/pins/change`;
    const headers = () => ({ "x-api-key": holder.apiKey });

    it("with a member too few or of another type, and names it, but not what it holds", async () => {
      const request = handMade();
      for (const member of Object.keys(request)) {
        const { [member]: _left, ...rest } = request as Record<string, unknown>;
        assertAdyenError(await holder.sendChange(rest), 422, "00_422", member);
        assertAdyenError(await holder.sendChange({ ...rest, [member]: 2846 }), 422, "00_422", member);
        assertAdyenError(await holder.sendChange({ ...rest, [member]: null }), 422, "00_422", member);
      }
    });

    it("with a member too many, which it does not name", async () => {
      const answer = await holder.sendChange({ ...handMade(), "2846": "2846" });
      assertAdyenError(answer, 422, "00_422");
      assert.ok(!withoutIdentifiers(answer.body).includes("2846"));
    });

    const misshapen: [member: string, what: string, value: string][] = [
      ["encryptedKey", "cut short", "A".repeat(510)],
      ["encryptedKey", "too long", "A".repeat(514)],
      ["encryptedKey", "of an odd length", "A".repeat(511)],
      ["encryptedKey", "in base64", randomBytes(256).toString("base64")],
      ["encryptedKey", "with a line end", `${"A".repeat(512)}\n`],
      ["encryptedPinBlock", "cut short", "A".repeat(30)],
      ["encryptedPinBlock", "of two blocks", "A".repeat(64)],
      ["encryptedPinBlock", "that is no hex", "G".repeat(32)],
      ["encryptedPinBlock", "that is empty", ""],
      ["token", "with a zero", "8374188662676920"],
      ["token", "of 15 digits", "837418866267692"],
      ["token", "of 17 digits", "83741886626769261"],
      ["token", "in other digits", "٨٣٧٤١٨٨٦٦٢٦٧٦٩٢٦"],
      ["paymentInstrumentId", "with a slash", "../PI3227C223222B5CMD2"],
      ["paymentInstrumentId", "of 100 characters", "P".repeat(100)],
    ];
    for (const [member, what, value] of misshapen)
      it(`with ${member} ${what}`, async () => {
        const answer = await holder.sendChange({ ...handMade(), [member]: value });
        assertAdyenError(answer, 422, "00_422", member);
        assert.equal(answer.body.invalidFields[0].value, "");
        assert.ok(value === "" || !JSON.stringify(answer.body).includes(value));
      });

    it("that is no object, not JSON, of another content type, or of 10 MB", async () => {
      for (const body of ["[]", "null", '"2846"'])
        assertAdyenError(await call("POST", url(), { headers: headers(), body }), 422, "00_422");
      const notJson = await call("POST", url(), { headers: headers(), body: '{"token": "2846' });
      assertAdyenError(notJson, 400, "00_400");
      assert.ok(!withoutIdentifiers(notJson.body).includes("2846"));
      const text = { ...headers(), "content-type": "text/plain" };
      assertAdyenError(await call("POST", url(), { headers: text, body: "x" }), 415, "00_415");
      const large = JSON.stringify({ token: "1".repeat(10_000_000) });
      assertAdyenError(await call("POST", url(), { headers: headers(), body: large }), 413, "00_413");
    });

    it("without an API key, with one that nobody has, or with another protocol's", async () => {
      const body = handMade();
      assertAdyenError(await call("POST", url(), { body }), 401, "00_401");
      for (const key of ["", "wrong", "sandbox-operator-key", "sandbox-plumery-token", "sandbox-solaris-secret"])
        assertAdyenError(await call("POST", url(), { body, headers: { "x-api-key": key } }), 401, "00_401");
      const bearer = await call("POST", url(), { body, bearer: holder.apiKey });
      assertAdyenError(bearer, 401, "00_401");
      assert.equal((await holder.sendChange(body)).status, 200, "and none of these used the session key");
    });

    it("without the role, whatever it holds", async () => {
      for (const roles of [[], ["pin_reveal", "pan_reveal"]]) {
        const other = holder.withApiKey(await holder.makeApiKey(roles));
        assertAdyenError(await other.sendChange(handMade()), 403, "00_403");
        assertAdyenError(await other.sendChange({}), 403, "00_403");
      }
      const other = holder.withApiKey(await holder.makeApiKey(["pin_change"]));
      assert.equal((await other.sendChange(handMade())).status, 200);
    });

    it("for a card that is not there, or is another partner's", async () => {
      const stranger = await holder.atAnotherPartner();
      for (const paymentInstrumentId of ["PI3227C223222B5CMD2778FKG", stranger.paymentInstrumentId, holder.cardId])
        assertAdyenError(await holder.sendChange({ ...handMade(), paymentInstrumentId }), 422, "30_031");
      assert.equal((await stranger.card()).pin.status, "not_set");
      assert.equal((await stranger.changePin("2846")).status, 200);
    });

    it("for a card that is blocked or terminated", async () => {
      const other = await AdyenCardholder.create(issuer.url);
      const request = handMade({}, other);
      const setState = (state: string) => other.operator("PATCH", `/cards/${other.cardId}`, { state });
      await setState("blocked");
      await assertRefused(request, 422, "31_001", other);
      await setState("active");
      assert.equal((await other.sendChange(request)).status, 200);
      await setState("terminated");
      await assertRefused(handMade({}, other), 422, "31_002", other);
    });
  });

  it("takes a change to the key before a rotation until the day that was published is over", async () => {
    const { publicKey: older, publicKeyExpiryDate } = (await holder.partner("GET", "/publicKey?purpose=pinChange"))
      .body;
    assert.equal((await holder.operator("POST", "/keys/adyen-pin-change/rotate")).status, 201);
    const newer = (await holder.partner("GET", "/publicKey?purpose=pinChange")).body;
    assert.notEqual(newer.publicKey, older);
    for (const key of [older, newer.publicKey])
      assert.equal((await holder.sendChange(handMadePinChange(key, holder.paymentInstrumentId))).status, 200);

    const late = handMadePinChange(older, holder.paymentInstrumentId);
    clock.aheadMs = Date.parse(`${publicKeyExpiryDate}T23:59:00Z`) - Date.now();
    assert.equal((await holder.sendChange(handMadePinChange(older, holder.paymentInstrumentId))).status, 200);
    clock.aheadMs += 2 * 60_000;
    assertAdyenError(await holder.sendChange(late), 422, "31_023");
    assert.equal((await holder.changePin("1928")).status, 200, "by the key that came by itself");
    assertAdyenError(await holder.sendChange(late), 422, "31_021");
    clock.aheadMs = 0;
  });
});

/** One bit of the middle byte. */
function alter(hex: string): string {
  const bytes = Buffer.from(hex, "hex");
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  return bytes.toString("hex");
}
