import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { Keyring } from "@linchpin/vault";
import Fastify from "fastify";
import type { Context } from "../../src/context/context.ts";
import { stopBeingReady } from "../../src/http/index.ts";
import { health } from "../../src/monitoring/health.ts";

describe("an issuer is", () => {
  let opened: Awaited<ReturnType<typeof openOwnContext>>;
  before(async () => {
    opened = await openOwnContext(() => new Date());
  });
  after(() => opened.close());

  const statusOf = async (path: string, context: Context) => {
    const app = Fastify();
    await app.register(health, { context });
    return (await app.inject(path)).statusCode;
  };
  const unavailable = () => Promise.reject(new LinchpinError("unavailable"));

  it("ready when the store and the vault answer", async () => {
    assert.equal(await statusOf("/health/ready", opened.context), 200);
  });

  it("not ready, yet live, without the vault", async () => {
    const { context } = opened;
    const purposes = { "card-pin": { algorithm: "A256GCM", gracePeriodMs: null } } as const;
    const auditKeyChange = () => ({ subject: "keys", cardId: null, occurredAt: new Date(), content: "{}" });
    const vault = { makeKey: unavailable, unwrap: unavailable, seal: unavailable, open: unavailable };
    const keyring = new Keyring({ vault, records: context.store, purposes, auditKeyChange });
    assert.equal(await statusOf("/health/ready", { ...context, keyring }), 503);
    assert.equal(await statusOf("/health/live", { ...context, keyring }), 200);
  });

  it("not ready, yet live, without the store", async () => {
    const { context } = opened;
    const store = { ...context.store, ping: unavailable };
    assert.equal(await statusOf("/health/ready", { ...context, store }), 503);
    assert.equal(await statusOf("/health/live", { ...context, store }), 200);
  });

  it("not ready, yet live, while the server is stopped of which it tells", async () => {
    const server = {};
    const app = Fastify();
    await app.register(health, { context: opened.context, server });
    assert.equal((await app.inject("/health/ready")).statusCode, 200);
    stopBeingReady(server);
    assert.equal((await app.inject("/health/ready")).statusCode, 503);
    assert.equal((await app.inject("/health/live")).statusCode, 200);
  });

  it("says when to ask again", async () => {
    const { context } = opened;
    const app = Fastify();
    await app.register(health, { context: { ...context, store: { ...context.store, ping: unavailable } } });
    assert.equal((await app.inject("/health/ready")).headers["retry-after"], "1");
  });
});
