import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import {
  encryptBlocks,
  handMadePinAttribute,
  wrapOaep,
  wrapPkcs1,
  wrapRaw,
} from "@linchpin/test-fixtures/messages/hand-made-worldline";
import { type Answer, call } from "@linchpin/testing/call";
import { WorldlineCardholder } from "@linchpin/testing/worldline";

const texts: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not found",
  413: "Payload too large",
  415: "Unsupported media type",
};

/** Refused by the sheet's words, with nothing beside them. */
function assertRefused({ status, body }: Answer, expected: number, why?: RegExp): void {
  assert.equal(status, expected, JSON.stringify(body));
  assert.deepEqual(Object.keys(body), ["responseMetadata"]);
  const { statusCode, statusMessage, correlationId, responseDateTime } = body.responseMetadata;
  assert.equal(statusCode, expected);
  assert.ok(statusMessage === texts[expected] || statusMessage.startsWith(`${texts[expected]}: `), statusMessage);
  if (why !== undefined) assert.match(statusMessage, why);
  assert.match(correlationId, /^[\x20-\x7e]{1,64}$/);
  assert.match(responseDateTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
}

describe("Worldline's protocol", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());
  const create = () => WorldlineCardholder.create(issuer.url);

  const operations = async (holder: WorldlineCardholder) =>
    (await holder.auditEvents()).filter(({ operation }) => operation.startsWith("worldline."));
  const matches = async (holder: WorldlineCardholder, digits: string) =>
    (await holder.verify(digits)).body.result === "match";

  describe("a PIN is set", () => {
    it("by reference, by either key set, and echoed as ciphertext", async () => {
      const holder = await create();
      for (const [digits, keyId] of [
        ["0471", "01"],
        ["8264", "02"],
      ] as const) {
        const set = await holder.seal(digits, keyId);
        const attribute = { ...set.pinAttribute, pinBlockFormat: "any text", keyId };
        const { status, body } = await holder.card("pin", { ...set, event: "ATM", pinAttribute: attribute });
        assert.equal(status, 200, JSON.stringify(body));
        assert.deepEqual(body.data, { pinAttribute: { ...attribute, pinBlockFormat: "ISO-4" } });
        const { statusCode, statusMessage } = body.responseMetadata;
        assert.deepEqual([statusCode, statusMessage], [200, "Executed successfully"]);
        assert.ok(await matches(holder, digits));
        const [event] = (await operations(holder)).slice(-1);
        assert.deepEqual([event.operation, event.outcome, event.event], ["worldline.pin.set", "done", "ATM"]);
      }
    });

    it("by the issuer's own reference and by PAN, with the PAN of another card in the block where it says so", async () => {
      const holder = await (await create()).inProgram({});
      const { pan } = holder.access;
      const external = `/external-cards/${holder.issuerCardId}/pin`;
      assert.equal((await holder.bank(external, await holder.seal("0471"))).status, 200);
      assert.ok(await matches(holder, "0471"));
      const byPan = { pan, panExpiryDate: "0931", ...(await holder.seal("8264")) };
      assert.equal((await holder.bank("/pin", byPan)).status, 200);
      assert.ok(await matches(holder, "8264"));
      const pinBlockPan = "5041151234567890";
      const other = { pan, panSequenceNumber: "01", pinBlockPan, ...(await holder.seal("5917", "01", pinBlockPan)) };
      assert.equal((await holder.bank("/pin", other)).status, 200);
      assert.ok(await matches(holder, "5917"));
    });

    it("of 4 to 12 digits, under AES-256 and AES-128, in hex of either case", async () => {
      const policy = { minLength: 4, maxLength: 12, sequences: "allow" };
      const holder = await (await create()).inProgram({ policy });
      const { pan } = holder.access;
      const publicKey = await holder.keySet();
      for (const digits of ["2846", "28461", "284619375028"])
        for (const sessionKey of [randomBytes(32), randomBytes(16)]) {
          const pinAttribute = handMadePinAttribute(publicKey, { pan, digits, sessionKey });
          const { status, body } = await holder.card("pin", { pinAttribute, panExpiryDate: "0931" });
          assert.equal(status, 200, JSON.stringify(body));
          assert.ok(await matches(holder, digits));
        }
    });

    it("while the PIN is blocked, and unblocks it; while the chip is behind it is pending", async () => {
      const holder = await (await create()).inProgram({ chipKeepsPin: true });
      await holder.setPin("0471");
      for (const digits of ["1111", "2222", "3333"]) await holder.verify(digits);
      assert.equal((await holder.issuerCard()).pin.status, "blocked");
      assert.equal((await holder.setPin("8264")).status, 200);
      assert.equal((await holder.issuerCard()).pin.status, "active");
    });
  });

  describe("a PIN is displayed", () => {
    it("by reference, by the issuer's own and by PAN, under either key set", async () => {
      const holder = await (await create()).inProgram({});
      await holder.setPin("0471");
      const { pan } = holder.access;
      for (const [path, more] of [
        [undefined, {}],
        [`/external-cards/${holder.issuerCardId}/display-pin`, {}],
        ["/display-pin", { pan, panExpiryDate: "0931" }],
      ] as const)
        for (const keyId of ["01", "02"] as const) {
          const pin = await holder.displayedPin(keyId, path, more);
          assert.equal(Buffer.from(pin.asciiDigits()).toString(), "0471");
        }
      assert.equal(
        (await operations(holder)).filter(({ operation }) => operation === "worldline.pin.display").length,
        6,
      );
    });

    it("not where none is set, nor while it is blocked, and a blocked or terminated card refuses both", async () => {
      const holder = await create();
      const display = async () => {
        const { pinAttribute } = await holder.seal("8264");
        return holder.card("display-pin", { encryptedSessionKey: pinAttribute.encryptedSessionKey });
      };
      assertRefused(await display(), 400, /no PIN/);
      await holder.setPin("0471");
      for (const digits of ["1111", "2222", "3333"]) await holder.verify(digits);
      assertRefused(await display(), 400, /blocked/);
      for (const state of ["blocked", "terminated"]) {
        await holder.operator("PATCH", `/cards/${holder.issuerCardId}`, { state });
        assertRefused(await display(), 400, new RegExp(state));
        assertRefused(await holder.setPin("8264"), 400, new RegExp(state));
      }
      const refused = (await operations(holder)).filter(({ outcome }) => outcome === "refused");
      assert.deepEqual(
        refused.map(({ code }) => code),
        ["pin_not_set", "pin_blocked", "card_blocked", "card_blocked", "card_terminated", "card_terminated"],
      );
    });
  });

  describe("a message is refused, with nothing changed and an audit event", () => {
    type Make = (publicKey: string, pan: string, other: string) => object;
    const otherPan = "5041151234567890";
    const xor = (one: Uint8Array, other: Uint8Array) => one.map((byte, index) => byte ^ (other[index] ?? 0));
    const pinField = "442846aaaaaaaaaa0011223344556677";
    const panFieldOf = (pan: string) => Buffer.from(`4${pan}`.padEnd(32, "0"), "hex");
    const key = () => randomBytes(32);
    const byHand =
      (make: (pan: string, sessionKey: Buffer) => Partial<Parameters<typeof handMadePinAttribute>[1]>): Make =>
      (publicKey, pan) => {
        const sessionKey = key();
        return handMadePinAttribute(publicKey, { pan, sessionKey, ...make(pan, sessionKey) });
      };
    /** What the sheet names, with what the sandbox says of it. */
    const mistakes: Readonly<Record<string, readonly [Make, RegExp]>> = {
      "RSAES-PKCS1-v1_5": [byHand(() => ({ wrap: wrapPkcs1 })), /PKCS#1 v1\.5/],
      "OAEP with SHA-1": [byHand(() => ({ wrap: wrapOaep("sha1") })), /OAEP SHA-1/],
      "wrapped to the other key set": [
        (_publicKey, pan, other) => handMadePinAttribute(other, { pan }),
        /key set 02, and keyId says 01/,
      ],
      "keyId of the other": [byHand(() => ({ keyId: "02" })), /key set 01, and keyId says 02/],
      "hex text of the session key": [
        byHand((_pan, sessionKey) => ({ wrapped: Buffer.from(sessionKey.toString("hex")) })),
        /text of 64 characters/,
      ],
      "base64 of the session key": [
        byHand((_pan, sessionKey) => ({ wrapped: Buffer.from(sessionKey.toString("base64")) })),
        /text of 44 characters/,
      ],
      "a key of AES-192 or TDES": [byHand(() => ({ sessionKey: randomBytes(24) })), /24 bytes/],
      "the PAN field of format 0": [
        byHand((pan) => ({ panField: pan.slice(3, 15).padStart(16, "0") })),
        /PAN field is that of format 0/,
      ],
      "no PAN length digit": [byHand((pan) => ({ panField: pan })), /lacks its first digit/],
      "a token in the place of the PAN": [byHand(() => ({ panField: "48374188662676926" })), /token or another card/],
      "another card's PAN": [byHand(() => ({ panField: `4${otherPan}` })), /token or another card/],
      "no XOR between the passes": [
        byHand((_pan, sessionKey) => ({
          pinBlock: encryptBlocks(sessionKey, encryptBlocks(sessionKey, Buffer.from(pinField, "hex"))).toString("hex"),
        })),
        /enciphered twice without/,
      ],
      "XOR before the first pass": [
        byHand((pan, sessionKey) => ({
          pinBlock: encryptBlocks(
            sessionKey,
            encryptBlocks(sessionKey, xor(Buffer.from(pinField, "hex"), panFieldOf(pan))),
          ).toString("hex"),
        })),
        /before the first pass/,
      ],
      "one pass": [
        byHand((_pan, sessionKey) => ({
          pinBlock: encryptBlocks(sessionKey, Buffer.from(pinField, "hex")).toString("hex"),
        })),
        /enciphered once/,
      ],
      "fill F": [byHand(() => ({ pinField: "442846ffffffffff0011223344556677" })), /filled with F/],
      "fill 0": [byHand(() => ({ pinField: "44284600000000000011223344556677" })), /filled with 0/],
      "a decimal length": [byHand(() => ({ pinField: "412284619375028aa011223344556677" })), /two decimal digits/],
      "another control field": [byHand(() => ({ pinField: "042846ffffffffff0011223344556677" })), /control field/],
      "another key of RSA": [byHand(() => ({ wrap: wrapRaw, wrapped: Buffer.alloc(256, 1) })), /no key of this issuer/],
    };
    for (const [what, [make, why]] of Object.entries(mistakes))
      it(what, async () => {
        const holder = await create();
        const publicKey = await holder.keySet("01");
        const pinAttribute = make(publicKey, holder.access.pan, await holder.keySet("02"));
        const answer = await holder.card("pin", { pinAttribute });
        assertRefused(answer, 400, why);
        assert.equal((await holder.issuerCard()).pin.status, "not_set");
        const events = await operations(holder);
        assert.deepEqual(
          events.map(({ operation, outcome, code }) => [operation, outcome, code]),
          [["worldline.pin.set", "refused", "decryption_failed"]],
        );
        assert.doesNotMatch(JSON.stringify([events, answer.body]), new RegExp(holder.access.pan));
        // Nothing was spent: what is right under a key that was sent with what was wrong is taken.
        assertRefused(await holder.card("pin", { pinAttribute }), 400, why);
      });

    const shapes: Readonly<
      Record<string, readonly [(set: ReturnType<typeof handMadePinAttribute>) => object, RegExp]>
    > = {
      "encryptedData in base64": [
        (set) => {
          const { encryptedSessionKey: sealed } = set;
          const encryptedData = Buffer.from(sealed.encryptedData, "hex").toString("base64");
          return { pinAttribute: { ...set, encryptedSessionKey: { ...sealed, encryptedData } } };
        },
        /encryptedData is base64/,
      ],
      "pinBlock in base64": [
        (set) => ({ pinAttribute: { ...set, pinBlock: Buffer.from(set.pinBlock, "hex").toString("base64") } }),
        /pinBlock is base64/,
      ],
      "a block of 8 bytes": [(set) => ({ pinAttribute: { ...set, pinBlock: "042846FFFFFFFFFF" } }), /8 bytes/],
      "a block of 32 bytes": [(set) => ({ pinAttribute: { ...set, pinBlock: set.pinBlock.repeat(2) } }), /32 bytes/],
      "the PIN's digits": [(set) => ({ pinAttribute: { ...set, pinBlock: "2846" } }), /digits alone/],
      "encryptedSessionKey beside pinAttribute": [
        ({ encryptedSessionKey, ...pinAttribute }) => ({ encryptedSessionKey, pinAttribute }),
        /encryptedSessionKey belongs in pinAttribute/,
      ],
      "no encryptedSessionKey": [
        ({ encryptedSessionKey: _, ...pinAttribute }) => ({ pinAttribute }),
        /needs encryptedSessionKey/,
      ],
      "pinAlgorithmId as a number": [(set) => ({ pinAttribute: { ...set, pinAlgorithmId: 4 } }), /a number/],
      "another algorithm": [(set) => ({ pinAttribute: { ...set, pinAlgorithmId: "06" } }), /RSA-APAC/],
      "an unknown event": [(set) => ({ event: "WEB", pinAttribute: set }), /EXTERNAL/],
      "another algoId": [
        (set) => ({ pinAttribute: { ...set, encryptedSessionKey: { ...set.encryptedSessionKey, algoId: "01" } } }),
        /algoId/,
      ],
      "a third key set": [
        (set) => ({ pinAttribute: { ...set, encryptedSessionKey: { ...set.encryptedSessionKey, keyId: "03" } } }),
        /keyId/,
      ],
    };
    it("by its shape, with nothing spent", async () => {
      const holder = await create();
      const { pan } = holder.access;
      const set = handMadePinAttribute(await holder.keySet(), { pan, digits: "0471" });
      for (const [what, [make, why]] of Object.entries(shapes)) {
        const answer = await holder.card("pin", make(set));
        assertRefused(answer, 400, why);
        assert.doesNotMatch(JSON.stringify(answer.body), /2846/, what);
      }
      assertRefused(await holder.card("display-pin", {}), 400, /encryptedSessionKey/);
      assertRefused(await holder.card("pin?filter=data", { pinAttribute: set }), 400, /filtering is not implemented/);
      assert.equal((await holder.issuerCard()).pin.status, "not_set");
      assert.equal((await holder.card("pin", { pinAttribute: set })).status, 200);
      assert.ok(await matches(holder, "0471"));
    });

    it("by the policy, with nothing spent; by the PIN history, with the session key spent", async () => {
      const holder = await (await create()).inProgram({ policy: { formerPins: 3 } });
      const { pan } = holder.access;
      const publicKey = await holder.keySet();
      const sessionKey = randomBytes(32);
      const seal = (digits: string) => handMadePinAttribute(publicKey, { pan, digits, sessionKey });
      assertRefused(await holder.card("pin", { pinAttribute: seal("1234") }), 400, /sequence/);
      assert.equal((await holder.card("pin", { pinAttribute: seal("0471") })).status, 200);
      const another = randomBytes(32);
      const again = (digits: string) => handMadePinAttribute(publicKey, { pan, digits, sessionKey: another });
      assertRefused(await holder.card("pin", { pinAttribute: again("0471") }), 400, /used on this card before/);
      assertRefused(await holder.card("pin", { pinAttribute: again("8264") }), 400, /session key was used/);
      assert.equal((await holder.issuerCard()).pin.version, 1);
    });
  });

  describe("a session key is used once", () => {
    it("in a set or a display, on any card, also when it is wrapped again", async () => {
      const [holder, other] = [await create(), await create()];
      const publicKey = await holder.keySet();
      const sessionKey = randomBytes(32);
      const sealFor = ({ access: { pan } }: WorldlineCardholder, digits: string) =>
        handMadePinAttribute(publicKey, { pan, digits, sessionKey });
      const set = sealFor(holder, "0471");
      assert.equal((await holder.card("pin", { pinAttribute: set })).status, 200);
      const { encryptedSessionKey } = set;
      assertRefused(await holder.card("pin", { pinAttribute: set }), 400, /session key was used/);
      assertRefused(await holder.card("pin", { pinAttribute: sealFor(holder, "8264") }), 400, /session key was used/);
      assertRefused(await other.card("pin", { pinAttribute: sealFor(other, "8264") }), 400, /session key was used/);
      assertRefused(await holder.card("display-pin", { encryptedSessionKey }), 400, /session key was used/);
      const again = sealFor(holder, "8264").encryptedSessionKey;
      assertRefused(await holder.card("display-pin", { encryptedSessionKey: again }), 400, /session key was used/);

      const shown = handMadePinAttribute(publicKey, { pan: holder.access.pan });
      const display = { encryptedSessionKey: shown.encryptedSessionKey };
      assert.equal((await holder.card("display-pin", display)).status, 200);
      assertRefused(await holder.card("display-pin", display), 400, /session key was used/);
      assertRefused(await holder.card("pin", { pinAttribute: shown }), 400, /session key was used/);
      assert.equal((await holder.issuerCard()).pin.version, 1);
      assert.equal((await other.issuerCard()).pin.status, "not_set");
    });

    it("of ten requests at once by one", async () => {
      const holder = await create();
      const set = await holder.seal("0471");
      const answers = await Promise.all(Array.from({ length: 10 }, () => holder.card("pin", set)));
      assert.equal(answers.filter(({ status }) => status === 200).length, 1);
      for (const answer of answers) if (answer.status !== 200) assertRefused(answer, 400);
      assert.equal((await holder.issuerCard()).pin.version, 1);
    });
  });

  describe("the caller", () => {
    it("has a token for an hour, by the form or by HTTP Basic, and is told by RFC 6749 when it gets none", async () => {
      const holder = await create();
      const { tokenUrl, clientId, clientSecret } = holder.access;
      const { status, body } = await holder.makeToken();
      assert.deepEqual([status, body.token_type, body.expires_in], [200, "Bearer", 3600]);
      const form = { "content-type": "application/x-www-form-urlencoded" };
      const basic = await call("POST", tokenUrl, {
        headers: { ...form, authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
        body: "grant_type=client_credentials",
      });
      assert.equal(basic.status, 200);
      const wrong = await holder.makeToken({ ...holder.access, clientSecret: "wrong" });
      assert.deepEqual([wrong.status, wrong.body.error], [401, "invalid_client"]);
      const missing = await call("POST", tokenUrl, { headers: form, body: "grant_type=client_credentials" });
      assert.deepEqual([missing.status, missing.body.error], [400, "invalid_request"]);
    });

    it("is refused without a token, for another issuer's path, and for a card that is not its own", async () => {
      const holder = await create();
      const other = await holder.atAnotherPartner();
      const { baseUrl, issuerId, cardReference, pan } = holder.access;
      const set = await holder.seal("0471");
      const at = (issuer: string, bearer?: string) =>
        call("POST", `${baseUrl}/card-issuing/api/v2/issuers/${issuer}/cards/${cardReference}/pin`, {
          body: set,
          ...(bearer !== undefined && { bearer }),
        });
      assertRefused(await at(issuerId), 401);
      assertRefused(await at(issuerId, "wrong"), 401);
      assertRefused(await at(issuerId, await other.token()), 403);
      assertRefused(await at(other.access.issuerId, await holder.token()), 403);
      const byPan = { pan, panSequenceNumber: "01" };
      for (const [path, body] of [
        [`/${cardReference}/pin`, set],
        [`/external-cards/${holder.issuerCardId}/pin`, set],
        ["/pin", { ...byPan, ...set }],
        ["/pin-state", { pan }],
        ["/pin-state", { cardReference }],
        [`/${cardReference}/reset-pin-try-counter`, undefined],
      ] as const)
        assertRefused(await other.bank(path, body), 404);
      assert.equal((await holder.issuerCard()).pin.status, "not_set");
      assert.equal((await holder.card("pin", set)).status, 200);
    });

    it("is answered 404 for an unknown card and a wrong expiry, 400 for PANs that are not in clear", async () => {
      const holder = await (await create()).inProgram({});
      const { pan } = holder.access;
      const set = await holder.seal("0471");
      assertRefused(await holder.bank("/2000000000000000/pin", set), 404);
      assertRefused(await holder.bank("/external-cards/nobody/pin", set), 404);
      assertRefused(await holder.card("pin", { ...set, panExpiryDate: "0131" }), 404, /panExpiryDate/);
      assertRefused(await holder.bank("/pin", { ...set, pan, panExpiryDate: "0131" }), 404);
      assertRefused(await holder.bank("/pin", { ...set, pan: "5041151234567890", panExpiryDate: "0931" }), 404);
      assertRefused(await holder.bank("/pin-state", { alternativePan: "1" }), 404);
      const encryptedPan = { algoId: "03", encryptedData: "00", keyId: "01" };
      assertRefused(await holder.bank("/pin", { ...set, encryptedPan, panExpiryDate: "0931" }), 400, /in clear/);
      assertRefused(await holder.bank("/pin", { ...set, pan }), 400, /panSequenceNumber or panExpiryDate/);
      assertRefused(await holder.bank("/pin", { ...set, panExpiryDate: "0931" }), 400, /pan is required/);
      assertRefused(
        await holder.bank("/pin-state", { pan, cardReference: holder.access.cardReference }),
        400,
        /one of/,
      );
      assertRefused(await holder.bank("/1/pin", set), 400);
      assertRefused(await holder.bank("/nothing", set), 404);
      assertRefused(await holder.card("pin", `{"pinAttribute":"${"x".repeat(9000)}"}`), 413);
      assertRefused(await holder.card("pin", "x", { "content-type": "text/plain" }), 415);
      assertRefused(await holder.card("pin", "{"), 400);
      assert.equal((await holder.issuerCard()).pin.status, "not_set");
    });

    it("finds its correlation id again, if it is of use", async () => {
      const holder = await create();
      const correlationOf = async (sent: string) =>
        (await holder.card("display-pin", {}, { "wl-correlation-id": sent })).body.responseMetadata.correlationId;
      assert.equal(await correlationOf("a correlation id"), "a correlation id");
      for (const sent of ["x".repeat(65), "\u00e9"]) assert.match(await correlationOf(sent), /^[0-9a-f-]{36}$/);
    });
  });

  describe("the state", () => {
    it("counts wrong PINs up to the limit, and is reset by a call of its own", async () => {
      const holder = await create();
      const { cardReference } = holder.access;
      const state = async () => (await holder.bank("/pin-state", { cardReference })).body.data;
      const expected = { cardReference, maximumPinTryCounter: "3", pinTryCounterResetType: "Never" };
      const active = { ...expected, pinTryCounter: "0", pinCheckParameterStatus: "Active" };
      assert.deepEqual(await state(), active);
      await holder.setPin("0471");
      const set = { ...active, offlinePinChangeStatus: "Successful" };
      assert.deepEqual(await state(), set);
      await holder.verify("1111");
      assert.deepEqual(await state(), { ...set, pinTryCounter: "1" });
      const reset = await holder.card("reset-pin-try-counter");
      assert.deepEqual([reset.status, reset.body.data], [200, {}]);
      assert.deepEqual(await state(), set);
      for (const digits of ["1111", "2222", "3333"]) await holder.verify(digits);
      assert.deepEqual(await state(), { ...set, pinTryCounter: "3", pinCheckParameterStatus: "Blocked" });
      assert.equal((await holder.verify("0471")).body.result, "blocked");
      const path = `/external-cards/${holder.issuerCardId}/reset-pin-try-counter`;
      assert.equal((await holder.bank(path, {})).status, 200);
      assert.ok(await matches(holder, "0471"));
      assert.equal((await holder.card("reset-pin-try-counter")).status, 200, "one that is not blocked, too");
      const events = (await operations(holder)).filter(({ operation }) => operation.endsWith("reset_try_counter"));
      assert.equal(events.length, 3);
    });

    it("is pending until the chip has the PIN, and is found by PAN", async () => {
      const holder = await (await create()).inProgram({ chipKeepsPin: true });
      await holder.setPin("0471");
      const state = async () => (await holder.bank("/pin-state", { pan: holder.access.pan })).body.data;
      assert.equal((await state()).offlinePinChangeStatus, "Pending");
      await holder.operator("POST", `/cards/${holder.issuerCardId}/pin/chip-synced`);
      assert.equal((await state()).offlinePinChangeStatus, "Successful");
    });

    it("is not reset of a terminated card", async () => {
      const holder = await create();
      await holder.operator("PATCH", `/cards/${holder.issuerCardId}`, { state: "terminated" });
      assertRefused(await holder.card("reset-pin-try-counter"), 400, /terminated/);
    });
  });

  it("refuses a card without a PAN before anything is unwrapped", async () => {
    const holder = await (await create()).inProgram({}, null);
    assertRefused(await holder.card("pin", await holder.seal("0471", "01", "5041151234567890")), 400, /no PAN/);
    assert.equal((await holder.issuerCard()).pin.status, "not_set");
  });

  it("replaces one key set by a rotation, while the other serves", async () => {
    const holder = await create();
    const [one, two] = [await holder.keySet("01"), await holder.keySet("02")];
    assert.notEqual(one, two);
    const before = await holder.seal("0471", "01");
    assert.equal((await holder.operator("POST", "/keys/worldline-pin/rotate")).status, 201);
    assert.equal(await holder.keySet("02"), two);
    assert.notEqual(await holder.keySet("01"), one);
    assert.equal((await holder.card("pin", before)).status, 200, "what was wrapped just before is taken for a day");
    for (const [digits, keyId] of [
      ["8264", "01"],
      ["5917", "02"],
    ] as const)
      assert.equal((await holder.setPin(digits, keyId)).status, 200);
    const keys = (await holder.operator("GET", "/keys")).body.filter(
      ({ purpose }: { purpose: string }) => purpose === "worldline-pin",
    );
    const ends = keys.map(({ version, acceptedUntil }: { version: number; acceptedUntil: string | null }) => [
      version,
      acceptedUntil === null,
    ]);
    assert.deepEqual(ends, [
      [3, true],
      [2, true],
      [1, false],
    ]);
    await holder.operator("POST", "/keys/worldline-pin/rotate");
    await holder.operator("POST", "/keys/worldline-pin/rotate");
  });
});
