import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { sealMethodRequest, sealUserRequest } from "@linchpin/protocols/venly/device";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";

import { assertVenlyError, auditTrail, transferBody, VenlyPartner, type VenlyUser } from "@linchpin/testing/venly";

describe("Venly's users and their signing methods", () => {
  let issuer: SandboxIssuer;
  let partner: VenlyPartner;
  let another: VenlyPartner;

  before(async () => {
    issuer = await startSandboxIssuer();
    partner = await VenlyPartner.create(issuer.url);
    another = await VenlyPartner.createAnother(issuer.url);
  });
  after(() => issuer.stop());

  const makeUser = (body: unknown) => partner.send("POST", "/api/users", body);
  const pinOf = (value: unknown) => ({ reference: "A user", signingMethod: { type: "PIN", value } });
  const plainHeader = (user: VenlyUser, value = user.pin.value) => ({ "signing-method": `${user.pin.id}:${value}` });

  describe("a user", () => {
    it("is made in plain or sealed, and is seen by its partner alone", async () => {
      const plain = await makeUser(pinOf("482915"));
      assert.equal(plain.status, 200);
      const { result } = plain.body;
      assert.deepEqual(Object.keys(result), ["id", "reference", "createdAt", "signingMethods"]);
      assert.deepEqual(result.signingMethods, [
        {
          id: result.signingMethods[0].id,
          type: "PIN",
          incorrectAttempts: 0,
          remainingAttempts: 10,
          lastUsedSuccess: true,
          hasMasterSecret: true,
        },
      ]);
      const sealed = await partner.makeUser();
      assert.deepEqual((await partner.send("GET", `/api/users/${result.id}`)).body, { success: true, result });
      const listed = (await partner.send("GET", "/api/users")).body.result.map(({ id }: { id: string }) => id);
      assert.ok(listed.includes(result.id) && listed.includes(sealed.id));
      assertVenlyError(await another.send("GET", `/api/users/${result.id}`), 404, "user.not-found");
      assert.deepEqual((await another.send("GET", "/api/users")).body.result, []);
      assertVenlyError(await partner.send("GET", `/api/users/${randomUUID()}`), 404, "user.not-found");
    });

    it("is listed page by page", async () => {
      const third = await VenlyPartner.createAnother(issuer.url);
      const made = [await third.makeUser(), await third.makeUser(), await third.makeUser()].map(({ id }) => id);
      const page = async (query: string) =>
        (await third.send("GET", `/api/users?${query}`)).body.result.map(({ id }: { id: string }) => id);
      assert.deepEqual(await page("size=2"), made.slice(0, 2));
      assert.deepEqual(await page("page=2&size=2"), made.slice(2));
      for (const query of ["size=0", "size=1001", "page=0", "page=x"])
        assertVenlyError(await third.send("GET", `/api/users?${query}`), 400, "request.invalid");
    });

    it("may come without a method, whose first is then a PIN and needs no header", async () => {
      const { body } = await makeUser({ reference: "Später" });
      assert.deepEqual([body.result.reference, body.result.signingMethods], ["Später", []]);
      const path = `/api/users/${body.result.id}/signing-methods`;
      const add = (method: unknown) => partner.send("POST", path, method);
      assertVenlyError(await add({ type: "EMERGENCY_CODE" }), 400, "request.invalid");
      const biometric = { type: "BIOMETRIC", value: "some-biometric", physicalDeviceId: "phone" };
      assertVenlyError(await add(biometric), 400, "request.invalid");
      const sealed = await sealMethodRequest(primitives, await partner.issuerKey(), {
        type: "PIN",
        value: utf8("482915"),
      });
      const first = await add(sealed);
      assert.deepEqual([first.status, first.body.result.type], [200, "PIN"]);
      assert.equal("value" in first.body.result, false, "what was sent is not told");
      assertVenlyError(await add({ type: "EMERGENCY_CODE" }), 403, "signing-method.required");
    });

    for (const [what, value, code] of [
      ["five digits", "48291", "signing-method.invalid-value"],
      ["seven digits", "4829150", "signing-method.invalid-value"],
      ["a letter", "48291a", "signing-method.invalid-value"],
      ["a space", "48 915", "signing-method.invalid-value"],
      ["Arabic-Indic digits", "٤٨٢", "signing-method.invalid-value"],
      ["full-width digits", "４８２９１５", "signing-method.invalid-value"],
      ["nothing in it", "", "pincode.empty"],
      ["a number", 482915, "request.invalid"],
      ["null", null, "pincode.empty"],
      ["an array", ["482915"], "request.invalid"],
      ["an object", { value: "482915" }, "request.invalid"],
    ] as const)
      it(`is refused a PIN with ${what}, plain and sealed, and it is not in the answer`, async () => {
        const plain = await makeUser(pinOf(value));
        assertVenlyError(plain, 400, code);
        assert.ok(value === "" || value === null || !JSON.stringify(plain.body).includes(String(value)));
        if (typeof value !== "string") return;
        const signingMethod = { type: "PIN", value: utf8(value) } as const;
        const sealed = await sealUserRequest(primitives, await partner.issuerKey(), { reference: "r", signingMethod });
        assertVenlyError(await makeUser(sealed), 400, code);
      });

    it("is refused without a PIN's value, with another first method, a wrong or an unknown member", async () => {
      assertVenlyError(await makeUser({ reference: "r", signingMethod: { type: "PIN" } }), 400, "pincode.empty");
      for (const body of [
        [],
        "text",
        { reference: "" },
        { reference: "x".repeat(257) },
        { reference: 5 },
        { reference: "a\u0000b" },
        { reference: "r", signingMethod: {} },
        { reference: "r", signingMethod: "PIN" },
        { reference: "r", signingMethod: { type: "pin", value: "482915" } },
        { reference: "r", signingMethod: { type: "EMERGENCY_CODE" } },
        { reference: "r", signingMethod: { type: "PIN", value: "482915" }, "482915": "x" },
      ]) {
        const answer = await makeUser(body === "text" ? '"482915"' : body);
        assert.match(answer.body.errors[0].code, /^request\.invalid/);
        assert.equal(answer.status, 400);
        assert.ok(!JSON.stringify(answer.body).includes("482915"));
      }
    });

    it("may have no reference, and null stands for what is left out", async () => {
      for (const body of [{}, { reference: null }, { reference: null, signingMethod: null }]) {
        const { status, body: made } = await makeUser(body);
        assert.deepEqual([status, made.result.reference, made.result.signingMethods], [200, null, []]);
      }
      const withPin = { signingMethod: { type: "PIN", value: "482915", physicalDeviceId: null } };
      assert.equal((await makeUser(withPin)).body.result.signingMethods.length, 1);
    });

    it("has a PIN beside which a device is not read", async () => {
      const signingMethod = { type: "PIN", value: "482915", physicalDeviceId: "phone" };
      const { body } = await makeUser({ reference: "r", signingMethod });
      const header = { "signing-method": `${body.result.signingMethods[0].id}:482915` };
      assert.equal((await partner.send("POST", "/api/transactions", transferBody, header)).status, 200);
    });

    it("is refused where the JSON is none, has a member twice, or nests too deep", async () => {
      for (const [body, code] of [
        ['{"reference":"482915', "request.invalid-json"],
        ['{"reference":"r"}{}', "request.invalid-json"],
        ['{"reference":"\\x"}', "request.invalid-json"],
        ["", "request.invalid-json"],
        ['{"reference":"r","reference":"482915"}', "request.invalid"],
        [`${'{"a":'.repeat(200)}"b"${"}".repeat(200)}`, "request.invalid"],
      ] as const) {
        const answer = await makeUser(body);
        assertVenlyError(answer, 400, code);
        assert.ok(!JSON.stringify(answer.body).includes("482915"));
      }
    });

    it("is made once by one envelope, also of many at once", async () => {
      const signingMethod = { type: "PIN", value: utf8("482915") } as const;
      const sealed = await sealUserRequest(primitives, await partner.issuerKey(), { reference: "r", signingMethod });
      const answers = await Promise.all(Array.from({ length: 10 }, () => makeUser(sealed)));
      assert.equal(answers.filter(({ status }) => status === 200).length, 1);
      for (const answer of answers.filter(({ status }) => status !== 200))
        assertVenlyError(answer, 409, "encryption.already-used");
    });
  });

  describe("a later signing method", () => {
    let user: VenlyUser;
    before(async () => {
      user = await partner.makeUser();
    });
    const path = () => `/api/users/${user.id}/signing-methods`;
    const add = (method: unknown, headers: Record<string, string>) => partner.send("POST", path(), method, headers);

    it("is authorized by a method of the user, plain or sealed", async () => {
      const owner = await partner.makeUser();
      const biometric = { type: "BIOMETRIC", value: "some-biometric", physicalDeviceId: "phone" } as const;
      const to = `/api/users/${owner.id}/signing-methods`;
      const plain = await partner.send("POST", to, biometric, plainHeader(owner));
      assert.equal(plain.status, 200);
      assert.equal((await owner.addMethod({ ...biometric, value: utf8("another-one") })).status, 200);
      assert.equal((await owner.describe()).signingMethods.length, 3);
    });

    it("is an emergency code that is made here, answered once, and valid", async () => {
      const owner = await partner.makeUser();
      const codes = new Set<string>();
      const { id, value } = await owner.addEmergencyCode();
      codes.add(value);
      assert.match(value, /^[A-Za-z0-9]{25}$/);
      assert.equal((await owner.transfer(transferBody, { id, value })).status, 200);
      assert.ok(!JSON.stringify(await owner.describe()).includes(value));
      codes.add((await (await partner.makeUser()).addEmergencyCode()).value);
      assert.equal(codes.size, 2);
    });

    for (const [what, value] of [
      ["empty", ""],
      ["null", null],
    ] as const)
      it(`is an emergency code that is made here where its value is ${what}`, async () => {
        const owner = await partner.makeUser();
        const to = `/api/users/${owner.id}/signing-methods`;
        const method = { type: "EMERGENCY_CODE", value, physicalDeviceId: "phone" };
        const { body } = await partner.send("POST", to, method, plainHeader(owner));
        assert.match(body.result.value, /^[A-Za-z0-9]{25}$/);
      });

    it("is a password of 8 to 256 visible ASCII characters, one a user", async () => {
      const owner = await partner.makeUser();
      const to = `/api/users/${owner.id}/signing-methods`;
      const make = (value: string) => partner.send("POST", to, { type: "PASSWORD", value }, plainHeader(owner));
      for (const value of ["Sh0rt!!", "with a space", "contraseña1"])
        assertVenlyError(await make(value), 400, "signing-method.invalid-value");
      const { body } = await make("Tr0ub4dor&3");
      assert.equal(body.result.type, "PASSWORD");
      const header = { "signing-method": `${body.result.id}:Tr0ub4dor&3` };
      assert.equal((await partner.send("POST", "/api/transactions", transferBody, header)).status, 200);
      assertVenlyError(await make("Tr0ub4dor&4"), 409, "signing-method.already-exists");
    });

    it("is an emergency code that was sent, which no answer contains", async () => {
      const owner = await partner.makeUser();
      const value = "UvHSS5SCYek3U2W9h4gEUa9VZ";
      const made = await owner.addMethod({ type: "EMERGENCY_CODE", value: utf8(value) });
      assert.equal(made.body.result.value, undefined);
      assert.equal((await owner.transfer(transferBody, { id: made.body.result.id, value })).status, 200);
    });

    it("is refused as a second PIN or a second emergency code", async () => {
      const owner = await partner.makeUser();
      await owner.addEmergencyCode();
      for (const method of [{ type: "PIN", value: utf8("739164") }, { type: "EMERGENCY_CODE" }] as const)
        assertVenlyError(await owner.addMethod(method), 409, "signing-method.already-exists");
    });

    it("is refused without one of the user's, with another user's, with a wrong value", async () => {
      const other = await partner.makeUser();
      const stranger = await another.makeUser();
      assertVenlyError(await add({ type: "EMERGENCY_CODE" }, {}), 403, "signing-method.required");
      for (const owner of [other, stranger])
        assertVenlyError(await add({ type: "EMERGENCY_CODE" }, plainHeader(owner)), 404, "signing-method.not-found");
      assertVenlyError(await add({ type: "EMERGENCY_CODE" }, plainHeader(user, "000000")), 403, "pincode.incorrect");
      assert.equal((await user.describe()).signingMethods.length, 1);
      assert.equal(await user.incorrectAttempts(), 1);
    });

    it("is refused with a value or a device that its type does not take", async () => {
      const header = plainHeader(user);
      for (const [method, code] of [
        [{ type: "EMERGENCY_CODE", value: "UvHSS5SCYek3U2W9h4gEUa9V" }, "signing-method.invalid-value"],
        [{ type: "EMERGENCY_CODE", value: "UvHSS5SCYek3U2W9h4gEUa9V-" }, "signing-method.invalid-value"],
        [{ type: "BIOMETRIC", value: "short", physicalDeviceId: "p" }, "signing-method.invalid-value"],
        [{ type: "BIOMETRIC", physicalDeviceId: "phone" }, "pincode.empty"],
        [{ type: "BIOMETRIC", value: "some-biometric" }, "request.invalid"],
        [{ type: "BIOMETRIC", value: "some-biometric", physicalDeviceId: "" }, "request.invalid"],
        [{ value: "482915" }, "request.invalid"],
      ] as const)
        assertVenlyError(await add(method, header), 400, code);
      assert.equal((await user.describe()).signingMethods.length, 1);
    });

    it("is refused for a user that is not there, or another partner's", async () => {
      const stranger = await another.makeUser();
      for (const id of [randomUUID(), stranger.id]) {
        const answer = await partner.send("POST", `/api/users/${id}/signing-methods`, { type: "EMERGENCY_CODE" });
        assertVenlyError(answer, 404, "user.not-found");
      }
    });
  });

  describe("a new value", () => {
    it("replaces the old one, authorized by the method itself or by another", async () => {
      const user = await partner.makeUser();
      const code = await user.addEmergencyCode();
      assert.equal((await user.updateMethod(user.pin.id, "739164")).status, 200);
      assertVenlyError(await user.transfer(), 403, "pincode.incorrect");
      assert.equal((await user.updateMethod(user.pin.id, "628374", code)).status, 200);
      assert.equal((await user.transfer(transferBody, { ...user.pin, value: "628374" })).status, 200);
    });

    it("of a biometric keeps its device", async () => {
      const user = await partner.makeUser();
      const biometric = await user.addBiometric();
      assert.equal((await user.updateMethod(biometric.id, "another-value")).status, 200);
      assert.equal((await user.transfer(transferBody, { ...biometric, value: "another-value" })).status, 200);
    });

    it("of an emergency code is made here when none is sent, in plain too", async () => {
      const user = await partner.makeUser();
      const { id } = await user.addEmergencyCode();
      const path = `/api/users/${user.id}/signing-methods/${id}`;
      const { body } = await partner.send("PUT", path, {}, plainHeader(user));
      assert.equal((await user.transfer(transferBody, { id, value: body.result.value })).status, 200);
    });

    it("is refused where the type does not take it, and the old one stays", async () => {
      const user = await partner.makeUser();
      assertVenlyError(await user.updateMethod(user.pin.id, "12345"), 400, "signing-method.invalid-value");
      assertVenlyError(await user.updateMethod(user.pin.id, ""), 400, "pincode.empty");
      assert.equal((await user.transfer()).status, 200);
    });

    it("is refused without a method, for another user's, another partner's, and one that is not there", async () => {
      const [user, other, stranger] = [await partner.makeUser(), await partner.makeUser(), await another.makeUser()];
      const put = (userId: string, methodId: string, headers: Record<string, string>) =>
        partner.send("PUT", `/api/users/${userId}/signing-methods/${methodId}`, { value: "739164" }, headers);
      assertVenlyError(await put(user.id, user.pin.id, {}), 403, "signing-method.required");
      assertVenlyError(await put(user.id, other.pin.id, plainHeader(user)), 404, "signing-method.not-found");
      assertVenlyError(await put(user.id, user.pin.id, plainHeader(other)), 404, "signing-method.not-found");
      assertVenlyError(await put(user.id, randomUUID(), plainHeader(user)), 404, "signing-method.not-found");
      assertVenlyError(await put(stranger.id, stranger.pin.id, plainHeader(stranger)), 404, "user.not-found");
      assert.equal((await other.transfer()).status, 200);
      assert.equal((await stranger.transfer()).status, 200);
    });

    it("sealed for one user or body is refused for another", async () => {
      const [user, other] = [await partner.makeUser(), await partner.makeUser()];
      const header = { "encrypted-signing-method": await user.sign('{"value":"739164"}') };
      const path = (of: VenlyUser) => `/api/users/${of.id}/signing-methods/${of.pin.id}`;
      const swapped = await partner.send("PUT", path(user), '{"value":"000000"}', header);
      assertVenlyError(swapped, 400, "signature.mismatch");
      const elsewhere = await partner.send("PUT", path(other), '{"value":"739164"}', header);
      assertVenlyError(elsewhere, 404, "signing-method.not-found");
      assert.equal((await partner.send("PUT", path(user), '{"value":"739164"}', header)).status, 200);
    });
  });

  it("each change and each refusal is audited, without a value", async () => {
    const events = await auditTrail(issuer);
    for (const operation of ["venly.users.make", "venly.signing_methods.make", "venly.signing_methods.update"])
      for (const outcome of ["done", "refused"])
        assert.ok(
          events.some((event) => event.operation === operation && event.outcome === outcome),
          `${operation} ${outcome}`,
        );
    for (const code of ["signing_method_incorrect", "signing_method_required", "body_mismatch", "replayed"])
      assert.ok(
        events.some((event) => event.code === code),
        code,
      );
    for (const value of ["482915", "739164", "628374", "000000"])
      assert.ok(!events.some((event) => Object.values(event).includes(value)), value);
  });
});
