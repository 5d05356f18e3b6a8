import assert from "node:assert/strict";
import { createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import type { PinSet } from "@linchpin/protocols/spritz/wire";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { handMadeSpritz as handMade } from "@linchpin/test-fixtures/messages/hand-made-spritz";
import type { Answer } from "@linchpin/testing/call";
import { SpritzCardholder } from "@linchpin/testing/spritz";

const decrypting = "Failed to Decrypt Session ID, RSA Public key Not Matching";

describe("a PIN by Spritz' protocol", () => {
  let issuer: SandboxIssuer;
  let holder: SpritzCardholder;
  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await SpritzCardholder.create(issuer.url);
  });
  after(() => issuer.stop());

  const matches = async (digits: string, by = holder) => (await by.verify(digits)).body.result === "match";
  const statusesOf = async (by: SpritzCardholder) => {
    const { pin, state } = await by.card();
    return { state, status: pin.status, version: pin.version };
  };

  /** Refused by this code, with nothing changed and an audit event. */
  async function assertRefused(
    send: () => Promise<Answer>,
    { status = 400, code, audited }: { status?: number; code: string; audited?: string | null },
    by = holder,
  ): Promise<Answer["body"]> {
    const [before, events] = [await statusesOf(by), (await by.auditEvents()).length];
    const { status: answered, body } = await send();
    assert.deepEqual([answered, body.code ?? body.errorMessageCodes?.[0] ?? body.resourceType], [status, code]);
    assert.deepEqual(await statusesOf(by), before);
    const written = (await by.auditEvents()).slice(events);
    if (audited === null) assert.deepEqual(written, []);
    else
      assert.deepEqual(
        written.map(({ outcome, code: refusedBy }) => [outcome, refusedBy]),
        [["refused", audited ?? code]],
      );
    return body;
  }

  describe("is set", () => {
    it("by both paths of the vendor, and natively verified", async () => {
      for (const [method, path, digits] of [
        ["PUT", "pin", "0471"],
        ["POST", "update_pin", "8264"],
      ] as const) {
        const answer = await holder.partner(
          method,
          `/v1/cards/${holder.access.cardId}/${path}`,
          await holder.seal(digits),
        );
        assert.deepEqual([answer.status, answer.body], [200, { success: true }]);
        assert.ok(await matches(digits));
      }
    });

    it("by Rain's form, under either row, without a body", async () => {
      for (const [hash, digits] of [
        ["SHA-512", "0582"],
        ["SHA-1", "9137"],
      ] as const) {
        const { status, body } = await holder.sendRainSet(await holder.seal(digits, holder.issuerKey("rain", hash)));
        assert.deepEqual([status, body ?? undefined], [204, undefined]);
        assert.ok(await matches(digits));
      }
    });

    it("with a length of 4 to 12 digits, and a message of one size for each", async () => {
      const long = await holder.inProgram({ policy: { minLength: 4, maxLength: 12 } });
      const sizes = new Set<number>();
      for (const digits of ["0471", "047182", "0471829350", "047182935061"]) {
        const message = await long.seal(digits);
        sizes.add(JSON.stringify(message).length);
        assert.equal((await long.sendSet(message)).status, 200);
        assert.equal(await long.revealedPin(), digits);
      }
      assert.equal(sizes.size, 1);
    });

    it("with an IV of 12 bytes, and a block in lower case", async () => {
      const message = handMade(holder.access.publicKey, "243907ffffffffff", { iv: randomBytes(12) });
      assert.equal((await holder.sendSet(message)).status, 200);
      assert.ok(await matches("3907"));
    });

    it("while it is blocked, and is unblocked then", async () => {
      const blocked = await SpritzCardholder.create(issuer.url);
      await blocked.changePin("0471");
      for (let tries = 0; tries < 3; tries++) await blocked.verify("9999");
      assert.equal((await statusesOf(blocked)).status, "blocked");
      await assertRefused(() => getOf(blocked), { code: "pin_blocked" }, blocked);
      assert.equal((await blocked.changePin("8264")).status, 200);
      assert.equal((await statusesOf(blocked)).status, "active");
    });
  });

  /** A get with a session key of its own. */
  async function getOf(by: SpritzCardholder, key = randomBytes(16)): Promise<Answer> {
    return by.sendGet(handMade(by.access.publicKey, "", { key }).encryptedKey);
  }

  describe("is shown", () => {
    it("as a block under the session key that came, with an IV of 16 bytes, another each time", async () => {
      await holder.changePin("0471");
      const ivs = new Set<string>();
      for (let times = 0; times < 2; times++) {
        const key = randomBytes(16);
        const { status, body } = await getOf(holder, key);
        assert.equal(status, 200);
        const [iv, data] = [Buffer.from(body.encryptedPin.iv, "base64"), Buffer.from(body.encryptedPin.data, "base64")];
        assert.deepEqual([iv.length, data.length], [16, 32]);
        const decipher = createDecipheriv("aes-128-gcm", key, iv).setAuthTag(data.subarray(16));
        assert.equal(
          Buffer.concat([decipher.update(data.subarray(0, 16)), decipher.final()]).toString(),
          "240471FFFFFFFFFF",
        );
        ivs.add(body.encryptedPin.iv);
      }
      assert.equal(ivs.size, 2);
    });

    it("by Rain's form, under either row", async () => {
      await holder.changePin("0471");
      for (const hash of ["SHA-512", "SHA-1"] as const) assert.equal(await holder.revealedPin("rain", hash), "0471");
    });

    it("not before there is one", async () => {
      const fresh = await SpritzCardholder.create(issuer.url);
      await assertRefused(() => getOf(fresh), { code: "pin_not_set" }, fresh);
      const sessionId = (await fresh.seal("0471", fresh.issuerKey("rain"))).encryptedKey;
      const body = await assertRefused(() => fresh.sendRainGet(sessionId), { status: 404, code: "pin_not_set" }, fresh);
      assert.equal(body.message, "Failed to get PIN, card does not have PIN set");
    });
  });

  it("shows a card", async () => {
    const { status, body } = await holder.partner("GET", `/v1/cards/${holder.access.cardId}`);
    assert.equal(status, 200);
    assert.match(body.last4, /^\d{4}$/);
    assert.ok(Date.parse(body.createdAt) > 0);
    assert.deepEqual(
      { ...body, last4: "", createdAt: "" },
      {
        ...{ id: holder.access.cardId, status: "active", type: "physical", country: "US", currency: "USD", last4: "" },
        ...{ limit: null, payable: true, renderSecret: "", createdAt: "" },
      },
    );
  });

  describe("is not set by a message that", () => {
    type Wrong = Parameters<typeof handMade>[2];
    const block = "240471FFFFFFFFFF";
    const made: Record<string, readonly [wrong: Wrong, block?: string | Uint8Array]> = {
      "wraps the key's bytes": [{ key: Buffer.alloc(16, 7), wrapped: Buffer.alloc(16, 7) }],
      "wraps hex text": [{ key: Buffer.alloc(16, 7), wrapped: Buffer.alloc(16, 7).toString("hex") }],
      "wraps the base64 of hex text": [
        { key: Buffer.alloc(16, 7), wrapped: btoa(Buffer.alloc(16, 7).toString("hex")) },
      ],
      "wraps base64url": [{ key: Buffer.alloc(16, 0xff), wrapped: Buffer.alloc(16, 0xff).toString("base64url") }],
      "wraps base64 whose last bits no byte takes": [{ key: Buffer.alloc(16), wrapped: "AAAAAAAAAAAAAAAAAAAAAB==" }],
      "wraps no padding": [{ key: Buffer.alloc(16), wrapped: "AAAAAAAAAAAAAAAAAAAAAAAA" }],
      "has a session key of 32 bytes": [{ key: randomBytes(32) }],
      "wraps by OAEP with SHA-256": [{ oaepHash: "sha256" }],
      "wraps by OAEP with SHA-512": [{ oaepHash: "sha512" }],
      "wraps by RSAES-PKCS1-v1_5": [{ isPkcs1: true }],
      "has no tag": [{ arrange: (ciphertext) => [ciphertext] }],
      "has the tag in front": [{ arrange: (ciphertext, tag) => [tag, ciphertext] }],
      "has half a tag": [{ arrange: (ciphertext, tag) => [ciphertext, tag.subarray(0, 8)] }],
      "has another tag": [{ arrange: (ciphertext) => [ciphertext, randomBytes(16)] }],
      "has an AAD": [{ aad: Buffer.from("aad") }],
      "seals the digits alone": [{}, "0471"],
      "seals the block as bytes": [{}, Buffer.from(block, "hex")],
      "seals a length in decimal": [{}, "2100471829350FFFF"],
      "seals fill 0": [{}, "2404710000000000"],
      "seals fill A": [{}, "240471AAAAAAAAAA"],
      "seals control field 0": [{}, "040471FFFFFFFFFF"],
      "seals three digits": [{}, "23047FFFFFFFFFFF"],
    };
    for (const [what, [wrong, sealed = block]] of Object.entries(made))
      it(what, () => {
        const message = handMade(holder.access.publicKey, sealed, wrong);
        return assertRefused(() => holder.sendSet(message), {
          code: "pin_decryption_failed",
          audited: "decryption_failed",
        });
      });

    it("is sealed to a key of Rain's, and Rain's is to none of Spritz'", async () => {
      const audited = "decryption_failed";
      const toRain = handMade(holder.access.rain.legacyPublicKey, block);
      await assertRefused(() => holder.sendSet(toRain), { code: "pin_decryption_failed", audited });
      const toSpritz = handMade(holder.access.publicKey, block);
      const body = await assertRefused(() => holder.sendRainSet(toSpritz), { code: "pin_decryption_failed", audited });
      assert.ok(body.message.startsWith(decrypting));
    });

    it("wraps by the hash of Rain's other row", async () => {
      const { publicKey, legacyPublicKey } = holder.access.rain;
      for (const [pem, oaepHash] of [
        [publicKey, "sha1"],
        [legacyPublicKey, "sha512"],
      ] as const)
        await assertRefused(() => holder.sendRainSet(handMade(pem, block, { oaepHash })), {
          code: "pin_decryption_failed",
          audited: "decryption_failed",
        });
    });

    const texts: Record<string, (message: PinSet) => PinSet> = {
      "has an IV in hex": (message) => withIv(message, Buffer.from(message.encryptedPin.iv, "base64").toString("hex")),
      "has an IV of 13 bytes": (message) => withIv(message, Buffer.alloc(13).toString("base64")),
      "has a key in base64url": ({ encryptedKey, ...rest }) => ({
        ...rest,
        encryptedKey: `_-${encryptedKey.slice(2)}`,
      }),
      "has a key without padding": ({ encryptedKey, ...rest }) => ({
        ...rest,
        encryptedKey: encryptedKey.replaceAll("=", ""),
      }),
      "has data that is no base64": ({ encryptedPin, ...rest }) => ({
        ...rest,
        encryptedPin: { ...encryptedPin, data: "not base64" },
      }),
    };
    const withIv = ({ encryptedPin, ...rest }: PinSet, iv: string) => ({
      ...rest,
      encryptedPin: { ...encryptedPin, iv },
    });
    for (const [what, change] of Object.entries(texts))
      it(what, async () => {
        const message = change(handMade(holder.access.publicKey, block));
        await assertRefused(() => holder.sendSet(message), {
          code: "pin_decryption_failed",
          audited: "encoding_invalid",
        });
      });

    it("has another shape, which is refused before the card is looked at", async () => {
      const { encryptedKey, encryptedPin } = await holder.seal("0471");
      const shapes = [
        {},
        { encryptedKey },
        { encryptedPin },
        { encryptedKey, encryptedPin: { iv: encryptedPin.iv } },
        { encryptedKey, encryptedPin: { ...encryptedPin, tag: "AAAA" } },
        { encryptedKey, encryptedPin, SessionId: encryptedKey },
        { encryptedKey: 7, encryptedPin },
        { encryptedKey, encryptedPin, pin: "0471" },
      ];
      for (const shape of shapes)
        await assertRefused(() => holder.sendSet(shape), { code: "request_invalid", audited: null });
      for (const type of ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"])
        await assertRefused(() => holder.sendSet("pin=0471", { "content-type": type }), {
          ...{ status: 415, code: "media_type_unsupported", audited: null },
        });
      const large = { encryptedKey, encryptedPin: { ...encryptedPin, data: "A".repeat(5000) } };
      await assertRefused(() => holder.sendSet(large), { status: 413, code: "body_too_large", audited: null });
    });

    it("is Rain's without a SessionId, or with it in the body", async () => {
      const { encryptedKey, encryptedPin } = await holder.seal("0471", holder.issuerKey("rain"));
      const path = `/v1/issuing/cards/${holder.access.cardId}/pin`;
      for (const body of [{ encryptedPin }, { encryptedPin, SessionId: encryptedKey }])
        await assertRefused(() => holder.partner("PUT", path, body), { code: "request_invalid", audited: null });
      await assertRefused(() => holder.sendRainGet(""), { code: "request_invalid", audited: null });
      await assertRefused(() => holder.sendRainGet("A".repeat(1028)), { code: "request_invalid", audited: null });
    });

    it("is sent by PATCH", async () => {
      const { status, body } = await holder.partner("PATCH", `/v1/issuing/cards/${holder.access.cardId}/pin`, {});
      assert.deepEqual([status, body.statusCode], [405, 405]);
    });

    it("breaks the policy, which spends nothing", async () => {
      for (const digits of ["1111", "1234", "4321"]) {
        const message = await holder.seal(digits);
        for (let times = 0; times < 2; times++)
          await assertRefused(() => holder.sendSet(message), {
            code: "pin_not_allowed",
            audited: digits === "1111" ? "pin_repeats" : "pin_sequence",
          });
      }
      const ofRain = await holder.seal("1234", holder.issuerKey("rain"));
      const { message } = await assertRefused(() => holder.sendRainSet(ofRain), {
        code: "pin_not_allowed",
        audited: "pin_sequence",
      });
      assert.match(message, /^Failed to set PIN, the PIN is a sequence/);
    });

    it("is of a former PIN, which spends what came", async () => {
      const remembering = await holder.inProgram({ policy: { formerPins: 3 } });
      for (const digits of ["0471", "8264"]) assert.equal((await remembering.changePin(digits)).status, 200);
      const key = randomBytes(16);
      const message = handMade(remembering.access.publicKey, block, { key });
      for (let times = 0; times < 2; times++)
        await assertRefused(
          () => remembering.sendSet(message),
          { code: "pin_not_allowed", audited: "pin_reused" },
          remembering,
        );
      const again = handMade(remembering.access.publicKey, "245917FFFFFFFFFF", { key });
      await assertRefused(
        () => remembering.sendSet(again),
        { code: "session_key_used", audited: "replayed" },
        remembering,
      );
    });
  });

  describe("takes a session key once", () => {
    const used = { code: "session_key_used", audited: "replayed" };

    it("in a set: again, on another card, wrapped again, in a get, by the other form", async () => {
      const key = randomBytes(16);
      const block = "242708FFFFFFFFFF";
      const { publicKey, rain } = holder.access;
      const message = handMade(publicKey, block, { key });
      assert.equal((await holder.sendSet(message)).status, 200);
      await assertRefused(() => holder.sendSet(message), used);
      const other = await SpritzCardholder.create(issuer.url);
      await assertRefused(() => other.sendSet(message), used, other);
      await assertRefused(() => holder.sendSet(handMade(publicKey, block, { key })), used);
      await assertRefused(() => getOf(holder, key), used);
      const ofRain = handMade(rain.publicKey, block, { key, oaepHash: "sha512" });
      const { message: text } = await assertRefused(() => holder.sendRainSet(ofRain), used);
      assert.match(text, /^Failed to set PIN, this session key was used before/);
      const { message: ofGet } = await assertRefused(() => holder.sendRainGet(ofRain.encryptedKey), used);
      assert.match(ofGet, /^Failed to get PIN, /);
    });

    it("in a get: in another, and in a set", async () => {
      await holder.changePin("0471");
      const key = randomBytes(16);
      assert.equal((await getOf(holder, key)).status, 200);
      await assertRefused(() => getOf(holder, key), used);
      await assertRefused(() => holder.sendSet(handMade(holder.access.publicKey, "242708FFFFFFFFFF", { key })), used);
    });

    it("of ten sets at once one is made", async () => {
      const message = await holder.seal("2708");
      const { version } = await statusesOf(holder);
      const answers = await Promise.all(Array.from({ length: 10 }, () => holder.sendSet(message)));
      assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, ...Array(9).fill(400)]);
      assert.equal((await statusesOf(holder)).version, version + 1);
    });

    it("and no refusal by key or shape uses it up", async () => {
      const key = randomBytes(16);
      const wrongly = handMade(holder.access.publicKey, "0471", { key });
      await assertRefused(() => holder.sendSet(wrongly), {
        code: "pin_decryption_failed",
        audited: "decryption_failed",
      });
      assert.equal((await holder.sendSet(handMade(holder.access.publicKey, "240471FFFFFFFFFF", { key }))).status, 200);
    });
  });

  it("is not shown where the wrap does not open", async () => {
    await holder.changePin("0471");
    for (const wrong of [{ wrapped: randomBytes(16) }, { oaepHash: "sha256" }, { isPkcs1: true }])
      await assertRefused(() => holder.sendGet(handMade(holder.access.publicKey, "", wrong).encryptedKey), {
        code: "pin_decryption_failed",
        audited: "decryption_failed",
      });
  });

  it("is refused for a card that is frozen or cancelled, by every route", async () => {
    for (const state of ["blocked", "terminated"]) {
      const card = await SpritzCardholder.create(issuer.url);
      await card.changePin("0471");
      await card.operator("PATCH", `/cards/${card.issuerCardId}`, { state });
      const code = { code: "card_not_active", audited: `card_${state}` };
      await assertRefused(async () => card.sendSet(await card.seal("8264")), code, card);
      await assertRefused(() => getOf(card), code, card);
      const ofRain = await card.seal("8264", card.issuerKey("rain"));
      await assertRefused(() => card.sendRainSet(ofRain), code, card);
      await assertRefused(() => card.sendRainGet(ofRain.encryptedKey), code, card);
      const { body } = await card.partner("GET", `/v1/cards/${card.access.cardId}`);
      assert.deepEqual([body.status, body.payable], [state === "blocked" ? "frozen" : "cancelled", false]);
    }
  });

  it("is refused for a card that is unknown, or another partner's", async () => {
    const stranger = await holder.atAnotherPartner();
    const message = await holder.seal("0471");
    const path = `/v1/cards/${stranger.access.cardId}`;
    for (const [method, suffix, body] of [
      ["PUT", "/pin", message],
      ["POST", "/update_pin", message],
      ["POST", "/pin", { encryptedKey: message.encryptedKey }],
      ["GET", "", undefined],
    ] as const) {
      const { status, body: problem } = await holder.partner(method, `${path}${suffix}`, body);
      const { type, resourceType, resourceId } = problem;
      assert.deepEqual([status, type, resourceType, resourceId], [404, "about:blank", "card", stranger.access.cardId]);
    }
    const ofRain = await holder.partner("GET", `/v1/issuing/cards/none/pin`, undefined, { SessionId: "AAAA" });
    assert.deepEqual([ofRain.status, ofRain.body.error], [404, "Not Found"]);
  });

  it("is refused without a key, with a wrong one, and with one of another protocol", async () => {
    for (const authorization of ["", "Bearer wrong", "Basic YTpi", "Bearer sandbox-adyen-key"]) {
      const { status, body } = await holder.sendSet(await holder.seal("0471"), { authorization });
      assert.deepEqual([status, body.type, body.code], [401, "urn:problem-type:auth:unauthorized", undefined]);
    }
    const ofRain = await holder.seal("0471", holder.issuerKey("rain"));
    const { status, body } = await holder.sendRainSet(ofRain, { "Api-Key": "wrong" });
    assert.deepEqual([status, body.statusCode, body.error], [401, 401, "Unauthorized"]);
    const byKey = await holder.sendRainSet(ofRain, { "Api-Key": holder.access.apiKey, authorization: "" });
    assert.equal(byKey.status, 204);
  });

  describe("by Rain's form with an idempotency key", () => {
    const path = () => `/v1/issuing/cards/${holder.access.cardId}/pin`;
    const send = ({ encryptedKey, encryptedPin }: PinSet, key: string) =>
      fetch(`${holder.access.baseUrl}${path()}`, {
        method: "PUT",
        headers: {
          "Api-Key": holder.access.apiKey,
          "content-type": "application/json",
          "Idempotency-Key": key,
          SessionId: encryptedKey,
        },
        body: JSON.stringify({ encryptedPin }),
      });

    it("is set once, and answered again as the first time", async () => {
      const message = await holder.seal("3907", holder.issuerKey("rain"));
      const { version } = await statusesOf(holder);
      for (const cached of [null, "true"]) {
        const answer = await send(message, "key-1");
        assert.deepEqual([answer.status, await answer.text()], [204, ""]);
        assert.deepEqual(
          [answer.headers.get("idempotency-key"), answer.headers.get("idempotency-cached")],
          ["key-1", cached],
        );
      }
      assert.equal((await statusesOf(holder)).version, version + 1);
    });

    it("is refused again by the same words, and a key with another request or of 65 characters is none", async () => {
      const message = await holder.seal("1234", holder.issuerKey("rain"));
      const [one, other] = [await send(message, "key-2"), await send(message, "key-2")];
      assert.deepEqual([one.status, await one.json()], [other.status, await other.json()]);
      assert.equal(other.headers.get("idempotency-cached"), "true");
      const another = await send(await holder.seal("3907", holder.issuerKey("rain")), "key-2");
      assert.deepEqual([another.status, (await another.json()).errorMessageCodes], [400, ["idempotency_key_used"]]);
      assert.equal((await send(message, "k".repeat(65))).status, 400);
    });
  });
});

