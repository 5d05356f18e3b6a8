import assert from "node:assert/strict";
import { constants, randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { LinchpinError } from "@linchpin/core";
import { makeSandboxFactory } from "@linchpin/sandbox";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { handMadePinChange } from "@linchpin/test-fixtures/messages/hand-made-adyen";
import { AdyenCardholder, assertAdyenError } from "@linchpin/testing/adyen";
import type { FastifyInstance } from "fastify";
import { createApp } from "../../../src/app.ts";
import type { Context } from "../../../src/context/context.ts";
import { protocolTable } from "../../../src/protocol-table.ts";
import { readSettings } from "../../../src/read-settings.ts";

/** Calls of store, vault and primitives that a request caused, in order; and which of them fail. */
const watch = { calls: [] as string[], failing: new Set<string>() };

describe("Adyen, with the issuer's store watched", () => {
  let app: FastifyInstance;
  let close: () => Promise<void>;
  let holder: AdyenCardholder;
  let publicKey: string;

  before(async () => {
    const embedded = await openOwnContext(() => new Date());
    let url = "";
    const context: Context = {
      ...embedded.context,
      store: watched("store", embedded.context.store),
      keyring: watched("keyring", embedded.context.keyring),
      primitives: watched("primitives", embedded.context.primitives),
      publicUrl: () => url,
    };
    const settings = readSettings({ LINCHPIN_MODE: "sandbox" });
    app = await createApp(context, {
      protocols: protocolTable,
      settings,
      sandbox: await makeSandboxFactory().open(context, { protocols: protocolTable, masterKey: randomBytes(32) }),
    });
    url = await app.listen({ port: 0 });
    close = embedded.close;
    holder = await AdyenCardholder.create(url);
    publicKey = (await holder.partner("GET", "/publicKey?purpose=pinChange")).body.publicKey;
    assert.equal((await holder.changePin("1928")).status, 200);
  });
  after(async () => {
    await app.close();
    await close();
  });

  /** What it took to answer. */
  async function workOf(request: object): Promise<string[]> {
    watch.calls = [];
    assertAdyenError(await holder.sendChange(request), 422, "31_021");
    // Who calls is remembered for a second: whether that is looked up says nothing of the request.
    return watch.calls.filter((call) => call !== "store.findCredentialBySecret");
  }

  it("does the same work for a wrong length, a wrong padding, a wrong key and a wrong block", async () => {
    const sessionKey = randomBytes(32);
    const handMade = (wrong: Parameters<typeof handMadePinChange>[2]) =>
      handMadePinChange(publicKey, holder.paymentInstrumentId, { sessionKey, ...wrong });
    const badBlock = await workOf(handMade({ digits: "284B" }));
    assert.ok(badBlock.includes("keyring.unwrapByAny") && badBlock.includes("primitives.decryptAesCbc"));
    const unpadded = Buffer.concat([Buffer.alloc(224), sessionKey]);
    for (const wrong of [
      { wrapped: sessionKey.subarray(1) },
      { wrapped: Buffer.concat([sessionKey, sessionKey]) },
      { wrapped: unpadded, padding: constants.RSA_NO_PADDING },
      { padding: constants.RSA_PKCS1_OAEP_PADDING },
      { wrapped: randomBytes(32) },
      { pinField: "0".repeat(32), sessionKey: randomBytes(32) },
    ])
      assert.deepEqual(await workOf(handMade(wrong)), badBlock);
  });

  for (const failing of ["store.changePin", "store.isReplayed", "keyring.seal", "keyring.unwrapByAny"])
    it(`answers unavailable when ${failing} can not be reached, and changes nothing`, async () => {
      const versionBefore = (await holder.card()).pin.version;
      const request = await holder.seal("2846");
      watch.failing = new Set([failing]);
      const answer = await holder.sendChange(request);
      watch.failing = new Set();
      assert.deepEqual([answer.status, answer.body], [200, { status: "unavailable" }]);
      assert.equal((await holder.card()).pin.version, versionBefore);
      assert.equal((await holder.sendChange(request)).status, 200, "the same request is good when they are back");
    });

  it("answers unavailable, with nothing done, when the store can not even say who calls, to a caller whom it knew", async () => {
    const versionBefore = (await holder.card()).pin.version;
    const request = await holder.seal("2846");
    const { request: revealRequest } = await holder.makeReveal();
    watch.failing = new Set(["store.findCredentialBySecret", "store.findCardByName"]);
    await setTimeout(1_100); // longer than a caller is remembered
    const answer = await holder.sendChange(request);
    const unknown = await holder.withApiKey("another").sendChange(request);
    const reveal = await holder.sendReveal(revealRequest);
    watch.failing = new Set();
    assert.deepEqual([answer.status, answer.body], [200, { status: "unavailable" }]);
    assertAdyenError(unknown, 503, "00_503");
    assertAdyenError(reveal, 503, "00_503");
    assert.equal((await holder.card()).pin.version, versionBefore);
  });

  it("answers a reveal 503 when the store can not be reached, without saying why", async () => {
    const { request } = await holder.makeReveal();
    watch.failing = new Set(["store.spend"]);
    const answer = await holder.sendReveal(request);
    watch.failing = new Set();
    assertAdyenError(answer, 503, "00_503");
    assert.ok(!JSON.stringify(answer.body).includes("gone"));
  });

  it("answers a reveal 503, and nothing of the PIN, when it can not be written down", async () => {
    const { request } = await holder.makeReveal();
    watch.calls = [];
    watch.failing = new Set(["store.appendAuditEvent"]);
    const answer = await holder.sendReveal(request);
    watch.failing = new Set();
    assertAdyenError(answer, 503, "00_503");
    assert.equal(answer.body.encryptedPinBlock, undefined);
  });
});

function watched<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get: (_target, member) => {
      const value = Reflect.get(target, member);
      if (typeof value !== "function") return value;
      return (...given: unknown[]) => {
        const call = `${name}.${String(member)}`;
        const failing = watch.calls.includes(call) ? [call, `${call} again`] : [call];
        watch.calls.push(call);
        if (failing.some((name) => watch.failing.has(name)))
          return Promise.reject(new LinchpinError("unavailable", { reason: "gone" }));
        return value.apply(target, given);
      };
    },
  });
}
