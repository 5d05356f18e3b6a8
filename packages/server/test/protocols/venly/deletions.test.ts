import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { assertVenlyError, auditTrail, transferBody, VenlyPartner, type VenlyUser } from "@linchpin/testing/venly";

describe("Venly's users and signing methods, deleted and updated", () => {
  let issuer: SandboxIssuer;
  let partner: VenlyPartner;
  let another: VenlyPartner;

  before(async () => {
    issuer = await startSandboxIssuer();
    partner = await VenlyPartner.create(issuer.url);
    another = await VenlyPartner.createAnother(issuer.url);
  });
  after(() => issuer.stop());

  const plainHeader = (user: VenlyUser, value = user.pin.value) => ({ "signing-method": `${user.pin.id}:${value}` });
  const sealedHeader = async (user: VenlyUser, body = "", method = user.pin) => ({
    "encrypted-signing-method": await user.sign(body, method),
  });
  const remove = (path: string, headers: Record<string, string> = {}, by = partner) =>
    by.send("DELETE", path, undefined, headers);
  const userPath = (user: VenlyUser) => `/api/users/${user.id}`;
  const methodPath = (user: VenlyUser, methodId: string) => `${userPath(user)}/signing-methods/${methodId}`;

  describe("a signing method", () => {
    it("is deleted, authorized by another one, plain or sealed", async () => {
      const user = await partner.makeUser();
      const code = await user.addEmergencyCode();
      const biometric = await user.addBiometric();
      const plain = await remove(methodPath(user, code.id), plainHeader(user));
      assert.deepEqual([plain.status, plain.body], [200, { success: true }]);
      const sealed = await remove(methodPath(user, biometric.id), await sealedHeader(user));
      assert.deepEqual([sealed.status, sealed.body], [200, { success: true }]);
      assert.deepEqual(
        (await user.describe()).signingMethods.map(({ type }: { type: string }) => type),
        ["PIN"],
      );
    });

    it("authorizes nothing once it is deleted, and is unknown; one of its type may be made anew", async () => {
      const user = await partner.makeUser();
      const code = await user.addEmergencyCode();
      const header = { "signing-method": `${code.id}:${code.value}` };
      assert.equal((await remove(methodPath(user, code.id), plainHeader(user))).status, 200);
      assertVenlyError(await user.transfer(transferBody, code), 404, "signing-method.not-found");
      assertVenlyError(await user.updateMethod(user.pin.id, "654321", code), 404, "signing-method.not-found");
      assertVenlyError(await user.updateMethod(code.id, "A".repeat(25)), 404, "signing-method.not-found");
      assertVenlyError(await remove(userPath(user), header), 404, "signing-method.not-found");
      assertVenlyError(await remove(methodPath(user, code.id), plainHeader(user)), 404, "signing-method.not-found");
      assert.notEqual((await user.addEmergencyCode()).id, code.id);
    });

    it("is not deleted where it is a PIN, nor by itself", async () => {
      const user = await partner.makeUser();
      const code = await user.addEmergencyCode();
      const byItself = { "signing-method": `${code.id}:${code.value}` };
      assertVenlyError(await remove(methodPath(user, user.pin.id), plainHeader(user)), 400, "request.invalid");
      assertVenlyError(await remove(methodPath(user, user.pin.id), byItself), 400, "request.invalid");
      assertVenlyError(await remove(methodPath(user, code.id), byItself), 400, "request.invalid");
      assert.equal((await user.describe()).signingMethods.length, 2);
    });

    it("is not deleted without a right method of the user; a wrong value counts", async () => {
      const [user, other] = [await partner.makeUser(), await partner.makeUser()];
      const code = await user.addEmergencyCode();
      const path = methodPath(user, code.id);
      assertVenlyError(await remove(path), 403, "signing-method.required");
      assertVenlyError(await remove(path, plainHeader(user, "000000")), 403, "pincode.incorrect");
      assertVenlyError(await remove(path, plainHeader(user, "")), 400, "pincode.empty");
      assertVenlyError(await remove(path, plainHeader(other)), 404, "signing-method.not-found");
      assertVenlyError(
        await remove(path, { ...plainHeader(user), ...(await sealedHeader(user)) }),
        400,
        "request.invalid",
      );
      assertVenlyError(await remove(path, await sealedHeader(user, "{}")), 400, "signature.mismatch");
      assertVenlyError(await remove(path, plainHeader(user), another), 404, "user.not-found");
      assertVenlyError(await remove(methodPath(other, code.id), plainHeader(other)), 404, "signing-method.not-found");
      assertVenlyError(
        await remove(methodPath(user, randomUUID()), plainHeader(user)),
        404,
        "signing-method.not-found",
      );
      assert.equal((await user.describe()).signingMethods.length, 2);
      assert.equal(await user.incorrectAttempts(), 1);
    });

    it("is deleted once by one sealed header, which is used up", async () => {
      const user = await partner.makeUser();
      const [code, biometric] = [await user.addEmergencyCode(), await user.addBiometric()];
      const header = await sealedHeader(user);
      assert.equal((await remove(methodPath(user, code.id), header)).status, 200);
      assertVenlyError(await remove(methodPath(user, biometric.id), header), 409, "encryption.already-used");
      assertVenlyError(await remove(userPath(user), header), 409, "encryption.already-used");
    });

    it("that is locked deletes nothing", async () => {
      const user = await partner.makeUser();
      const code = await user.addEmergencyCode();
      for (let wrong = 0; wrong < 10; wrong++) await remove(methodPath(user, code.id), plainHeader(user, "000000"));
      assertVenlyError(await remove(methodPath(user, code.id), plainHeader(user)), 403, "pincode.no-tries-left");
      assertVenlyError(await remove(userPath(user), plainHeader(user)), 403, "pincode.no-tries-left");
    });
  });

  describe("a user", () => {
    it("is deleted by one of the methods, and is refused everywhere from then on", async () => {
      const user = await partner.makeUser();
      const code = await user.addEmergencyCode();
      const addressed = await sealedHeader(user, transferBody);
      const deleted = await remove(userPath(user), await sealedHeader(user));
      assert.deepEqual([deleted.status, deleted.body], [200, { success: true }]);
      assertVenlyError(await partner.send("GET", userPath(user)), 404, "user.not-found");
      assertVenlyError(await partner.send("PUT", userPath(user), { reference: "x" }), 404, "user.not-found");
      assertVenlyError(await remove(userPath(user), plainHeader(user)), 404, "user.not-found");
      assertVenlyError(await remove(methodPath(user, code.id), plainHeader(user)), 404, "user.not-found");
      assertVenlyError(await user.updateMethod(user.pin.id, "654321", code), 404, "user.not-found");
      assertVenlyError(await user.addMethod({ type: "EMERGENCY_CODE" }), 404, "user.not-found");
      assertVenlyError(
        await partner.send("POST", `${userPath(user)}/signing-methods`, { type: "PIN", value: "482915" }),
        404,
        "user.not-found",
      );
      for (const method of [user.pin, code])
        assertVenlyError(await user.transfer(transferBody, method), 404, "signing-method.not-found");
      const early = await partner.send("POST", "/api/transactions/execute", transferBody, addressed);
      assertVenlyError(early, 404, "signing-method.not-found");
      const plain = await partner.send("POST", "/api/transactions/execute", transferBody, plainHeader(user));
      assertVenlyError(plain, 404, "signing-method.not-found");
      assert.deepEqual(await partner.transfers(user.id), []);
      const { body } = await partner.send("GET", "/api/users");
      assert.ok(!body.result.some(({ id }: { id: string }) => id === user.id));
    });

    it("is not deleted without a right method of the user, nor by another partner", async () => {
      const [user, other] = [await partner.makeUser(), await partner.makeUser()];
      assertVenlyError(await remove(userPath(user)), 403, "signing-method.required");
      assertVenlyError(await remove(userPath(user), plainHeader(user, "000000")), 403, "pincode.incorrect");
      assertVenlyError(await remove(userPath(user), plainHeader(other)), 404, "signing-method.not-found");
      assertVenlyError(await remove(userPath(user), plainHeader(user), another), 404, "user.not-found");
      assertVenlyError(await remove(`/api/users/${randomUUID()}`, plainHeader(user)), 404, "user.not-found");
      assert.equal(await user.incorrectAttempts(), 1);
    });

    it("is deleted once, however many requests come at once", async () => {
      const user = await partner.makeUser();
      const answers = await Promise.all(Array.from({ length: 6 }, () => remove(userPath(user), plainHeader(user))));
      const codes = answers.map(({ status, body }) => (status === 200 ? "deleted" : body.errors[0].code)).sort();
      assert.equal(codes.filter((code) => code === "deleted").length, 1);
      for (const code of codes.filter((word) => word !== "deleted"))
        assert.match(code, /^(user|signing-method)\.not-found$/);
    });

    it("without a method is deleted without one, and not by a method of nobody", async () => {
      const { body } = await partner.send("POST", "/api/users", { reference: "Bare" });
      const path = `/api/users/${body.result.id}`;
      assertVenlyError(await remove(path, {}, another), 404, "user.not-found");
      const nobodys = { "signing-method": `${randomUUID()}:482915` };
      assertVenlyError(await remove(path, nobodys), 404, "signing-method.not-found");
      assert.equal((await remove(path)).status, 200);
      assertVenlyError(await partner.send("GET", path), 404, "user.not-found");
      assertVenlyError(await remove(path), 404, "user.not-found");
    });

    it("gets another reference, or none; a wrong request changes nothing", async () => {
      const user = await partner.makeUser();
      const updated = await partner.send("PUT", userPath(user), { reference: "Updated reference" });
      assert.deepEqual([updated.status, updated.body.result], [200, await user.describe()]);
      assert.equal(updated.body.result.reference, "Updated reference");
      const envelope = {
        encryption: {
          type: "AES/GCM/NoPadding",
          key: { encryptedValue: "AAAA", encryptionKeyId: "k" },
          iv: "AAAAAAAAAAAAAAAA",
        },
        value: "AAAAAAAAAAAAAAAAAAAAAAAA",
      };
      for (const wrong of [
        { reference: 5 },
        { reference: "" },
        { name: "x" },
        { reference: "x".repeat(257) },
        envelope,
      ])
        assert.equal((await partner.send("PUT", userPath(user), wrong)).status, 400);
      assertVenlyError(await partner.send("PUT", userPath(user), "{"), 400, "request.invalid-json");
      assertVenlyError(await another.send("PUT", userPath(user), { reference: "x" }), 404, "user.not-found");
      assert.equal((await user.describe()).reference, "Updated reference");
      for (const none of [{ reference: null }, {}])
        assert.equal((await partner.send("PUT", userPath(user), none)).body.result.reference, null);
    });
  });

  describe("the list of users", () => {
    it("says on which page it is, and is filtered by reference", async () => {
      const third = await VenlyPartner.createAnother(issuer.url);
      const [user] = [await third.makeUser(), await third.makeUser(), await third.makeUser()];
      await third.send("PUT", userPath(user), { reference: "The first" });
      const list = async (query: string) => (await third.send("GET", `/api/users${query}`)).body;
      const filtered = await list("?reference=The%20first");
      assert.deepEqual(
        filtered.result.map(({ id }: { id: string }) => id),
        [user.id],
      );
      assert.equal(filtered.pagination.numberOfElements, 1);
      const second = await list("?page=2&size=2");
      assert.equal(second.result.length, 1);
      assert.deepEqual(second.pagination, {
        pageNumber: 2,
        pageSize: 2,
        numberOfPages: 2,
        numberOfElements: 3,
        hasNextPage: false,
        hasPreviousPage: true,
      });
      const { hasNextPage, hasPreviousPage } = (await list("?size=2")).pagination;
      assert.deepEqual([hasNextPage, hasPreviousPage], [true, false]);
      assert.deepEqual((await list("?reference=nobody")).pagination.numberOfPages, 0);
      for (const query of ["?page=0", "?size=0", "?size=1001", "?reference="])
        assertVenlyError(await third.send("GET", `/api/users${query}`), 400, "request.invalid");
      assert.deepEqual((await another.send("GET", "/api/users?reference=The%20first")).body.result, []);
    });
  });

  it("each deletion, update and refusal leaves an audit event", async () => {
    const events = await auditTrail(issuer);
    for (const operation of ["venly.users.delete", "venly.signing_methods.delete", "venly.users.update"])
      for (const outcome of ["done", "refused"])
        assert.ok(
          events.some((event) => event.operation === operation && event.outcome === outcome),
          `${operation} ${outcome}`,
        );
  });
});
