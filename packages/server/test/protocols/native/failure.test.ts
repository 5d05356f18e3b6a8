import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { makeRevealMessage } from "@linchpin/protocols/native/device";
import { makeSandboxFactory } from "@linchpin/sandbox";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { NativeCardholder, sealedMessage } from "@linchpin/testing/native";
import type { FastifyInstance } from "fastify";
import { createApp } from "../../../src/app.ts";
import type { Context } from "../../../src/context/context.ts";
import { publishManifest } from "../../../src/issuer-keys/index.ts";
import { protocolTable } from "../../../src/protocol-table.ts";
import { readSettings } from "../../../src/read-settings.ts";

describe("the native protocol, where the vault fails after the commit", () => {
  /** Methods of the keyring that fail, and with which code. */
  const failing = new Map<string, ConstructorParameters<typeof LinchpinError>[0]>();
  let app: FastifyInstance;
  let close: () => Promise<void>;
  let holder: NativeCardholder;

  before(async () => {
    const own = await openOwnContext(() => new Date());
    let url = "";
    const keyring = new Proxy(own.context.keyring, {
      get: (target, member) => {
        const value = Reflect.get(target, member);
        if (typeof value !== "function") return value;
        return (...given: unknown[]) => {
          const code = failing.get(String(member));
          return code === undefined ? value.apply(target, given) : Promise.reject(new LinchpinError(code));
        };
      },
    });
    const context: Context = { ...own.context, keyring, publicUrl: () => url };
    const settings = readSettings({ LINCHPIN_MODE: "sandbox" });
    app = await createApp(context, {
      protocols: protocolTable,
      settings,
      sandbox: await makeSandboxFactory().open(context, { protocols: protocolTable, masterKey: randomBytes(32) }),
    });
    url = await app.listen({ port: 0 });
    await publishManifest(context);
    close = own.close;
    holder = await NativeCardholder.create(url);
  });
  after(async () => {
    await app.close();
    await close();
  });

  const outcomesOf = async (operation: string) =>
    (await holder.auditEvents()).filter((event) => event.operation === operation).map(({ outcome }) => outcome);

  for (const code of ["unavailable", "key_unknown"] as const)
    test(`with ${code}: a change is made, its audit says nothing else, and the same message is answered later`, async () => {
      const key = await holder.bind();
      const session = await holder.session(await holder.wishOf("pin-change", key));
      const { version } = (await holder.card()).pin;
      const before = await outcomesOf("native.pin_change");
      const message = await sealedMessage(session, { pin: code === "unavailable" ? "1928" : "8264" }, key);
      failing.set("signWith", code);
      const lost = await holder.send(session, message);
      failing.clear();
      assert.deepEqual([lost.status, lost.body.code], [503, "unavailable"]);
      assert.equal((await holder.card()).pin.version, version + 1);
      assert.deepEqual(await outcomesOf("native.pin_change"), [...before, "done"]);
      const { outcome } = await holder.send(session, message);
      assert.equal(outcome?.result, "changed");
      assert.deepEqual(await outcomesOf("native.pin_change"), [...before, "done"]);
    });

  for (const op of ["pin-reveal", "card-reveal"] as const)
    test(`a ${op} that can not be opened is spent, and no refusal`, async () => {
      const key = await holder.bind();
      const session = await holder.session(await holder.wishOf(op, key));
      const message = await makeRevealMessage(primitives, session, key);
      failing.set("open", "decryption_failed");
      const lost = await holder.send(session, message);
      failing.clear();
      assert.deepEqual([lost.status, lost.body.code], [503, "unavailable"]);
      assert.deepEqual(await outcomesOf(op === "pin-reveal" ? "native.pin_reveal" : "native.card_reveal"), ["done"]);
      const again = await holder.send(session, message);
      assert.deepEqual([again.status, again.outcome?.result], [409, "revealed"]);
    });
});
