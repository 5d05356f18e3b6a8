import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { base64urlFromBytes, bytesFromBase64url, type SigningKey } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import {
  type AcceptedSession,
  makeRevealMessage,
  type OperationMessage,
  thumbprintOf,
} from "@linchpin/protocols/native/device";
import { ErrorReply } from "@linchpin/protocols/native/wire";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { type Answer, call } from "@linchpin/testing/call";
import { NativeCardholder, sealedMessage } from "@linchpin/testing/native";
import { PlumeryClient } from "@linchpin/testing/plumery";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { Value } from "typebox/value";

describe("operations of the native protocol", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  async function bound(pin?: string): Promise<{ holder: NativeCardholder; key: SigningKey }> {
    const holder = await NativeCardholder.create(issuer.url);
    return { holder, key: await bindWithPin(holder, pin) };
  }

  async function bindWithPin(holder: NativeCardholder, pin?: string): Promise<SigningKey> {
    const key = await holder.bind();
    if (pin !== undefined) assert.equal((await holder.changePin(pin, key)).outcome?.result, "changed");
    return key;
  }

  /** A cardholder whose card is of a program with these settings. */
  async function ofProgram(settings: object): Promise<NativeCardholder> {
    return withCardOf(await NativeCardholder.create(issuer.url), settings);
  }

  /** The same person, with a further card. */
  async function withCardOf(holder: NativeCardholder, settings: object): Promise<NativeCardholder> {
    const program = (await holder.operator("POST", "/programs", { name: "A program", settings })).body;
    const card = (
      await holder.operator("POST", "/cards", { personId: holder.sandbox.native.personId, programId: program.id })
    ).body;
    const data = { pan: "9999990012345670", cvv2: "123", expiration: { month: 7, year: 2031 } };
    assert.equal((await holder.operator("PUT", `/cards/${card.id}/data`, data)).status, 204);
    const { sandbox } = holder;
    return NativeCardholder.of({
      ...sandbox,
      native: { ...sandbox.native, cardId: card.names.native },
      plumery: { ...sandbox.plumery, cardToken: card.names.plumery },
      solaris: { ...sandbox.solaris, cardAccountId: card.names.solaris },
      adyen: { ...sandbox.adyen, paymentInstrumentId: card.names.adyen },
      issuer: { ...sandbox.issuer, cardId: card.id },
    });
  }

  const eventOf = async (holder: NativeCardholder, operation: string) =>
    (await holder.auditEvents()).findLast((event) => event.operation === operation);

  function assertUnsigned(answer: Answer, status: number, code: string): void {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
    assert.ok(Value.Check(ErrorReply, answer.body));
    assert.equal(answer.body.code, code);
  }

  describe("do", () => {
    test("bind: the key, a message to the person, an audit event with hashes and signature", async () => {
      const { holder } = await bound();
      assert.match((await holder.messages()).at(-1)?.text, /^A device was bound in your name/);
      const event = await eventOf(holder, "native.bind");
      assert.equal(event.outcome, "done");
      assert.equal(event.personId, holder.sandbox.native.personId);
      for (const hash of ["sessionHash", "messageHash", "device"]) assert.match(event[hash], /^[\w-]{43}$/);
      assert.match(event.signature, /^[\w-]{86}$/);
    });

    test("set and change a PIN, which every other protocol then sees", async () => {
      const { holder, key } = await bound();
      assert.deepEqual((await holder.changePin("1928", key)).outcome, { result: "changed", version: 1 });
      const answer = await holder.changePin("8264", key);
      assert.deepEqual(answer.outcome, { result: "changed", version: 2 });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("cache-control"), "no-store");
      assert.equal((await (await SolarisCardholder.of(holder.sandbox)).verify("8264")).body.result, "match");
      const event = await eventOf(holder, "native.pin_change");
      assert.deepEqual([event.outcome, event.pinVersion], ["done", 2]);
      const { type, pinVersion } = (await issuer.events()).findLast(
        ({ cardId }) => cardId === holder.sandbox.issuer.cardId,
      ) as unknown as { type: string; pinVersion: number };
      assert.deepEqual([type, pinVersion], ["pin.changed", 2]);
    });

    test("compare: a match resets the tries, the third mismatch blocks, then a right PIN is refused too", async () => {
      const { holder, key } = await bound("1928");
      assert.deepEqual((await holder.verifyPin("1111", key)).outcome, { result: "mismatch", remaining: 2 });
      assert.deepEqual((await holder.verifyPin("1928", key)).outcome, { result: "match" });
      for (const remaining of [2, 1, 0])
        assert.deepEqual((await holder.verifyPin("1111", key)).outcome, { result: "mismatch", remaining });
      assert.equal((await holder.card()).pin.status, "blocked");
      assert.deepEqual((await holder.verifyPin("1928", key)).outcome, { result: "blocked" });
      assert.deepEqual((await holder.changePin("8264", key)).outcome, { result: "changed", version: 2 });
      assert.deepEqual((await holder.verifyPin("8264", key)).outcome, { result: "match" });
    });

    test("reveal PIN and card, sealed to the device", async () => {
      const { holder, key } = await bound("1928");
      assert.equal(await holder.revealedPin(key), "1928");
      const card = (await holder.revealedCard(key)) as { pan: string; cvv2: string; expiry: string };
      assert.equal(card.pan.slice(-8), await holder.lastDigits());
      assert.match(`${card.cvv2} ${card.expiry}`, /^\d{3} \d{4}$/);
      const event = await eventOf(holder, "native.pin_reveal");
      assert.deepEqual([event.outcome, event.pinVersion], ["done", 1]);
      assert.equal((await eventOf(holder, "native.card_reveal")).outcome, "done");
    });
  });

  /** A session for a change that the device may make. */
  async function changing(pin = "1928") {
    const { holder, key } = await bound(pin);
    const session = await holder.session(await holder.wishOf("pin-change", key));
    return { holder, key, session };
  }

  describe("are refused by a signed answer, which spends the session", () => {
    async function assertSpends(
      holder: NativeCardholder,
      session: AcceptedSession,
      message: OperationMessage,
      good: OperationMessage,
      code: string,
    ): Promise<void> {
      const { version } = (await holder.card()).pin;
      const refused = await holder.send(session, message);
      assert.deepEqual(refused.outcome, { result: "refused", code });
      assert.ok(refused.status >= 400 && refused.status < 500);
      assert.deepEqual(withoutHash((await holder.send(session, message)).outcome), { result: "refused", code });
      const late = await holder.send(session, good);
      const r = base64urlFromBytes(message.hash);
      assert.deepEqual(late.outcome, { result: "spent", spent: { r, result: "refused", code } });
      assert.equal(late.status, 409);
      assert.equal((await holder.card()).pin.version, version);
      assert.equal((await holder.auditEvents()).at(-1).outcome, "refused");
    }

    for (const [what, pin, code] of [
      ["a PIN in sequence", "1234", "pin_refused"],
      ["a PIN of one digit", "1111", "pin_refused"],
      ["the present PIN", "1928", "pin_reused"],
    ] as const)
      test(`${what}: ${code}`, async () => {
        const holder = await ofProgram({ policy: { formerPins: 2 } });
        const key = await bindWithPin(holder, "1928");
        const session = await holder.session(await holder.wishOf("pin-change", key));
        const [message, good] = await Promise.all(
          [pin, "8264"].map((digits) => sealedMessage(session, { pin: digits }, key)),
        );
        assert.ok(message && good);
        await assertSpends(holder, session, message, good, code);
        if (code === "pin_refused") assert.match((await holder.auditEvents()).at(-1).code, /^pin_(sequence|repeats)$/);
      });

    test("what was sealed for another session: decryption_failed", async () => {
      const { holder, key, session } = await changing();
      const other = await holder.session(await holder.wishOf("pin-change", key));
      const swapped = { ...session, hash: other.hash } as AcceptedSession;
      const sealedElsewhere = await sealedMessage(swapped, { pin: "8264" }, key);
      const good = await sealedMessage(session, { pin: "8264" }, key);
      const message = await resigned(session, sealedElsewhere, key);
      await assertSpends(holder, session, message, good, "decryption_failed");
    });

    test("every altered byte of what is sealed: decryption_failed", async () => {
      const { holder, key } = await bound("1928");
      for (const at of [1, 64, 65, 100, 128]) {
        const session = await holder.session(await holder.wishOf("pin-change", key));
        const good = await sealedMessage(session, { pin: "8264" }, key);
        const bytes = bytesFromBase64url(good.request.message);
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        const request = { ...good.request, message: base64urlFromBytes(bytes) };
        await assertSpends(
          holder,
          session,
          await resigned(session, { ...good, request }, key),
          good,
          "decryption_failed",
        );
      }
    });

    test("a change that another one overtook: session_stale, and the newer PIN stays", async () => {
      const { holder, key, session } = await changing();
      const late = await sealedMessage(session, { pin: "8264" }, key);
      assert.equal((await holder.changePin("7391", key)).outcome?.result, "changed");
      assert.deepEqual((await holder.send(session, late)).outcome, { result: "refused", code: "session_stale" });
      assert.equal(await holder.revealedPin(key), "7391");
    });

    test("a comparison with a PIN that was changed meanwhile: session_stale, and no try is taken", async () => {
      const { holder, key } = await bound("1928");
      const session = await holder.session(await holder.wishOf("pin-verify", key));
      await holder.changePin("7391", key);
      const answer = await holder.seal(session, { pin: "1111" }, key);
      assert.deepEqual(answer.outcome, { result: "refused", code: "session_stale" });
      assert.equal((await holder.card()).pin.remainingAttempts, 3);
    });

    test("a card that was blocked or terminated, a key that was unbound meanwhile", async () => {
      for (const state of ["blocked", "terminated"] as const) {
        const { holder, key, session } = await changing();
        await holder.operator("PATCH", `/cards/${holder.sandbox.issuer.cardId}`, { state });
        const answer = await holder.seal(session, { pin: "8264" }, key);
        assert.deepEqual(answer.outcome, { result: "refused", code: `card_${state}` });
      }
      const { holder, key, session } = await changing();
      const { personId } = holder.sandbox.native;
      const path = `/persons/${personId}/keys/${session.claims.device}`;
      assert.equal((await holder.operator("DELETE", path)).status, 204);
      assert.equal((await holder.operator("DELETE", path)).status, 404);
      const answer = await holder.seal(session, { pin: "8264" }, key);
      assert.deepEqual(answer.outcome, { result: "refused", code: "device_unknown" });
      assert.equal((await holder.ask(await holder.wishOf("pin-verify", key))).answer.body.code, "device_unknown");
      assert.equal((await holder.ask({ op: "bind", auth: "code", key })).answer.body.code, "device_key_exists");
    });

    test("a PIN that is blocked is not revealed: pin_blocked", async () => {
      const { holder, key } = await bound("1928");
      const session = await holder.session(await holder.wishOf("pin-reveal", key));
      for (let tries = 0; tries < 3; tries++) await holder.verifyPin("1111", key);
      const answer = await holder.send(session, await makeRevealMessage(primitives, session, key));
      assert.deepEqual(answer.outcome, { result: "refused", code: "pin_blocked" });
    });

    for (const [what, wrong] of [
      ["a wrong code", { code: "000000" }],
      ["wrong digits", { digits: "00000000" }],
      ["both wrong", { code: "000000", digits: "00000000" }],
    ] as const)
      test(`bind: ${what}: code_incorrect`, async () => {
        const holder = await NativeCardholder.create(issuer.url);
        const key = await primitives.makeSigningKey();
        const session = await holder.session({ op: "bind", auth: "code", key });
        const right = { code: await holder.newestCode(), digits: await holder.lastDigits() };
        const message = await sealedMessage(session, { ...right, ...wrong }, key);
        await assertSpends(holder, session, message, await sealedMessage(session, right, key), "code_incorrect");
        assert.equal((await holder.ask(await holder.wishOf("pin-change", key))).answer.status, 404);
      });
  });

  describe("of a program that asks for the present PIN to bind a device", () => {
    const settings = { presentPinToBind: true };

    const terminate = async (holder: NativeCardholder) => {
      const path = `/cards/${holder.sandbox.issuer.cardId}`;
      assert.equal((await holder.operator("PATCH", path, { state: "terminated" })).status, 200);
    };

    async function binding(holder: NativeCardholder) {
      const key = await primitives.makeSigningKey();
      const session = await holder.session({ op: "bind", auth: "code", key });
      return { key, session, right: { code: await holder.newestCode(), digits: await holder.lastDigits() } };
    }

    test("bind without one while the card has none; then with it, and a further PIN gives the tries back", async () => {
      const holder = await ofProgram(settings);
      const first = await binding(holder);
      assert.equal(first.session.claims.presentPin, undefined);
      assert.equal((await holder.seal(first.session, first.right, first.key)).outcome?.result, "bound");
      assert.equal((await holder.changePin("1928", first.key)).outcome?.result, "changed");
      await holder.verifyPin("1111", first.key);
      const { session, right, key } = await binding(holder);
      assert.equal(session.claims.presentPin, true);
      assert.equal((await holder.seal(session, { ...right, pin: "1928" }, key)).outcome?.result, "bound");
      assert.equal((await eventOf(holder, "native.bind")).pinVersion, 1);
      assert.equal((await holder.card()).pin.remainingAttempts, 3);
      assert.equal(await holder.revealedPin(key), "1928");
    });

    test("refuse another PIN, which takes a try, and none after a wrong code; the third blocks the PIN and says so", async () => {
      const holder = await ofProgram(settings);
      await bindWithPin(holder, "1928");
      const tries = async () => (await holder.card()).pin.remainingAttempts;
      const guessed = await binding(holder);
      const wrongCode = { ...guessed.right, code: "000000", pin: "1111" };
      const { outcome: ofCode } = await holder.seal(guessed.session, wrongCode, guessed.key);
      assert.deepEqual(ofCode, { result: "refused", code: "code_incorrect" });
      assert.equal(await tries(), 3);
      for (const remaining of [2, 1, 0]) {
        const { session, right, key } = await binding(holder);
        const { outcome } = await holder.seal(session, { ...right, pin: "1111" }, key);
        assert.deepEqual(outcome, { result: "refused", code: "pin_refused" });
        assert.equal(await tries(), remaining);
        const { operation, outcome: told, code } = (await holder.auditEvents()).at(-1);
        assert.deepEqual([operation, told, code], ["native.bind", "refused", "pin_refused"]);
        assert.equal((await holder.ask(await holder.wishOf("pin-verify", key))).answer.body.code, "device_unknown");
      }
      const { type } = (await issuer.events()).findLast(({ cardId }) => cardId === holder.sandbox.issuer.cardId) ?? {};
      assert.equal(type, "pin.blocked");
      const { answer } = await holder.ask({ op: "bind", auth: "code", key: await primitives.makeSigningKey() });
      assertUnsigned(answer, 409, "pin_blocked");
    });

    test("refuse a binding that asks for no PIN once the card has one: session_stale", async () => {
      const holder = await ofProgram(settings);
      const key = await holder.bind();
      const early = await binding(holder);
      assert.equal(early.session.claims.presentPin, undefined);
      assert.equal((await holder.changePin("1928", key)).outcome?.result, "changed");
      const { outcome } = await holder.seal(early.session, early.right, early.key);
      assert.deepEqual(outcome, { result: "refused", code: "session_stale" });
    });

    test("ask for the PIN of whichever card of the person the relay names, and bind none by one without a PIN", async () => {
      const holder = await ofProgram(settings);
      const other = await withCardOf(holder, {});
      const early = await binding(other);
      assert.equal(early.session.claims.presentPin, undefined);
      const phone = await bindWithPin(holder, "1928");
      const { outcome } = await other.seal(early.session, early.right, early.key);
      assert.deepEqual(outcome, { result: "refused", code: "session_stale" });
      const wish = { op: "bind", auth: "code", key: early.key } as const;
      assertUnsigned((await other.ask(wish)).answer, 409, "pin_not_set");
      assert.equal((await other.changePin("8264", phone)).outcome?.result, "changed");
      for (const [pin, result] of [
        ["1928", "refused"],
        ["8264", "bound"],
      ] as const) {
        const { session, right, key } = await binding(other);
        assert.equal(session.claims.presentPin, true);
        assert.equal((await other.seal(session, { ...right, pin }, key)).outcome?.result, result);
      }
      await terminate(holder);
      assert.equal((await binding(other)).session.claims.presentPin, undefined);
    });

    test("take no change by code of a card of the person: a PIN that a code alone has set would bind a device", async () => {
      const holder = await ofProgram(settings);
      const other = await withCardOf(holder, { changeByCode: true });
      const wish = { op: "pin-change", auth: "code" } as const;
      const early = await other.session(wish);
      const secrets = { pin: "8264", code: await other.newestCode(), digits: await other.lastDigits() };
      const thumbprint = await thumbprintOf(primitives, await bindWithPin(holder, "1928"));
      const path = `/persons/${holder.sandbox.native.personId}/keys/${thumbprint}`;
      assert.equal((await holder.operator("DELETE", path)).status, 204);
      assertUnsigned(await other.seal(early, secrets), 403, "caller_not_allowed");
      assertUnsigned((await other.ask(wish)).answer, 403, "caller_not_allowed");
      await terminate(holder);
      assert.equal((await other.changePinByCode("8264")).outcome?.result, "changed");
    });

    test("refuse a message that has no PIN where one is due: decryption_failed, and no try is taken", async () => {
      const holder = await ofProgram(settings);
      await bindWithPin(holder, "1928");
      const { session, right, key } = await binding(holder);
      const claims = { ...session.claims, presentPin: false };
      const { outcome } = await holder.send(session, await sealedMessage({ ...session, claims }, right, key));
      assert.deepEqual(outcome, { result: "refused", code: "decryption_failed" });
      assert.equal((await holder.card()).pin.remainingAttempts, 3);
    });
  });

  describe("by code alone", () => {
    const wish = { op: "pin-change", auth: "code" } as const;

    test("are closed unless the program opens them", async () => {
      const { answer } = await (await NativeCardholder.create(issuer.url)).ask(wish);
      assertUnsigned(answer, 403, "caller_not_allowed");
    });

    test("set the PIN of a person who has no device", async () => {
      const holder = await ofProgram({ changeByCode: true });
      assert.deepEqual((await holder.changePinByCode("1928")).outcome, { result: "changed", version: 1 });
      const event = await eventOf(holder, "native.pin_change_by_code");
      assert.deepEqual([event.outcome, event.signature], ["done", undefined]);
      const key = await holder.bind();
      assert.equal(await holder.revealedPin(key), "1928");
    });

    test("look at code and digits before the PIN: a former PIN with a wrong code is no former PIN", async () => {
      const holder = await ofProgram({ changeByCode: true, policy: { formerPins: 2 } });
      await holder.changePinByCode("1928");
      for (const pin of ["1928", "1111"]) {
        const session = await holder.session(wish);
        const secrets = { pin, code: "000000", digits: await holder.lastDigits() };
        const answer = await holder.seal(session, secrets);
        assert.deepEqual(answer.outcome, { result: "refused", code: "code_incorrect" });
      }
      const session = await holder.session(wish);
      const right = { pin: "1928", code: await holder.newestCode(), digits: await holder.lastDigits() };
      assert.deepEqual((await holder.seal(session, right)).outcome, { result: "refused", code: "pin_reused" });
    });

    test("count as attempts at a former PIN only where code and digits are right, and are refused by a signed answer then", async () => {
      const holder = await ofProgram({ changeByCode: true, policy: { formerPins: 2 }, changesPerDay: 2 });
      await holder.changePinByCode("1928");
      const digits = await holder.lastDigits();
      for (let guess = 0; guess < 3; guess++) {
        const session = await holder.session(wish);
        const answer = await holder.seal(session, { pin: "8264", code: "000000", digits });
        assert.deepEqual(answer.outcome, { result: "refused", code: "code_incorrect" });
      }
      for (const [pin, outcome] of [
        ["8264", { result: "changed", version: 2 }],
        ["7391", { result: "changed", version: 3 }],
        ["6173", { result: "refused", code: "rate_limited" }],
      ] as const)
        assert.deepEqual((await holder.changePinByCode(pin)).outcome, outcome);
      assert.equal((await holder.auditEvents()).at(-1).code, "rate_limited");
    });

    test("are closed for a person with a device, also where it was bound after the session was made", async () => {
      const holder = await ofProgram({ changeByCode: true });
      const session = await holder.session(wish);
      const secrets = { pin: "1928", code: await holder.newestCode(), digits: await holder.lastDigits() };
      await holder.bind();
      assert.deepEqual((await holder.seal(session, secrets)).outcome, { result: "refused", code: "session_stale" });
      assertUnsigned((await holder.ask(wish)).answer, 403, "caller_not_allowed");
      assert.equal((await holder.card()).pin.version, 0);
    });

    test("of one session do not serve another: the code is the session's", async () => {
      const holder = await ofProgram({ changeByCode: true });
      const first = await holder.session(wish);
      const code = await holder.newestCode();
      const second = await holder.session(wish);
      if ((await holder.newestCode()) === code) return;
      const digits = await holder.lastDigits();
      const answer = await holder.seal(second, { pin: "1928", code, digits });
      assert.deepEqual(answer.outcome, { result: "refused", code: "code_incorrect" });
      assert.equal((await holder.seal(first, { pin: "1928", code, digits })).outcome?.result, "changed");
    });
  });

  test("on a card that is for the native protocol alone work here, and every vendor's protocol knows no such card", async () => {
    const holder = await ofProgram({ nativeOnly: true });
    const key = await primitives.makeSigningKey();
    const session = await holder.session({ op: "bind", auth: "code", key });
    const secrets = { code: await holder.newestCode(), digits: "12345670" };
    assert.equal((await holder.seal(session, secrets, key)).outcome?.result, "bound");
    assert.equal((await holder.changePin("1928", key)).outcome?.result, "changed");
    assert.equal(await holder.revealedPin(key), "1928");

    const solaris = await SolarisCardholder.of(holder.sandbox);
    const { status, body } = await solaris.changePin("8264", await solaris.bindDevice());
    assert.deepEqual([status, body.errors[0].code], [404, "model_not_found"]);
    assert.equal((await solaris.requestChange("8264")).status, 404);
    const plumery = await PlumeryClient.create(holder.sandbox);
    for (const answer of [await plumery.pin(), await plumery.card()])
      assert.deepEqual([answer.status, answer.body.code], [400, "urn:plmr:cards:connector:CARD_NOT_FOUND"]);
    const adyen = holder.sandbox.adyen;
    for (const path of ["/pins/change", "/pins/reveal", "/paymentInstruments/reveal"]) {
      const sealed = { encryptedKey: "00".repeat(256), encryptedPinBlock: "00".repeat(16), token: "0".repeat(16) };
      const answer = await call("POST", `${adyen.baseUrl}${path}`, {
        headers: { "x-api-key": adyen.apiKey },
        body: {
          paymentInstrumentId: adyen.paymentInstrumentId,
          ...(path.includes("change") ? sealed : { encryptedKey: sealed.encryptedKey }),
        },
      });
      assert.ok(answer.status === 404 || answer.status === 422, `${path}: ${JSON.stringify(answer.body)}`);
    }
    assert.equal(await holder.revealedPin(key), "1928");
  });

  test("on a card for the native protocol alone need a key that such a card bound, not an ordinary card of the person", async () => {
    const holder = await ofProgram({ nativeOnly: true });
    const program = (await holder.operator("POST", "/programs", { name: "Ordinary", settings: {} })).body;
    const { body: card } = await holder.operator("POST", "/cards", {
      personId: holder.sandbox.native.personId,
      programId: program.id,
    });
    const data = { pan: "9999990012345688", cvv2: "123", expiration: { month: 7, year: 2031 } };
    assert.equal((await holder.operator("PUT", `/cards/${card.id}/data`, data)).status, 204);
    const native = { ...holder.sandbox.native, cardId: card.names.native };
    const second = await NativeCardholder.of({ ...holder.sandbox, native });
    const key = await primitives.makeSigningKey();
    const session = await second.session({ op: "bind", auth: "code", key });
    const secrets = { code: await holder.newestCode(), digits: "12345688" };
    assert.equal((await second.seal(session, secrets, key)).outcome?.result, "bound");
    assert.equal((await second.changePin("1928", key)).outcome?.result, "changed");
    for (const op of ["pin-change", "card-reveal"] as const)
      assertUnsigned((await holder.ask(await holder.wishOf(op, key))).answer, 404, "device_unknown");
  });

  test("are answered by the key that signed the session, which was rotated meanwhile", async () => {
    const holder = await NativeCardholder.create(issuer.url);
    const key = await primitives.makeSigningKey();
    const session = await holder.session({ op: "bind", auth: "code", key });
    assert.equal((await holder.operator("POST", "/keys/native-signing/rotate")).status, 201);
    const secrets = { code: await holder.newestCode(), digits: await holder.lastDigits() };
    assert.equal((await holder.seal(session, secrets, key)).outcome?.result, "bound");
  });

  test("take no code that went to a number which is no longer the person's", async () => {
    const holder = await NativeCardholder.create(issuer.url);
    const key = await primitives.makeSigningKey();
    const session = await holder.session({ op: "bind", auth: "code", key });
    const secrets = { code: await holder.newestCode(), digits: await holder.lastDigits() };
    const path = `/persons/${holder.sandbox.native.personId}`;
    const other = { mobileNumber: `+1555${`${Date.now()}`.slice(-7)}` };
    assert.equal((await holder.operator("PATCH", path, other)).status, 200);
    assertUnsigned(await holder.seal(session, secrets, key), 404, "session_unknown");
  });

  test("on a card without card data have no session: a device could not show which card it is", async () => {
    const { holder, key } = await bound();
    const { personId } = holder.sandbox.native;
    const { body: program } = await holder.operator("POST", "/programs", { name: "Blank", settings: {} });
    const { body: blank } = await holder.operator("POST", "/cards", { personId, programId: program.id });
    const wish = await holder.wishOf("pin-change", key);
    const { answer } = await holder.ask(wish, blank.names.native);
    assert.equal(answer.body.code, "card_data_not_set");
  });

  test("of a program with a PIN history are as many a day as it allows, after the first PIN, whatever comes of them", async () => {
    const holder = await ofProgram({ policy: { formerPins: 2 }, changesPerDay: 2 });
    const key = await holder.bind();
    for (const [pin, result] of [
      ["1928", "changed"],
      ["1928", "refused"],
      ["1111", "refused"],
    ] as const)
      assert.equal((await holder.changePin(pin, key)).outcome?.result, result);
    const session = await holder.session(await holder.wishOf("pin-change", key));
    const messages = await Promise.all(["1928", "8264"].map((pin) => sealedMessage(session, { pin }, key)));
    for (const message of messages) assertUnsigned(await holder.send(session, message), 429, "rate_limited");
    assert.equal((await holder.card()).pin.version, 1);
  });

  test("of a session that another process signed are verified, and taken", async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), "linchpin-native-"));
    const signing = await startSandboxIssuer({ dataFolder });
    const holder = await NativeCardholder.create(signing.url);
    const key = await holder.bind();
    const session = await holder.session(await holder.wishOf("pin-change", key));
    const message = await sealedMessage(session, { pin: "8264" }, key);
    await signing.stop();
    const other = await startSandboxIssuer({ dataFolder, port: Number(new URL(signing.url).port) });
    assert.equal((await holder.send(session, message)).outcome?.result, "changed");
    await other.stop();
    await rm(dataFolder, { recursive: true, force: true });
  });

  describe("that are sent again", () => {
    test("say what the first message did: the PIN is changed once, and revealed once", async () => {
      const { holder, key, session } = await changing();
      const message = await sealedMessage(session, { pin: "8264" }, key);
      for (let time = 0; time < 3; time++)
        assert.deepEqual(withoutHash((await holder.send(session, message)).outcome), { result: "changed", version: 2 });
      assert.equal((await holder.card()).pin.version, 2);
      const reveal = await holder.session(await holder.wishOf("pin-reveal", key));
      const asked = await makeRevealMessage(primitives, reveal, key);
      const [first, again] = [await holder.send(reveal, asked), await holder.send(reveal, asked)];
      assert.ok(first.outcome?.result === "revealed" && first.outcome.sealed !== undefined);
      assert.deepEqual(withoutHash(again.outcome), { result: "revealed" });
    });

    test("together, one is first: as many changes as sessions, whichever message won", async () => {
      const { holder, key, session } = await changing();
      const pins = ["8264", "7391", "4071", "2850", "6193", "9274"];
      const messages = await Promise.all(pins.map((pin) => sealedMessage(session, { pin }, key)));
      const answers = await Promise.all(messages.map((message) => holder.send(session, message)));
      const results = answers.map(({ outcome }) => outcome?.result);
      assert.equal(results.filter((result) => result === "changed").length, 1, JSON.stringify(results));
      assert.equal(results.filter((result) => result === "spent").length, pins.length - 1);
      assert.equal((await holder.card()).pin.version, 2);
      assert.equal(await holder.revealedPin(key), pins[results.indexOf("changed")]);
    });

    test("together, of several sessions: no wrong PIN more is compared than the program allows", async () => {
      const { holder, key } = await bound("1928");
      const wish = await holder.wishOf("pin-verify", key);
      const sessions = await Promise.all(Array.from({ length: 8 }, () => holder.session(wish)));
      const answers = await Promise.all(sessions.map((session) => holder.seal(session, { pin: "1111" }, key)));
      const results = answers.map(({ outcome }) => outcome?.result);
      assert.equal(results.filter((result) => result === "mismatch").length, 3, JSON.stringify(results));
      assert.equal(results.filter((result) => result === "blocked").length, 5);
    });
  });

  describe("are refused without a signature, and nothing is spent", () => {
    const wrong: Record<
      string,
      [status: number, code: string, alter: (good: OperationMessage, session: AcceptedSession) => object]
    > = {
      "another session's signature": [
        422,
        "signature_invalid",
        ({ request }) => ({ ...request, signature: "A".repeat(86) }),
      ],
      "no signature": [400, "request_invalid", ({ request: { signature: _, ...request } }) => request],
      "an unknown member": [400, "request_invalid", ({ request }) => ({ ...request, pin: 1 })],
      "a key beside it": [
        400,
        "request_invalid",
        ({ request }) => ({ ...request, key: { kty: "EC", crv: "P-256", x: "A".repeat(43), y: "A".repeat(43) } }),
      ],
      "a message cut short": [
        400,
        "request_invalid",
        ({ request }) => ({ ...request, message: request.message.slice(0, 100) }),
      ],
      "a message with padding": [
        400,
        "request_invalid",
        ({ request }) => ({ ...request, message: `${request.message}=` }),
      ],
      "a session that is not ours": [
        404,
        "session_unknown",
        ({ request }) => ({ ...request, session: request.session.replace(/^[^.]+/, header({ kid: "A".repeat(43) })) }),
      ],
      "a session with another payload": [
        404,
        "session_unknown",
        ({ request }) => ({
          ...request,
          session: request.session.replace(/\.[^.]+\./, `.${payloadOf(request.session, { op: "pin-verify" })}.`),
        }),
      ],
      "a session without its signature": [
        404,
        "session_unknown",
        ({ request }) => ({ ...request, session: request.session.replace(/[^.]+$/, "") }),
      ],
      "a session with another's signature": [
        404,
        "session_unknown",
        ({ request }) => ({ ...request, session: request.session.replace(/[^.]+$/, "A".repeat(86)) }),
      ],
      "a session with alg none": [
        404,
        "session_unknown",
        ({ request }, { manifest: _ }) => ({
          ...request,
          session: request.session.replace(/^[^.]+/, header({ alg: "none" })),
        }),
      ],
      "an answer in place of the session": [
        404,
        "session_unknown",
        ({ request }) => ({
          ...request,
          session: request.session.replace(/^[^.]+/, header({ typ: "linchpin-answer+jwt" })),
        }),
      ],
    };
    for (const [what, [status, code, alter]] of Object.entries(wrong))
      test(`${what}: ${code}`, async () => {
        const { holder, key, session } = await changing();
        const good = await sealedMessage(session, { pin: "8264" }, key);
        assertUnsigned(await holder.partner("/operations", alter(good, session)), status, code);
        assert.deepEqual((await holder.send(session, good)).outcome, { result: "changed", version: 2 });
      });

    test("another device of the same person: signature_invalid", async () => {
      const { holder, key, session } = await changing();
      const other = await holder.bind();
      assertUnsigned(await holder.seal(session, { pin: "8264" }, other), 422, "signature_invalid");
      assert.equal((await holder.seal(session, { pin: "8264" }, key)).outcome?.result, "changed");
    });

    test("a binding whose key is another one than the session's: session_mismatch", async () => {
      const holder = await NativeCardholder.create(issuer.url);
      const [key, other] = [await primitives.makeSigningKey(), await primitives.makeSigningKey()];
      const session = await holder.session({ op: "bind", auth: "code", key });
      const right = { code: await holder.newestCode(), digits: await holder.lastDigits() };
      assertUnsigned(await holder.seal(session, right, other), 409, "session_mismatch");
      assert.equal((await holder.seal(session, right, key)).outcome?.result, "bound");
    });

    test("another partner's caller, and one without a token", async () => {
      const { holder, key, session } = await changing();
      const good = await sealedMessage(session, { pin: "8264" }, key);
      const stranger = await strangerTo(holder);
      assertUnsigned(await stranger.partner("/operations", good.request), 404, "card_unknown");
      const nobody = Object.assign(Object.create(NativeCardholder.prototype), {
        sandbox: holder.sandbox,
        token: "none",
      });
      assertUnsigned(await nobody.partner("/operations", good.request), 401, "caller_unknown");
      assert.equal((await holder.send(session, good)).outcome?.result, "changed");
    });
  });

  /** A cardholder of another partner, who calls by their own credential. */
  async function strangerTo({ sandbox }: NativeCardholder): Promise<NativeCardholder> {
    const { issuer: api } = sandbox;
    const holder = await NativeCardholder.of(sandbox);
    const partner = (await holder.operator("POST", "/partners", { name: "Another partner" })).body;
    const credential = (await holder.operator("POST", `/partners/${partner.id}/credentials`, { protocol: "native" }))
      .body;
    return NativeCardholder.of({ ...sandbox, issuer: api, native: { ...sandbox.native, ...credential } });
  }
});

/** One's own message again has the outcome of the first time, with its hash. */
function withoutHash(outcome: object | null): object {
  const { r: _, ...others } = (outcome ?? {}) as { r?: string };
  return others;
}

/** The message's bytes, signed for this session. */
async function resigned(session: AcceptedSession, { request }: OperationMessage, key: SigningKey) {
  const hash = await primitives.sha256(bytesFromBase64url(request.message));
  const label = new TextEncoder().encode("linchpin/v1 device");
  const signed = Uint8Array.of(0xff, ...label, 0, ...session.hash, ...hash);
  const signature = base64urlFromBytes(await key.sign(signed));
  return { hash, request: { ...request, session: session.compact, signature } } satisfies OperationMessage;
}

function header(changed: object): string {
  return encode({ alg: "ES256", typ: "linchpin-session+jwt", kid: "", ...changed });
}

function payloadOf(session: string, changed: object): string {
  const payload = JSON.parse(Buffer.from(session.split(".")[1] ?? "", "base64url").toString());
  return encode({ ...payload, ...changed });
}

function encode(json: object): string {
  return Buffer.from(JSON.stringify(json)).toString("base64url");
}
