import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { type Answer, call } from "@linchpin/testing/call";
import {
  assertVenlyError,
  auditTrail,
  fetchToken,
  headerOf,
  type KnownMethod,
  transferBody,
  VenlyPartner,
  type VenlyUser,
} from "@linchpin/testing/venly";

describe("a Venly signing method", () => {
  let issuer: SandboxIssuer;
  let partner: VenlyPartner;
  let user: VenlyUser;
  const clock = { aheadMs: 0 };

  before(async () => {
    issuer = await startSandboxIssuer({ clock: () => new Date(Date.now() + clock.aheadMs) });
    partner = await VenlyPartner.create(issuer.url);
    user = await partner.makeUser();
  });
  after(() => issuer.stop());

  /** Refused in these words; nothing ran, and no attempt was counted. */
  async function assertRefused(answer: Answer, status: number, code: string, attempts = 0): Promise<void> {
    assertVenlyError(answer, status, code);
    assert.deepEqual(await partner.transfers(user.id), ran, "nothing ran");
    assert.equal(await user.incorrectAttempts(), attempts);
  }
  let ran: unknown[] = [];

  describe("authorizes", () => {
    after(async () => {
      ran = await partner.transfers(user.id);
    });

    it("a protected request, which runs once and is answered as the upstream answers", async () => {
      const answer = await user.transfer();
      assert.equal(answer.status, 200);
      assert.deepEqual(Object.keys(answer.body), ["success", "result"]);
      const [transfer] = await partner.transfers(user.id);
      assert.equal(transfer.transactionHash, answer.body.result.transactionHash);
      assert.equal(transfer.body, transferBody, "unchanged");
      assert.equal(transfer.path, "/api/transactions/execute");
      assert.equal(transfer.bodySha256, createHash("sha256").update(transferBody).digest("hex"));
    });

    it("by the form of the vendor's TypeScript example: base64 hash, /api/transactions", async () => {
      const header = await user.sign(transferBody, user.pin, { hash: "base64" });
      assert.equal((await user.sendTransfer(transferBody, header, "/api/transactions")).status, 200);
    });

    it("for bodies of any white space, hashed as they are", async () => {
      const spaced = JSON.stringify(JSON.parse(transferBody), null, 3);
      assert.equal((await user.transfer(spaced)).status, 200);
      assert.equal((await partner.transfers(user.id)).at(-1).body, spaced);
    });

    it("in plain", async () => {
      const headers = { "signing-method": `${user.pin.id}:${user.pin.value}` };
      const answer = await partner.send("POST", "/api/transactions/execute", transferBody, headers);
      assert.equal(answer.status, 200);
      assert.equal((await partner.transfers(user.id)).at(-1).idempotencyKey, null);
    });

    it("by an emergency code, and by a biometric with its device", async () => {
      const owner = await partner.makeUser();
      for (const method of [await owner.addEmergencyCode(), await owner.addBiometric()])
        assert.equal((await owner.transfer(transferBody, method)).status, 200);
      assert.equal((await partner.transfers(owner.id)).length, 2);
    });

    it("whatever the query, which goes on too", async () => {
      const path = "/api/transactions/execute?chain=MATIC&x=%2F";
      assert.equal((await user.sendTransfer(transferBody, await user.sign(transferBody), path)).status, 200);
      assert.equal((await partner.transfers(user.id)).at(-1).path, path);
    });
  });

  describe("refuses a body", () => {
    for (const [what, alter] of [
      ["of another amount", (body: string) => body.replace('"value":1', '"value":9')],
      ["whose members stand in another order", (body: string) => JSON.stringify(reversed(JSON.parse(body)))],
      ["with white space that was not hashed", (body: string) => `${body}\n`],
      ["in other white space", (body: string) => JSON.stringify(JSON.parse(body), null, 2)],
    ] as const)
      it(what, async () => {
        const answer = await user.sendTransfer(alter(transferBody), await user.sign(transferBody));
        await assertRefused(answer, 400, "signature.mismatch");
      });

    it("that is empty", async () => {
      const headers = { "encrypted-signing-method": await user.sign(transferBody) };
      const answer = await partner.send("POST", "/api/transactions/execute", "", headers);
      await assertRefused(answer, 400, "signature.mismatch");
    });

    it("of another content type, and of 10 MB", async () => {
      const header = await user.sign(transferBody);
      const sent = { "encrypted-signing-method": header };
      const text = await partner.send("POST", "/api/transactions", transferBody, {
        ...sent,
        "content-type": "text/plain",
      });
      await assertRefused(text, 415, "request.unsupported-media-type");
      const large = await partner.send("POST", "/api/transactions", "x".repeat(10_000_000), sent);
      await assertRefused(large, 413, "request.too-large");
      assert.equal((await user.sendTransfer(transferBody, header)).status, 200, "and none of these spent it");
      ran = await partner.transfers(user.id);
    });
  });

  describe("refuses an envelope", () => {
    type Envelope = {
      encryption: { type: string; key: { encryptedValue: string; encryptionKeyId: string }; iv: string };
      value: string;
    };
    const flipped = (base64: string, at = 0) => {
      const bytes = Buffer.from(base64, "base64");
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return bytes.toString("base64");
    };
    const cut = (base64: string, bytes: number) => Buffer.from(base64, "base64").subarray(0, bytes).toString("base64");
    const withEncryption = (envelope: Envelope, more: object) => ({
      ...envelope,
      encryption: { ...envelope.encryption, ...more },
    });
    const withKey = (envelope: Envelope, more: object) =>
      withEncryption(envelope, { key: { ...envelope.encryption.key, ...more } });

    for (const [what, alter] of [
      [
        "with an altered wrapped key",
        (e) => withKey(e, { encryptedValue: flipped(e.encryption.key.encryptedValue, 9) }),
      ],
      [
        "with a wrapped key cut short",
        (e) => withKey(e, { encryptedValue: cut(e.encryption.key.encryptedValue, 255) }),
      ],
      ["with no wrapped key", (e) => withKey(e, { encryptedValue: "" })],
      ["with an altered IV", (e) => withEncryption(e, { iv: flipped(e.encryption.iv) })],
      ["with an IV of 16 bytes", (e) => withEncryption(e, { iv: Buffer.alloc(16).toString("base64") })],
      ["with an IV of 11 bytes", (e) => withEncryption(e, { iv: cut(e.encryption.iv, 11) })],
      ["with an altered ciphertext", (e) => ({ ...e, value: flipped(e.value, 20) })],
      ["with an altered tag", (e) => ({ ...e, value: flipped(e.value, Buffer.from(e.value, "base64").length - 1) })],
      ["without its tag", (e) => ({ ...e, value: cut(e.value, Buffer.from(e.value, "base64").length - 16) })],
      ["with a truncated tag", (e) => ({ ...e, value: cut(e.value, Buffer.from(e.value, "base64").length - 4) })],
      ["with nothing in it", (e) => ({ ...e, value: "" })],
      ["of another type", (e) => withEncryption(e, { type: "AES/CBC/PKCS5Padding" })],
      ["of a type in another case", (e) => withEncryption(e, { type: "aes/gcm/nopadding" })],
      ["without a type", (e) => withEncryption(e, { type: undefined })],
      ["without a key id", (e) => withKey(e, { encryptionKeyId: undefined })],
      ["with a key id that is a number", (e) => withKey(e, { encryptionKeyId: 1 })],
      ["with an IV that is null", (e) => withEncryption(e, { iv: null })],
      ["with a member too many", (e) => ({ ...e, extra: "1" })],
      ["with a member too many below", (e) => withKey(e, { extra: "1" })],
      ["in base64url", (e) => ({ ...e, value: Buffer.from(`${e.value}+/`, "base64").toString("base64url") })],
      ["in base64 with line breaks", (e) => ({ ...e, value: `${e.value.slice(0, 64)}\n${e.value.slice(64)}` })],
      ["in base64 without padding", (e) => withEncryption(e, { iv: `${e.encryption.iv.slice(0, -1)}` })],
      ["in hex", (e) => ({ ...e, value: Buffer.from(e.value, "base64").toString("hex") })],
      ["that is oversized", (e) => ({ ...e, value: Buffer.alloc(5000).toString("base64") })],
    ] as readonly [string, (envelope: Envelope) => unknown][])
      it(what, async () => {
        const header = await user.sign(transferBody);
        const altered = alter(JSON.parse(Buffer.from(header, "base64").toString()));
        await assertRefused(await user.sendTransfer(transferBody, headerOf(altered)), 400, "encryption.invalid");
        assert.equal((await user.sendTransfer(transferBody, header)).status, 200, "the right one was not spent by it");
        ran = await partner.transfers(user.id);
      });

    for (const [what, alter] of [
      ["that is empty", () => ""],
      ["that is no base64", () => "{}"],
      ["in base64url", (header: string) => header.replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_")],
      ["with white space around", (header: string) => `${header.slice(0, 8)} ${header.slice(8)}`],
      ["that holds no JSON", () => headerOf("encryption")],
      ["that holds an array", () => headerOf("[]")],
      ["cut short", (header: string) => header.slice(0, -8)],
      ["with something behind", (header: string) => headerOf(`${Buffer.from(header, "base64")}{}`)],
      [
        "with a member twice",
        (header: string) => headerOf(`{"value":"",${Buffer.from(header, "base64").toString().slice(1)}`),
      ],
      ["with a byte order mark", (header: string) => headerOf(`\uFEFF${Buffer.from(header, "base64")}`)],
      [
        "of ten thousand characters",
        (header: string) => headerOf(`${" ".repeat(7000)}${Buffer.from(header, "base64")}`),
      ],
      ["twice, with a comma between", (header: string) => `${header}, ${header}`],
    ] as const)
      it(`in a header ${what}`, async () => {
        const header = alter(await user.sign(transferBody));
        await assertRefused(await user.sendTransfer(transferBody, header), 400, "encryption.invalid");
      });

    it("for a key that nobody knows, and for one of another purpose", async () => {
      const { body: sandbox } = await call("GET", `${issuer.url}/sandbox`);
      const { body: keys } = await call("GET", `${sandbox.issuer.baseUrl}/keys`, { bearer: sandbox.issuer.apiKey });
      const ofSolaris = keys.find(({ purpose }: { purpose: string }) => purpose === "solaris-pin").id;
      for (const encryptionKeyId of [randomUUID(), ofSolaris]) {
        const envelope = JSON.parse(Buffer.from(await user.sign(transferBody), "base64").toString());
        const altered = withKey(envelope, { encryptionKeyId });
        await assertRefused(await user.sendTransfer(transferBody, headerOf(altered)), 400, "encryption.unknown-key");
      }
    });
  });

  describe("refuses a replay", () => {
    it("of a header with its body", async () => {
      const header = await user.sign(transferBody);
      assert.equal((await user.sendTransfer(transferBody, header)).status, 200);
      ran = await partner.transfers(user.id);
      await assertRefused(await user.sendTransfer(transferBody, header), 409, "encryption.already-used");
      const rewritten = headerOf(JSON.stringify(JSON.parse(Buffer.from(header, "base64").toString()), null, 1));
      await assertRefused(await user.sendTransfer(transferBody, rewritten), 409, "encryption.already-used");
      const elsewhere = await user.sendTransfer(transferBody, header, "/api/transactions");
      await assertRefused(elsewhere, 409, "encryption.already-used");
    });

    it("of an idempotency key in a fresh envelope, also in another case and for another body", async () => {
      const idempotencyKey = randomUUID();
      assert.equal((await user.transfer(transferBody, user.pin, { idempotencyKey })).status, 200);
      ran = await partner.transfers(user.id);
      for (const [body, key] of [
        [transferBody, idempotencyKey],
        [transferBody, idempotencyKey.toUpperCase()],
        ["{}", idempotencyKey],
      ] as const)
        await assertRefused(
          await user.transfer(body, user.pin, { idempotencyKey: key }),
          409,
          "idempotency-key.already-used",
        );
    });

    it("of twenty at once: one runs", async () => {
      const header = await user.sign(transferBody);
      const same = await Promise.all(Array.from({ length: 20 }, () => user.sendTransfer(transferBody, header)));
      assert.deepEqual(statusesOf(same), { 200: 1, 409: 19 });
      const idempotencyKey = randomUUID();
      const headers = await Promise.all(
        Array.from({ length: 20 }, () => user.sign(transferBody, user.pin, { idempotencyKey })),
      );
      const fresh = await Promise.all(headers.map((each) => user.sendTransfer(transferBody, each)));
      assert.deepEqual(statusesOf(fresh), { 200: 1, 409: 19 });
      assert.equal((await partner.transfers(user.id)).length, ran.length + 2);
      ran = await partner.transfers(user.id);
    });

    it("of a wrong attempt, which is not counted twice; its idempotency key is still good", async () => {
      const idempotencyKey = randomUUID();
      const header = await user.sign(transferBody, { ...user.pin, value: "000000" }, { idempotencyKey });
      await assertRefused(await user.sendTransfer(transferBody, header), 403, "pincode.incorrect", 1);
      await assertRefused(await user.sendTransfer(transferBody, header), 409, "encryption.already-used", 1);
      assert.equal((await user.transfer(transferBody, user.pin, { idempotencyKey })).status, 200);
      assert.equal(await user.incorrectAttempts(), 0);
      ran = await partner.transfers(user.id);
    });
  });

  describe("refuses what stands in its envelope", () => {
    const refused = async (method: object, more: object = {}, code = "encryption.invalid", status = 400) => {
      const known = { ...user.pin, ...method } as KnownMethod;
      await assertRefused(await user.transfer(transferBody, known, more), status, code);
    };

    it("an idempotency key that is no UUID, or none", async () => {
      for (const idempotencyKey of ["", "1", `${randomUUID()}0`, `{${randomUUID()}}`, randomUUID().replaceAll("-", "")])
        await refused({}, { idempotencyKey });
    });

    it("a member that is not documented", () => refused({ pin: "482915" }));
    it("a method that nobody has", () => refused({ id: randomUUID() }, {}, "signing-method.not-found", 404));
    it("an empty value", () => refused({ value: "" }, {}, "pincode.empty"));
    it("an id that is empty", () => refused({ id: "" }));
    it("an id with a NUL", () => refused({ id: "a\u0000b" }));
    it("a value of a thousand characters", () => refused({ value: "1".repeat(1000) }));

    it("another user's method at another partner", async () => {
      const stranger = await (await VenlyPartner.createAnother(issuer.url)).makeUser();
      assertVenlyError(await user.transfer(transferBody, stranger.pin), 404, "signing-method.not-found");
      assert.equal(await stranger.incorrectAttempts(), 0);
      assert.equal((await stranger.transfer()).status, 200);
    });

    it("a biometric without its device, and counts one with another's", async () => {
      const owner = await partner.makeUser();
      const { id, value } = await owner.addBiometric();
      assertVenlyError(await owner.transfer(transferBody, { id, value }), 400, "request.invalid");
      assert.equal(await owner.incorrectAttempts(id), 0);
      const elsewhere = { id, value, physicalDeviceId: "another phone" };
      assertVenlyError(await owner.transfer(transferBody, elsewhere), 403, "pincode.incorrect");
      assert.equal(await owner.incorrectAttempts(id), 1);
    });
  });

  describe("takes", () => {
    it("a device beside a method that has none, and does not read it", async () => {
      const owner = await partner.makeUser();
      assert.equal((await owner.transfer(transferBody, { ...owner.pin, physicalDeviceId: "phone" })).status, 200);
    });

    it("a biometric by the plain header, which can not name its device: the audit event says so", async () => {
      const owner = await partner.makeUser();
      const { id, value } = await owner.addBiometric();
      const send = (presented: string) =>
        partner.send("POST", "/api/transactions", transferBody, { "signing-method": `${id}:${presented}` });
      assert.equal((await send(value)).status, 200);
      assertVenlyError(await send("another-value"), 403, "pincode.incorrect");
      assert.equal(await owner.incorrectAttempts(id), 1);
      const events = (await auditTrail(issuer)).filter(({ authorizedBy }) => authorizedBy === id);
      assert.deepEqual(
        events.map(({ outcome, deviceNamed }) => [outcome, deviceNamed]),
        [
          ["done", false],
          ["refused", false],
        ],
      );
    });
  });

  describe("refuses a request", () => {
    it("with no signing method, or with both", async () => {
      const none = await partner.send("POST", "/api/transactions/execute", transferBody);
      await assertRefused(none, 403, "signing-method.required");
      const both = {
        "encrypted-signing-method": await user.sign(transferBody),
        "signing-method": `${user.pin.id}:${user.pin.value}`,
      };
      const answer = await partner.send("POST", "/api/transactions/execute", transferBody, both);
      await assertRefused(answer, 400, "request.invalid");
    });

    it("whose plain header is malformed, wrong or empty of value", async () => {
      const plain = (header: string) =>
        partner.send("POST", "/api/transactions/execute", transferBody, { "signing-method": header });
      for (const header of ["", user.pin.id, `:${user.pin.value}`, `${user.pin.id}:${"1".repeat(300)}`])
        await assertRefused(await plain(header), 400, "request.invalid");
      await assertRefused(await plain(`${user.pin.id}:`), 400, "pincode.empty");
      await assertRefused(await plain(`${randomUUID()}:482915`), 404, "signing-method.not-found");
      await assertRefused(await plain(`${user.pin.id}:482914`), 403, "pincode.incorrect", 1);
      assert.equal((await plain(`${user.pin.id}:482915`)).status, 200);
      ran = await partner.transfers(user.id);
    });

    it("without a token, with a wrong one, another protocol's, an expired one", async () => {
      const headers = { "encrypted-signing-method": await user.sign(transferBody) };
      const url = `${partner.baseUrl}/api/transactions/execute`;
      assertVenlyError(await call("POST", url, { body: transferBody, headers }), 401, "auth.token-missing");
      for (const bearer of ["wrong", "sandbox-operator-key", "sandbox-plumery-token"])
        assertVenlyError(await call("POST", url, { body: transferBody, headers, bearer }), 401, "auth.token-invalid");
      clock.aheadMs = 3_600_000;
      const expired = await partner.send("POST", "/api/transactions/execute", transferBody, headers);
      clock.aheadMs = 0;
      assertVenlyError(expired, 401, "auth.token-expired");
      const ours = await partner.send("POST", "/api/transactions/execute", transferBody, headers);
      assert.equal(ours.status, 200, "and none of these spent it");
    });

    it("to a path that is not protected, and by another method", async () => {
      const headers = { "encrypted-signing-method": await user.sign(transferBody) };
      assertVenlyError(await partner.send("POST", "/api/wallets", transferBody, headers), 404, "resource.not-found");
      assertVenlyError(
        await partner.send("PUT", "/api/transactions", transferBody, headers),
        404,
        "resource.not-found",
      );
    });
  });

  describe("has ten tries", () => {
    it("of fifty wrong ones at once, ten are answered that they are wrong, and a right one comes too late", async () => {
      const owner = await partner.makeUser();
      const wrong = await Promise.all(
        Array.from({ length: 50 }, () => owner.transfer(transferBody, { ...owner.pin, value: "000000" })),
      );
      const codes = wrong.map(({ body }) => body.errors[0].code);
      assert.equal(codes.filter((code) => code === "pincode.incorrect").length, 10);
      assert.equal(codes.filter((code) => code === "pincode.no-tries-left").length, 40);
      assertVenlyError(await owner.transfer(), 403, "pincode.no-tries-left");
      const { signingMethods } = await owner.describe();
      assert.deepEqual([signingMethods[0].incorrectAttempts, signingMethods[0].remainingAttempts], [10, 0]);
      assert.deepEqual(await partner.transfers(owner.id), []);
    });

    it("and all of them again after a right one", async () => {
      const owner = await partner.makeUser();
      const wrong = { ...owner.pin, value: "482916" };
      for (let round = 0; round < 2; round++) {
        for (let tries = 0; tries < 9; tries++)
          assertVenlyError(await owner.transfer(transferBody, wrong), 403, "pincode.incorrect");
        assert.equal((await owner.transfer()).status, 200);
      }
    });

    it("and many right ones at once are all right", async () => {
      const owner = await partner.makeUser();
      const answers = await Promise.all(Array.from({ length: 20 }, () => owner.transfer()));
      assert.deepEqual(statusesOf(answers), { 200: 20 });
    });

    it("until another valid method gives it a new value", async () => {
      const owner = await partner.makeUser();
      const code = await owner.addEmergencyCode();
      const wrong = { ...owner.pin, value: "000000" };
      for (let tries = 0; tries < 10; tries++) await owner.transfer(transferBody, wrong);
      assertVenlyError(await owner.updateMethod(owner.pin.id, "739164"), 403, "pincode.no-tries-left");
      const recovered = await owner.updateMethod(owner.pin.id, "739164", code);
      assert.equal(recovered.status, 200);
      assert.equal(recovered.body.result.remainingAttempts, 10);
      assertVenlyError(await owner.transfer(), 403, "pincode.incorrect");
      assert.equal((await owner.transfer(transferBody, { ...owner.pin, value: "739164" })).status, 200);
    });
  });

  it("is compared under a rotated key, and kept under the new one from then on", async () => {
    const { body: sandbox } = await call("GET", `${issuer.url}/sandbox`);
    const rotate = (purpose: string) =>
      call("POST", `${sandbox.issuer.baseUrl}/keys/${purpose}/rotate`, { bearer: sandbox.issuer.apiKey });
    const owner = await partner.makeUser();
    assert.equal((await rotate("venly-signing-method")).status, 201);
    for (let time = 0; time < 2; time++) assert.equal((await owner.transfer()).status, 200);
    assertVenlyError(await owner.transfer(transferBody, { ...owner.pin, value: "000000" }), 403, "pincode.incorrect");
  });

  it("is taken under the key before a rotation until its overlap ends, and the newest stands first", async () => {
    const { body: sandbox } = await call("GET", `${issuer.url}/sandbox`);
    const [inTime, late] = [await user.sign(transferBody), await user.sign(transferBody)];
    const path = `${sandbox.issuer.baseUrl}/keys/venly/rotate`;
    const { body: rotated } = await call("POST", path, { bearer: sandbox.issuer.apiKey });
    const { body } = await call("GET", `${partner.baseUrl}/api/security`);
    assert.equal(body.result.encryptionKeys.length, 2);
    const [newest] = body.result.encryptionKeys;
    assert.deepEqual(
      [newest.id, newest.keyspec, newest.encryptionAlgorithm],
      [rotated.id, "RSA_2048", "RSAES_OAEP_SHA_256"],
    );
    assert.equal((await user.sendTransfer(transferBody, inTime)).status, 200);
    clock.aheadMs = 24 * 3_600_000 + 1000;
    try {
      const later = await VenlyPartner.create(issuer.url);
      const headers = { "encrypted-signing-method": late };
      const answer = await later.send("POST", "/api/transactions", transferBody, headers);
      assertVenlyError(answer, 400, "encryption.expired-key");
      const { body: keys } = await call("GET", `${partner.baseUrl}/api/security`);
      assert.equal(keys.result.encryptionKeys.length, 1);
    } finally {
      clock.aheadMs = 0;
    }
  });

  it("refuses wrong client credentials by RFC 6749, and takes no other grant", async () => {
    const { body: sandbox } = await call("GET", `${issuer.url}/sandbox`);
    const { venly } = sandbox;
    for (const wrong of [
      { ...venly, clientSecret: "wrong" },
      { ...venly, clientId: "sandbox-solaris" },
    ]) {
      const { status, body } = await fetchToken(wrong);
      assert.deepEqual([status, body.error], [401, "invalid_client"]);
    }
    const { clientSecret: _left, ...incomplete } = venly;
    const { status, body } = await fetchToken(incomplete);
    assert.deepEqual([status, body.error], [400, "invalid_request"]);
  });
});

function statusesOf(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function reversed(value: Record<string, Record<string, unknown>>): object {
  const { transactionRequest = {} } = value;
  return { transactionRequest: Object.fromEntries(Object.entries(transactionRequest).reverse()) };
}
