import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { thumbprintOf } from "@linchpin/protocols/native/device";
import { ErrorReply } from "@linchpin/protocols/native/wire";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { until } from "@linchpin/test-fixtures/system/until";
import type { Answer } from "@linchpin/testing/call";
import { NativeCardholder } from "@linchpin/testing/native";
import { Value } from "typebox/value";
import { codeLimits } from "../../../src/protocols/native/session-code.ts";

describe("sessions of the native protocol", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer({ environment: { LINCHPIN_NATIVE_CODES_PER_DAY: "5" } });
  });
  after(() => issuer.stop());

  function assertRefused(answer: Answer, status: number, code: string): void {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
    assert.ok(Value.Check(ErrorReply, answer.body));
    assert.equal(answer.body.code, code);
  }

  const bindWish = async () => ({ op: "bind", auth: "code", key: await primitives.makeSigningKey() }) as const;

  test("name card, person and key, and where the code went; the code is in the message alone", async () => {
    const holder = await NativeCardholder.create(issuer.url);
    const wish = await bindWish();
    const { claims, compact } = await holder.session(wish);
    const { native, solaris } = holder.sandbox;
    assert.deepEqual(
      [claims.op, claims.auth, claims.sub, claims.holder, claims.card.ref, claims.card.version],
      ["bind", "code", native.personId, "Robin Example", native.cardId, 0],
    );
    assert.equal(claims.device, await thumbprintOf(primitives, wish.key));
    assert.equal(claims.exp - claims.iat, 300);
    assert.equal(claims.card.last4, (await holder.lastDigits()).slice(-4));
    assert.equal(claims.to, `${solaris.mobileNumber.slice(0, 3)}…${solaris.mobileNumber.slice(-2)}`);
    assert.ok(compact.length <= 2048);
    const code = await holder.newestCode();
    assert.ok(
      !Buffer.from(compact.split(".")[1] ?? "", "base64url")
        .toString()
        .includes(code),
    );
    const event = (await holder.auditEvents()).find(({ operation }) => operation === "native.sessions");
    assert.deepEqual([event.outcome, event.op], ["done", "bind"]);
  });

  test("and answers are JSON by their type", async () => {
    const holder = await NativeCardholder.create(issuer.url);
    const typeOf = ({ headers }: Answer) => headers.get("content-type");
    const key = await holder.bind();
    const { answer } = await holder.ask(await holder.wishOf("pin-change", key));
    const changed = await holder.seal(
      await holder.session(await holder.wishOf("pin-change", key)),
      { pin: "1928" },
      key,
    );
    const json = "application/json; charset=utf-8";
    assert.deepEqual([answer, changed].map(typeOf), [json, json]);
  });

  test("come with the list of the native keys alone, as soon as the root has signed it", async () => {
    const holder = await NativeCardholder.create(issuer.url);
    const key = await holder.bind();
    const whole = await (await fetch(`${issuer.url}/issuer-keys`)).text();
    let manifest = whole;
    await until(async () => {
      const { answer } = await holder.ask(await holder.wishOf("pin-change", key));
      manifest = answer.body.manifest;
      return manifest !== whole;
    });
    const [all, native] = [whole, manifest].map((jws) =>
      JSON.parse(Buffer.from(jws.split(".")[1] ?? "", "base64url").toString()),
    );
    assert.deepEqual({ ...native, keys: [] }, { ...all, keys: [] });
    const purposes = new Set(native.keys.map(({ purpose }: { purpose: string }) => purpose));
    assert.deepEqual([...purposes].sort(), ["native-hpke", "native-root", "native-signing"]);
    await holder.session(await holder.wishOf("pin-change", key));
  });

  test("name the person as the operator does", async () => {
    const holder = await NativeCardholder.create(issuer.url);
    const path = `/persons/${holder.sandbox.native.personId}/name`;
    assert.equal((await holder.operator("PUT", path, { name: "Zoë Müller" })).status, 204);
    assert.equal((await holder.session(await bindWish())).claims.holder, "Zoë Müller");
    assert.equal((await holder.operator("PUT", path, { name: "" })).status, 400);
    assert.equal((await holder.operator("PUT", "/persons/none/name", { name: "Zoë" })).body.code, "person_unknown");
  });

  test("of a change tell the program's rules, without its deny list and history", async () => {
    const holder = await NativeCardholder.create(issuer.url);
    const { claims } = await holder.session(await holder.wishOf("pin-change", await holder.bind()));
    assert.deepEqual(Object.keys(claims.policy ?? {}).toSorted(), [
      "maxLength",
      "maxSameDigit",
      "minLength",
      "sequences",
      "wrapAround",
    ]);
  });

  describe("are refused", () => {
    const point = (changed: object) => ({ kty: "EC", crv: "P-256", x: "A".repeat(43), y: "A".repeat(43), ...changed });
    const nonce = "AAAAAAAAAAAAAAAAAAAAAA";
    const shapes: Record<string, object> = {
      "without an operation": { auth: "code", nonce },
      "for an operation that there is not": { op: "unbind", auth: "device", nonce },
      "by a code, to compare": { op: "pin-verify", auth: "code", nonce },
      "by a device, to bind": { op: "bind", auth: "device", nonce },
      "with an unknown member": { op: "pin-change", auth: "code", nonce, pin: "1928" },
      "without a nonce": { op: "pin-change", auth: "code" },
      "with a nonce that is not canonical": { op: "pin-change", auth: "code", nonce: `${nonce.slice(0, -1)}B` },
      "with a short nonce": { op: "pin-change", auth: "code", nonce: nonce.slice(1) },
      "to bind no key": { op: "bind", auth: "code", nonce },
      "to bind a point off the curve": { op: "bind", auth: "code", nonce, key: point({}) },
      "to bind a private key": { op: "bind", auth: "code", nonce, key: point({ d: "A".repeat(43) }) },
      "to bind a key of another curve": { op: "bind", auth: "code", nonce, key: point({ crv: "P-384" }) },
      "with a key, where none is bound": { op: "pin-change", auth: "code", nonce, key: point({}) },
      "by a device that is not named": { op: "pin-change", auth: "device", nonce },
      "by a code and a device": { op: "pin-change", auth: "code", nonce, device: "A".repeat(43) },
    };
    for (const [what, request] of Object.entries(shapes))
      test(`${what}: request_invalid, and no code goes out`, async () => {
        const holder = await NativeCardholder.create(issuer.url);
        const answer = await holder.partner("/sessions", { card: holder.sandbox.native.cardId, ...request });
        assertRefused(answer, 400, "request_invalid");
        assert.deepEqual(await holder.messages(), []);
      });

    test("for a card that is unknown, another partner's, blocked or terminated", async () => {
      const holder = await NativeCardholder.create(issuer.url);
      const wish = await bindWish();
      assertRefused((await holder.ask(wish, "none")).answer, 404, "card_unknown");
      const partner = (await holder.operator("POST", "/partners", { name: "Another partner" })).body;
      const path = `/partners/${partner.id}/credentials`;
      const credential = (await holder.operator("POST", path, { protocol: "native" })).body;
      const { sandbox } = holder;
      const stranger = await NativeCardholder.of({ ...sandbox, native: { ...sandbox.native, ...credential } });
      assertRefused((await stranger.ask(wish)).answer, 404, "card_unknown");
      for (const [state, code] of [
        ["blocked", "card_blocked"],
        ["terminated", "card_terminated"],
      ]) {
        await holder.operator("PATCH", `/cards/${holder.sandbox.issuer.cardId}`, { state });
        assertRefused((await holder.ask(wish)).answer, 409, code ?? "");
      }
      assert.deepEqual(await holder.messages(), []);
      const events = (await holder.auditEvents()).filter(({ operation }) => operation === "native.sessions");
      assert.deepEqual(
        events.map(({ outcome, code }) => `${outcome} ${code}`),
        ["refused card_blocked", "refused card_terminated"],
      );
    });

    test("without a token, or with one of another protocol", async () => {
      const holder = await NativeCardholder.create(issuer.url);
      const { solaris, native } = holder.sandbox;
      const asSolaris = { tokenUrl: `${solaris.baseUrl}/oauth2/token`, clientId: solaris.clientId };
      const other = await NativeCardholder.of({
        ...holder.sandbox,
        native: { ...native, ...asSolaris, clientSecret: solaris.clientSecret },
      });
      assert.ok(other.token);
      assertRefused((await other.ask(await bindWish())).answer, 401, "caller_unknown");
    });

    test("where there is no PIN to compare or reveal, and for a device that is not bound, or is another's", async () => {
      const [holder, other] = [await NativeCardholder.create(issuer.url), await NativeCardholder.create(issuer.url)];
      const [key, othersKey] = [await holder.bind(), await other.bind()];
      for (const op of ["pin-verify", "pin-reveal"] as const)
        assertRefused((await holder.ask(await holder.wishOf(op, key))).answer, 409, "pin_not_set");
      for (const stranger of [othersKey, await primitives.makeSigningKey()])
        assertRefused((await holder.ask(await holder.wishOf("pin-change", stranger))).answer, 404, "device_unknown");
    });

    test("to bind a key that was unbound, or is another person's; not one of the person's own, whose answer was lost", async () => {
      const holder = await NativeCardholder.create(issuer.url);
      const first = await holder.bind();
      const wish = { op: "bind", auth: "code", key: first } as const;
      const other = await NativeCardholder.create(issuer.url);
      assertRefused((await other.ask(wish)).answer, 409, "device_key_exists");
      const again = await holder.session(wish);
      const code = await holder.newestCode();
      assert.equal(
        (await holder.seal(again, { code, digits: await holder.lastDigits() }, first)).outcome?.result,
        "bound",
      );
      const { native } = holder.sandbox;
      const path = `/persons/${native.personId}/keys/${again.claims.device}`;
      assert.equal((await holder.operator("DELETE", path)).status, 204);
      assertRefused((await holder.ask(wish)).answer, 409, "device_key_exists");
    });

    test("for a code, where the operator set no name of the person: a device could show none", async () => {
      const holder = await NativeCardholder.create(issuer.url);
      const { partnerId } = (await holder.operator("GET", `/persons/${holder.sandbox.native.personId}`)).body;
      const mobileNumber = `+1555${`${Date.now()}`.slice(-7)}`;
      const person = (await holder.operator("POST", "/persons", { partnerId, mobileNumber })).body;
      const card = (await holder.operator("POST", "/cards", { personId: person.id, programId: "sandbox" })).body;
      const data = { pan: "9999990012345670", cvv2: "123", expiration: { month: 7, year: 2031 } };
      await holder.operator("PUT", `/cards/${card.id}/data`, data);
      const name = (text: string) => holder.operator("PUT", `/persons/${person.id}/name`, { name: text });
      const ask = async () => (await holder.ask(await bindWish(), card.names.native)).answer;
      assertRefused(await ask(), 409, "person_name_missing");
      assert.equal((await name(" \u200b ")).status, 204);
      assertRefused(await ask(), 409, "person_name_missing");
      assert.equal((await name("李")).status, 204);
      assert.equal((await ask()).status, 200);
    });

    test("not, where other keys were bound between a session and its message", async () => {
      const holder = await NativeCardholder.create(issuer.url);
      await holder.bind();
      const late = await primitives.makeSigningKey();
      const session = await holder.session({ op: "bind", auth: "code", key: late });
      const secrets = { code: await holder.newestCode(), digits: await holder.lastDigits() };
      for (let keys = 1; keys < 4; keys++) await holder.bind();
      assert.equal((await holder.seal(session, secrets, late)).outcome?.result, "bound");
    });

    test("where an operator set no number: a code never goes to one that the partner registered", async () => {
      const holder = await NativeCardholder.create(issuer.url);
      const { operator, sandbox } = { operator: holder.operator.bind(holder), sandbox: holder.sandbox };
      const { partnerId } = (await operator("GET", `/persons/${sandbox.native.personId}`)).body;
      const person = (await operator("POST", "/persons", { partnerId })).body;
      const card = (await operator("POST", "/cards", { personId: person.id, programId: "sandbox" })).body;
      const data = { pan: "9999990012345670", cvv2: "123", expiration: { month: 7, year: 2031 } };
      await operator("PUT", `/cards/${card.id}/data`, data);
      assertRefused((await holder.ask(await bindWish(), card.names.native)).answer, 409, "mobile_number_missing");
    });
  });

  describe("are limited", () => {
    test("to five codes a person and day, however many ask at once", async () => {
      const holder = await NativeCardholder.create(issuer.url);
      const asked = await Promise.all(Array.from({ length: 12 }, async () => holder.ask(await bindWish())));
      const statuses = asked.map(({ answer }) => answer.status);
      assert.equal(statuses.filter((status) => status === 200).length, 5, statuses.join());
      for (const { answer } of asked) if (answer.status !== 200) assertRefused(answer, 429, "rate_limited");
      assert.equal((await holder.messages()).length, 5);
      await issuer.clock.advance("24h");
      const renewed = await NativeCardholder.of(holder.sandbox);
      assert.equal((await renewed.ask(await bindWish())).answer.status, 200);
    });
  });
});