describe("a PIN by Spritz' protocol, as an operator sets it", () => {
  const issuers: SandboxIssuer[] = [];
  after(() => Promise.all(issuers.map((issuer) => issuer.stop())));
  async function holderWith(environment: Record<string, string>): Promise<SpritzCardholder> {
    const issuer = await startSandboxIssuer({ environment });
    issuers.push(issuer);
    return SpritzCardholder.create(issuer.url);
  }
  const block = "240471FFFFFFFFFF";

  it("has no routes and no keys of Rain's where that is off", async () => {
    const holder = await holderWith({ LINCHPIN_SPRITZ_RAIN: "off" });
    assert.equal((await holder.sendRainGet("AAAA")).status, 404);
    const purposes = (await holder.operator("GET", "/keys")).body.map(({ purpose }: { purpose: string }) => purpose);
    assert.deepEqual(
      purposes.filter((purpose: string) => /spritz|rain/.test(purpose)),
      ["spritz-pin"],
    );
  });

  it("takes SHA-512, bytes, keys of AES-256, and a session key for many gets, where each is set", async () => {
    const holder = await holderWith({
      LINCHPIN_SPRITZ_OAEP_HASH: "SHA-512",
      LINCHPIN_SPRITZ_WRAPPED_KEY: "raw",
      LINCHPIN_SPRITZ_AES256: "on",
      LINCHPIN_SPRITZ_GET_KEY_REUSE: "on",
    });
    const { publicKey } = holder.access;
    for (const length of [16, 32]) {
      const key = randomBytes(length);
      const message = handMade(publicKey, block, { key, wrapped: key, oaepHash: "sha512" });
      assert.equal((await holder.sendSet(message)).status, 200);
      assert.equal((await holder.sendSet(message)).body.code, "session_key_used");
    }
    const { encryptedKey } = handMade(publicKey, "", { wrapped: randomBytes(16), oaepHash: "sha512" });
    for (let times = 0; times < 2; times++) assert.equal((await holder.sendGet(encryptedKey)).status, 200);
    const asText = handMade(publicKey, block, { oaepHash: "sha512" });
    assert.equal((await holder.sendSet(asText)).body.code, "pin_decryption_failed");
  });

  it("takes requests of an integrator that signs them, and no others, where a secret is set", async () => {
    const secret = "integrator-secret-of-a-test";
    const holder = await holderWith({ LINCHPIN_SPRITZ_INTEGRATOR_SECRET: secret });
    const path = `/v1/cards/${holder.access.cardId}`;
    const signed = async (
      method: string,
      to: string,
      body: unknown,
      wrong: { by?: string; ageMs?: number; hash?: string } = {},
    ) => {
      const timestamp = String(Date.now() - (wrong.ageMs ?? 0));
      const { createHash } = await import("node:crypto");
      const hash = body === undefined ? "" : createHash("sha256").update(JSON.stringify(body)).digest("hex");
      const [target, query] = to.split("?");
      const sorted = query === undefined ? "" : `?${query.split("&").toSorted().join("&")}`;
      const text = [timestamp, method, `/spritz${target}${sorted}`, wrong.hash ?? hash].join(".");
      const signature = createHmac("sha256", wrong.by ?? secret)
        .update(text)
        .digest("hex");
      const headers = { "X-Timestamp": timestamp, "X-Signature": `sha256=${signature}`, "X-Integrator-Key": "any" };
      return holder.partner(method, to, body, headers);
    };
    assert.equal((await holder.sendSet(await holder.seal("0471"))).status, 401);
    assert.equal((await signed("PUT", `${path}/pin`, await holder.seal("0471"))).status, 200);
    assert.equal((await signed("GET", `${path}?b=2&a=1`, undefined)).status, 200);
    for (const wrong of [{ by: "another" }, { ageMs: 301_000 }, { ageMs: -301_000 }, { hash: "00".repeat(32) }])
      assert.equal((await signed("PUT", `${path}/pin`, await holder.seal("8264"), wrong)).status, 401);
  });
});