describe("codes of the native protocol", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  test("are taken no more after ten wrong ones in a row, however many come at once, until an operator allows it", async () => {
    const holder = await NativeCardholder.create(issuer.url);
    const digits = await holder.lastDigits();
    const guesses = [];
    for (let count = 0; count < 16; count++) {
      const key = await primitives.makeSigningKey();
      const session = await holder.session({ op: "bind", auth: "code", key });
      const isRight = count === 15;
      guesses.push({ key, session, code: isRight ? await holder.newestCode() : "0000", digits });
    }
    const right = guesses.pop();
    assert.ok(right !== undefined);
    const answers = await Promise.all(
      guesses.map(({ key, session, code }) => holder.seal(session, { code, digits }, key)),
    );
    const codes = answers.map(({ outcome }) => (outcome?.result === "refused" ? outcome.code : outcome?.result));
    assert.equal(codes.filter((code) => code === "code_incorrect").length, 10, codes.join());
    assert.equal(codes.filter((code) => code === "code_locked").length, 5, codes.join());
    const late = await holder.seal(right.session, { code: right.code, digits }, right.key);
    assert.deepEqual(late.outcome, { result: "refused", code: "code_locked" });
    const { answer } = await holder.ask({ op: "bind", auth: "code", key: right.key });
    assert.deepEqual([answer.status, answer.body.code], [422, "code_locked"]);

    const path = `/persons/${holder.sandbox.native.personId}/codes/allow`;
    assert.equal((await holder.operator("POST", path)).status, 204);
    await holder.bind();
    assert.equal((await holder.operator("POST", "/persons/none/codes/allow")).status, 404);
  });

  test("leave who guesses them the chances that SECURITY.md says: for a person, and a day for a partner", () => {
    const { wrongInARow, wrongPerPartnerAndDay } = codeLimits(5);
    assert.deepEqual([wrongInARow / 1e6, wrongPerPartnerAndDay / 1e6], [1 / 100_000, 1 / 5000]);
  });

  test("that are right forget the wrong ones before", async () => {
    const holder = await NativeCardholder.create(issuer.url);
    const digits = await holder.lastDigits();
    for (let round = 0; round < 2; round++) {
      for (let wrong = 0; wrong < 6; wrong++) {
        const key = await primitives.makeSigningKey();
        const session = await holder.session({ op: "bind", auth: "code", key });
        const answer = await holder.seal(session, { code: "0000", digits }, key);
        assert.deepEqual(answer.outcome, { result: "refused", code: "code_incorrect" });
      }
      await holder.bind();
    }
  });
});
